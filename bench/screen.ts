// How many screens a second a quiet session's screen can be read over HTTP, beside a bare Node server that answers the same
// bytes: once with nothing but type and length, once with every header of ours.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "../tests/harness/http.ts";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { colouredLog } from "./coloured-log.ts";
import { type LoadOrder, load } from "./load.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";

const PATH = "/sessions/full/screen";
const ROUNDS = 5;
const ORDER = { method: "GET", path: PATH, body: "", connections: 16, durationMs: 1_500 } as const;

export async function screen(): Promise<Line[]> {
  await using server = await startServer();
  const answer = await fullScreen(server);
  await using bare = await startPeer(server, "bare", answer, ["content-type", "content-length"]);
  await using dressed = await startPeer(server, "dressed", answer, Object.keys(answer.headers));
  const contenders = {
    fleetty: loads(server.socketPath),
    bare: loads(bare.socketPath),
    dressed: loads(dressed.socketPath),
  };
  await alternate(1, contenders);
  const { fleetty, bare: plain, dressed: full } = await alternate(ROUNDS, contenders);
  const measure = "HTTP `screen`, full 80×24, quiet, 16 connections";
  const figures = (of: "perSecond" | "p50" | "p99") => ({
    fleetty: fleetty[of],
    beside: { "bare server": plain[of], "bare server, our headers": full[of] },
  });
  return [
    {
      measure,
      unit: "/s",
      ...figures("perSecond"),
      aim: { is: "at least", bound: 0.5, times: "bare server" },
    },
    { measure: `${measure}, p50`, unit: "ms", ...figures("p50") },
    { measure: `${measure}, p99`, unit: "ms", ...figures("p99") },
  ];
}

/** A session whose screen is full of coloured lines and rests; the screen as it is answered. */
async function fullScreen(server: TestServer): Promise<Answer> {
  const file = join(server.home.root, "log");
  writeFileSync(file, colouredLog(200));
  const argv = ["sh", "-c", `cat ${file}; exec sleep 1000000`];
  await server.ask({ path: "/sessions", body: { name: "full", argv } });
  await server.ask({ path: "/sessions/full/wait", body: { until: { idle: { timeout_ms: 300 } } } });
  const answer = await server.ask({ path: PATH });
  const blank = (answer.json.lines as unknown[][]).filter((line) => line.length === 0).length;
  if (answer.json.rows !== 24 || blank > 0) throw new Error(`the screen is not full: ${answer.body}`);
  return answer;
}

async function startPeer(server: TestServer, name: string, answer: Answer, headers: readonly string[]) {
  const socketPath = join(server.home.root, `${name}.sock`);
  const file = join(server.home.root, `${name}.json`);
  const own = new Set(["date", "connection", "keep-alive"]);
  const kept = Object.entries(answer.headers).filter(([header]) => headers.includes(header) && !own.has(header));
  writeFileSync(file, JSON.stringify({ headers: Object.fromEntries(kept), body: answer.body.toString() }));
  return Object.assign(await Program.start("peers/same-answer.ts", socketPath, file), { socketPath });
}

function loads(socketPath: string) {
  const order: LoadOrder = { ...ORDER, socketPath };
  return () => load(order);
}
