// How many 1-byte inputs a second are acknowledged as written by the host, beside a bare Node HTTP server that asks one other
// process over a unix socket: one that only answers, and one that writes to a terminal of its own first.
import { join } from "node:path";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { load } from "./load.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import { argv, SWALLOW } from "./programs.ts";
import type { Line } from "./table.ts";

const PATH = "/sessions/swallow/input";
const ROUNDS = 5;
const ORDER = { method: "POST", path: PATH, body: "x", connections: 16, durationMs: 1_500 } as const;

export async function input(): Promise<Line[]> {
  await using server = await startServer();
  await server.ask({ path: "/sessions", body: { name: "swallow", argv: argv(SWALLOW) } });
  await using hop = await startHop(server, "answer");
  await using writing = await startHop(server, "write");
  const contenders = {
    fleetty: loads(server.socketPath),
    hop: loads(hop.socketPath),
    writing: loads(writing.socketPath),
  };
  await alternate(1, contenders);
  const { fleetty, hop: plain, writing: full } = await alternate(ROUNDS, contenders);
  const measure = "1-byte `input` acknowledged as written, 16 connections";
  const figures = (of: "perSecond" | "p50" | "p99") => ({
    fleetty: fleetty[of],
    beside: { "bare hop": plain[of], "bare hop and terminal": full[of] },
  });
  return [
    { measure, unit: "/s", ...figures("perSecond"), aim: { is: "at least", bound: 0.6, times: "bare hop" } },
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

function loads(socketPath: string) {
  return () => load({ ...ORDER, socketPath });
}
