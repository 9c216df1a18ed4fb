// What it takes to tell one client what changes in many sessions: a JSON WebSocket of the fleet with a hundred subscriptions, of
// which ten print all the time and the others are quiet.
import { join } from "node:path";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { cpuMs } from "./footprint.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import { argv, SLEEP } from "./programs.ts";
import type { Subscribed, SubscriberOrder } from "./subscriber.ts";
import type { Line } from "./table.ts";
import { TICK_MS } from "./ticker.ts";

const SESSIONS = 100;
const PRINTING = 10;
const INTERVAL_MS = 100;
const FOR_MS = 10_000;
const ROUNDS = 3;
const TICKER = [process.execPath, join(import.meta.dirname, "ticker.ts")];

interface Told extends Subscribed {
  readonly serverCpu: number;
  readonly hostCpu: number;
}

export async function subscriptions(): Promise<Line[]> {
  await using server = await startServer();
  const sessions = await Promise.all(
    Array.from({ length: SESSIONS }, (_, at) => begin(server, at < PRINTING ? TICKER : argv(SLEEP))),
  );
  const { told } = await alternate(ROUNDS, { told: () => tell(server, sessions) });
  const says = `one JSON WebSocket, ${SESSIONS} subscriptions of which ${PRINTING} print each ${TICK_MS} ms, at most each ${INTERVAL_MS} ms`;
  return [
    { measure: `${says}: lines told`, unit: "/s", fleetty: told.perSecond, beside: {} },
    { measure: `${says}: delay above that time, p50`, unit: "ms", fleetty: told.p50, beside: {} },
    {
      measure: `${says}: delay above that time, p99`,
      unit: "ms",
      fleetty: told.p99,
      beside: {},
      aim: { is: "at most", bound: 30 },
    },
    { measure: `${says}: CPU of the server`, unit: "%", fleetty: told.serverCpu, beside: {} },
    { measure: `${says}: CPU of the session host`, unit: "%", fleetty: told.hostCpu, beside: {} },
  ];
}

async function begin(server: TestServer, program: readonly string[]): Promise<string> {
  return (await server.ask({ path: "/sessions", body: { argv: program } })).json.id;
}

async function tell(server: TestServer, sessions: readonly string[]): Promise<Told> {
  const hosts = server.hosts().map(({ pid }) => pid);
  const used = () => [server.pid, ...hosts].map(cpuMs);
  const before = used();
  const order: SubscriberOrder = {
    ...{ socketPath: server.socketPath, sessions, intervalMs: INTERVAL_MS, forMs: FOR_MS },
  };
  const told = await Program.run<Subscribed>("subscriber.ts", order);
  const [serverMs = 0, ...hostMs] = used().map((ms, at) => ms - (before[at] ?? 0));
  const share = (ms: number) => (ms / FOR_MS) * 100;
  return { ...told, serverCpu: share(serverMs), hostCpu: share(hostMs.reduce((sum, ms) => sum + ms, 0)) };
}
