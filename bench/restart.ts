// How long a crash of the server is felt: from `kill -9` with 200 sessions to all of them listed and answering again.
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { alternate, timed } from "./measure.ts";
import type { Line } from "./table.ts";

const SESSIONS = 200;
const ROUNDS = 3;
/** Screens asked for at once, as a dashboard or a script would. */
const AT_ONCE = 16;

export async function restart(): Promise<Line[]> {
  await using server = await startServer();
  for (let i = 0; i < SESSIONS; i++) {
    await server.ask({ path: "/sessions", body: { argv: ["sh", "-c", `echo session ${i}; exec sleep 1000000`] } });
  }
  await answering(server);
  const { fleetty } = await alternate(ROUNDS, { fleetty: async () => ({ ms: await timed(() => crash(server)) }) });
  return [
    {
      measure: `\`kill -9\` of the server with ${SESSIONS} sessions to all listed and answering`,
      unit: "ms",
      fleetty: fleetty.ms,
      beside: {},
      aim: { is: "at most", bound: 1_500 },
    },
  ];
}

async function crash(server: TestServer): Promise<void> {
  await server.kill();
  await server.start();
  await answering(server);
}

/** Throws unless every session is listed as running and its screen comes. */
async function answering(server: TestServer): Promise<void> {
  const { json } = await server.ask({ path: "/sessions" });
  const running = (json as { id: string; state: string }[]).filter(({ state }) => state === "running");
  if (running.length !== SESSIONS) throw new Error(`${running.length} of ${SESSIONS} sessions are listed as running`);
  while (running.length > 0) await Promise.all(running.splice(0, AT_ONCE).map(({ id }) => readScreen(server, id)));
}

async function readScreen(server: TestServer, id: string): Promise<void> {
  const { status, json } = await server.ask({ path: `/sessions/${id}/screen` });
  if (status !== 200 || json.rows !== 24) throw new Error(`the screen of ${id} answers ${status}`);
}
