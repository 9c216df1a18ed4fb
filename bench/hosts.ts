// What a session feels while each of four others floods: over the session hosts that the server starts by itself, and beside
// it with one host for all of them.
import { hostOf, seenHosts } from "../tests/harness/hosts.ts";
import { fixture } from "../tests/harness/programs.ts";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";
import { typeKeys, viewedSession } from "./echo-terminal.ts";
import { alternate } from "./measure.ts";
import type { Line } from "./table.ts";

const FLOODS = ["one", "two", "three", "four"] as const;
const ROUNDS = 3;
const KEYS = 250;
const PAUSE_MS = 4;
/** Of its last 10 s: from there on another host is looked for. */
const BUSY = 0.5;

export async function hosts(): Promise<Line[]> {
  const { several, one } = await alternate(ROUNDS, {
    several: () => amidFloods([]),
    one: () => amidFloods(["--session-hosts", "1"]),
  });
  const line = (of: "p50" | "p99") => ({
    measure: `keystroke to echo while each of ${FLOODS.length} other sessions floods, ${of}`,
    unit: "ms",
    fleetty: several[of],
    beside: { "--session-hosts 1": one[of] },
  });
  return [
    {
      measure: "session hosts in that run",
      unit: "count",
      fleetty: several.hosts,
      beside: { "--session-hosts 1": one.hosts },
    },
    line("p50"),
    { ...line("p99"), aim: { is: "at most", bound: 20 } },
  ];
}

async function amidFloods(args: readonly string[]) {
  await using server = await startServer({ args });
  for (const name of FLOODS) await flood(server, name);
  using echo = await viewedSession(server);
  const figures = await typeKeys(echo, KEYS, PAUSE_MS);
  return { ...figures, hosts: (await seenHosts(server)).length };
}

/** One after the other, as terminals are opened in life: each is placed by what those before it do. */
async function flood(server: TestServer, name: string): Promise<void> {
  await server.ask({ path: "/sessions", body: { name, argv: [fixture("flood")] } });
  await waitUntil("its host is busy", async () => ((await hostOf(server, name)).busy ?? 0) > BUSY, {
    deadlineMs: 120_000,
    seen: () => seenHosts(server),
  });
}
