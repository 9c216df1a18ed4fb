// How many inputs a second are acknowledged as written by the host: bytes, a named key, and a paste in brackets; beside a bare
// Node HTTP server that asks one other process over a unix socket for the same bodies: one that only answers, and one that
// writes to a terminal of its own first.
import { join } from "node:path";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { type LoadResult, load } from "./load.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import { argv, SWALLOW_PASTES } from "./programs.ts";
import type { Line } from "./table.ts";

const ROUNDS = 5;
const CONNECTIONS = 16;
const DURATION_MS = 700;
/** Pasted by hand or by an agent: some lines of text, as long as one of a command may be and a prompt usually is. */
const PASTE = "a line of text that somebody pastes into a terminal, twice\n".repeat(35);

const SENDS = {
  input: { says: "1-byte `input`", body: "x", aim: { is: "at least", bound: 0.6, times: "bare hop" } },
  keys: {
    says: "`keys` of one named key",
    body: JSON.stringify({ keys: ["Up"] }),
    aim: { is: "at least", bound: 0.8, times: "our `input`" },
  },
  paste: {
    says: "`paste` of 2 KiB in brackets",
    body: JSON.stringify({ text: PASTE, bracketed: "require" }),
    aim: { is: "at least", bound: 0.5, times: "our `input`" },
  },
} as const;

type Send = keyof typeof SENDS;
type Results = Readonly<Record<Send, LoadResult>>;

export async function input(): Promise<Line[]> {
  await using server = await startServer();
  await server.ask({ path: "/sessions", body: { name: "swallow", argv: argv(SWALLOW_PASTES) } });
  await server.ask({ path: "/sessions/swallow/wait", body: { until: { pattern: { regex: "ready" } } } });
  await using hop = await startHop(server, "answer");
  await using writing = await startHop(server, "write");
  const at = { fleetty: server.socketPath, hop: hop.socketPath, writing: writing.socketPath };
  const contenders = Object.fromEntries(
    Object.entries(at).flatMap(([who, socketPath]) => eachSend((send) => [`${who} ${send}`, loads(socketPath, send)])),
  );
  await alternate(1, contenders);
  const results = (await alternate(ROUNDS, contenders)) as Record<string, LoadResult>;
  const of = (who: keyof typeof at) =>
    Object.fromEntries(eachSend((send) => [send, results[`${who} ${send}`]])) as unknown as Results;
  const [ours, plain, full] = [of("fleetty"), of("hop"), of("writing")];
  return eachSend((send) => linesOf(send, { ours, plain, full })).flat();
}

function eachSend<T>(make: (send: Send) => T): T[] {
  return (Object.keys(SENDS) as Send[]).map(make);
}

function linesOf(send: Send, { ours, plain, full }: Readonly<Record<"ours" | "plain" | "full", Results>>): Line[] {
  const measure = `${SENDS[send].says} acknowledged as written, ${CONNECTIONS} connections`;
  const figures = (of: keyof LoadResult) => ({
    fleetty: ours[send][of],
    beside: {
      "bare hop": plain[send][of],
      "bare hop and terminal": full[send][of],
      ...(send !== "input" && { "our `input`": ours.input[of] }),
    },
  });
  return [
    { measure, unit: "/s", ...figures("perSecond"), aim: SENDS[send].aim },
    { measure: `${measure}, p50`, unit: "ms", ...figures("p50") },
    { measure: `${measure}, p99`, unit: "ms", ...figures("p99") },
  ];
}

/** Both processes of a hop, ended together. */
async function startHop(server: TestServer, mode: "answer" | "write") {
  const socketPath = join(server.home.root, `hop-${mode}.sock`);
  const endPath = join(server.home.root, `end-${mode}.sock`);
  const end = await Program.start("peers/hop-end.ts", endPath, mode);
  const front = await Program.start("peers/one-hop.ts", socketPath, endPath);
  const stack = new AsyncDisposableStack();
  stack.use(end);
  stack.use(front);
  return Object.assign(stack, { socketPath });
}

function loads(socketPath: string, send: Send) {
  const order = { method: "POST", connections: CONNECTIONS, durationMs: DURATION_MS, socketPath } as const;
  const type = send === "input" ? {} : { type: "application/json" };
  return () => load({ ...order, ...type, path: `/sessions/swallow/${send}`, body: SENDS[send].body });
}
