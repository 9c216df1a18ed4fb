// What it costs that a session is on a member: screens, inputs and echoes through the hub, beside the same asked of the hub's own
// session, and beside a bare Node reverse proxy before the member.
import { join } from "node:path";
import { startFleet } from "../tests/harness/fleet.ts";
import type { TestServer } from "../tests/harness/server.ts";
import { typeKeys, viewedSession } from "./echo-terminal.ts";
import { type LoadOrder, load } from "./load.ts";
import { alternate } from "./measure.ts";
import { Program } from "./program.ts";
import { argv, SWALLOW } from "./programs.ts";
import type { Line } from "./table.ts";

const ROUNDS = 5;
const KEYS = 250;
const PAUSE_MS = 4;
const LOAD = { connections: 16, durationMs: 1_500 } as const;

type Asked = Pick<LoadOrder, "method" | "path" | "body">;
const SCREEN: Asked = { method: "GET", path: "/screen", body: "" };
const INPUT: Asked = { method: "POST", path: "/input", body: "x" };

export async function hub(): Promise<Line[]> {
  await using fleet = await startFleet({ members: ["far"] });
  const member = fleet.member("far");
  const proxySocket = join(fleet.hub.home.root, "proxy.sock");
  await using _proxy = await Program.start("peers/reverse-proxy.ts", proxySocket, member.socketPath);
  for (const [name, server] of [
    ["near", "local"],
    ["away", "far"],
  ] as const) {
    await fleet.hub.ask({ path: "/sessions", body: { name, argv: argv(SWALLOW), server } });
  }
  const lines: Line[] = [];
  for (const [says, asked] of [
    ["screen", SCREEN],
    ["input", INPUT],
  ] as const) {
    const loads = (socketPath: string, session: string) => () =>
      load({ ...LOAD, ...asked, socketPath, path: `/sessions/${session}${asked.path}` });
    lines.push(
      ...(await measure(`HTTP \`${says}\` of a member's session through its hub, 16 connections`, {
        far: loads(fleet.hub.socketPath, "away"),
        near: loads(fleet.hub.socketPath, "near"),
        proxied: loads(proxySocket, "away"),
      })),
    );
  }
  lines.push(await echoes(fleet.hub));
  return lines;
}

async function measure(
  says: string,
  contenders: Readonly<
    Record<"far" | "near" | "proxied", () => Promise<{ perSecond: number; p50: number; p99: number }>>
  >,
): Promise<Line[]> {
  await alternate(1, contenders);
  const { far, near, proxied } = await alternate(ROUNDS, contenders);
  const figures = (of: "perSecond" | "p50" | "p99") => ({
    fleetty: far[of],
    beside: { "bare reverse proxy": proxied[of], "the hub's own session": near[of] },
  });
  return [
    {
      measure: says,
      unit: "/s",
      ...figures("perSecond"),
      aim: { is: "at least", bound: 0.5, times: "bare reverse proxy" },
    },
    {
      measure: `${says}, p50`,
      unit: "ms",
      fleetty: far.p50,
      beside: { "the hub's own session": near.p50, "bare reverse proxy": proxied.p50 },
      aim: { is: "at most", bound: 2.5, times: "the hub's own session" },
    },
    { measure: `${says}, p99`, unit: "ms", ...figures("p99") },
  ];
}

async function echoes(server: TestServer): Promise<Line> {
  using far = await viewedSession(server, { name: "echo-away", server: "far" });
  using near = await viewedSession(server, { name: "echo-near" });
  const contenders = { far: () => typeKeys(far, KEYS, PAUSE_MS), near: () => typeKeys(near, KEYS, PAUSE_MS) };
  await alternate(1, contenders);
  const ended = await alternate(ROUNDS, contenders);
  return {
    measure: "keystroke to its echo at a WebSocket viewer of a member's session, typed 4 ms apart, p50",
    unit: "ms",
    fleetty: ended.far.p50,
    beside: { "the hub's own session": ended.near.p50 },
    aim: { is: "at most", bound: 2.5, times: "the hub's own session" },
  };
}
