// What it takes when very many watch one session: how old a line and a burst are when they come to each viewer, what does not
// come, and what a viewer costs the server and the session host; beside fewer viewers, and a bare relay that sends all that
// a terminal prints to as many WebSockets.
import { join } from "node:path";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { STEADY } from "./beat.ts";
import type { CrowdOrder, Watched } from "./crowd.ts";
import { cpuMs, pssKib, sum } from "./footprint.ts";
import { alternate, timed } from "./measure.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";

const MANY = 1_000;
const FEW = 64;
const ROUNDS = 3;
const BEAT = [process.execPath, join(import.meta.dirname, "beat.ts")] as const;

interface Cost {
  readonly attachMs: number;
  /** Of the processes that serve, while all is watched. */
  readonly cpuMs: number;
  readonly hostCpuMs: number;
  /** By which those processes grew from before the viewers to the end. */
  readonly grownKib: number;
}

export async function viewers(): Promise<Line[]> {
  const most = String(MANY + 1);
  await using server = await startServer({ args: ["--max-session-viewers", most, "--max-viewers", most] });
  const { one, few, many, relay } = await alternate(ROUNDS, {
    one: () => watched(server, 1),
    few: () => watched(server, FEW),
    many: () => watched(server, MANY),
    relay: () => relayed(server, MANY),
  });
  const says = `${MANY} viewers of one session`;
  const beside = (of: keyof Watched | "attachMs" | "cpuMs") => ({
    fleetty: many[of],
    beside: { [`bare relay, ${MANY}`]: relay[of], [`${FEW} viewers`]: few[of], "1 viewer": one[of] },
  });
  const aim = { is: "at most", bound: 2, times: `bare relay, ${MANY}` } as const;
  const each = (figures: Cost) => (figures.cpuMs - one.cpuMs) / MANY;
  return [
    { measure: `${MANY} viewers attach to one session`, unit: "ms", ...beside("attachMs") },
    {
      measure: `${says}: age of a line, ${1_000 / STEADY.everyMs} a second, p50`,
      unit: "ms",
      ...beside("steadyP50"),
      aim,
    },
    { measure: `${says}: age of a line, p99`, unit: "ms", ...beside("steadyP99"), aim },
    { measure: `${says}: age of a burst of 64 KiB, p50`, unit: "ms", ...beside("burstP50"), aim },
    { measure: `${says}: age of a burst of 64 KiB, p99`, unit: "ms", ...beside("burstP99"), aim },
    {
      measure: `${says}: missed or repeated without a word`,
      unit: "bytes",
      fleetty: many.undeclaredBytes,
      beside: {},
      aim: { is: "at most", bound: 0 },
    },
    { measure: `${says}: missed and declared`, unit: "bytes", fleetty: many.declaredBytes, beside: {} },
    {
      measure: "CPU of server and host for each further viewer of those lines and bursts",
      unit: "ms",
      fleetty: each(many),
      beside: { "bare relay": each(relay) },
      aim: { is: "at most", bound: 2, times: "bare relay" },
    },
    {
      measure: `CPU of the host alone, ${MANY} viewers`,
      unit: "ms",
      fleetty: many.hostCpuMs,
      beside: { "1 viewer": one.hostCpuMs },
    },
    {
      measure: "PSS of server and host for each further viewer",
      unit: "KiB",
      fleetty: (many.grownKib - one.grownKib) / MANY,
      beside: { "bare relay": relay.grownKib / MANY },
    },
  ];
}

async function watched(server: TestServer, count: number): Promise<Watched & Cost> {
  const { json: session } = await server.ask({ path: "/sessions", body: { argv: BEAT } });
  await server.ask({ path: `/sessions/${session.id}/wait`, body: { until: { pattern: { regex: "ready" } } } });
  const pids = [server.pid, ...server.hosts().map(({ pid }) => pid)];
  return await served(pids, { viewers: count, socketPath: server.socketPath, session: session.id });
}

/** Each has a socket of its own. */
let relays = 0;

async function relayed(server: TestServer, count: number): Promise<Watched & Cost> {
  relays += 1;
  const socketPath = join(server.home.root, `broadcast-${relays}.sock`);
  await using relay = await Program.start("peers/broadcast.ts", socketPath, ...BEAT);
  return await served([relay.pid], { viewers: count, socketPath, session: null });
}

type Attach = Omit<Extract<CrowdOrder, { act: "attach" }>, "act">;

async function served(pids: readonly number[], attach: Attach): Promise<Watched & Cost> {
  await using crowd = await Program.start("crowd.ts");
  const kib = () => sum(pids.map(pssKib));
  const beforeKib = kib();
  const attachMs = await timed(() => crowd.ask({ act: "attach", ...attach }));
  const before = pids.map(cpuMs);
  const seen = await crowd.ask<Watched>({ act: "watch" });
  const used = pids.map((pid, at) => cpuMs(pid) - (before[at] ?? 0));
  const grownKib = Math.max(0, kib() - beforeKib);
  return { ...seen, attachMs, cpuMs: sum(used), hostCpuMs: sum(used.slice(1)), grownKib };
}
