// What a large fleet costs its hub: one list and one wait over all members beside the same sessions on one server, with a member
// that does not answer, memory for each member and session, and how soon a loss and a return are noticed. Members are emulated,
// but for those that are killed.
import { setTimeout as pause } from "node:timers/promises";
import { register, someAtOnce } from "../tests/harness/emulated-members.ts";
import { startFleet } from "../tests/harness/fleet.ts";
import { fixture } from "../tests/harness/programs.ts";
import { startServer, type TestServer } from "../tests/harness/server.ts";
import { TestSession } from "../tests/harness/session.ts";
import { waitUntil } from "../tests/harness/wait-until.ts";
import { quietCpuPercent, settledPssKib } from "./footprint.ts";
import { alternate, latency, timed } from "./measure.ts";
import type { MembersAnswer, MembersOrder } from "./peers/members.ts";
import { Program } from "./program.ts";
import type { Line } from "./table.ts";

const SOME = { members: 50, sessions: 20 } as const;
const MANY = { members: 1_000, sessions: 2 } as const;
const ROUNDS = 5;
const LISTS_A_ROUND = 20;
const LOSSES = 7;
const WAITS_A_ROUND = 5;
/** The session of the fleet that something happens to. */
const TELLS = { member: 7, session: 3 } as const;
/** Nobody can see from outside that a wait has reached all of its sessions; it takes a tenth of this. */
const REACHED_MS = 500;

export async function fleet(): Promise<Line[]> {
  return [...(await lists()), ...(await waits()), ...(await large()), ...(await losses())];
}

/** A hub with that many members, all healthy. */
async function emulated({ members, sessions }: { readonly members: number; readonly sessions: number }) {
  const stack = new AsyncDisposableStack();
  const hub = stack.use(await startServer());
  const alone = await settledPssKib([hub.pid]);
  const program = stack.use(await Program.start("peers/members.ts"));
  const order = (one: MembersOrder) => program.ask<MembersAnswer>(one);
  const { port } = await order({ listen: { members, sessions } });
  await register(hub, { port, members });
  await waitUntil("all are healthy", () => isWell(hub), { deadlineMs: 120_000 });
  return { hub, order, aloneKib: alone[0] as number, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function isWell(hub: TestServer): Promise<boolean> {
  const { json } = await hub.ask({ path: "/servers" });
  return json.every(({ health }: { health: string }) => health === "healthy");
}

async function lists(): Promise<Line[]> {
  const total = SOME.members * SOME.sessions;
  await using fleet = await emulated(SOME);
  await using one = await startServer({ args: ["--max-sessions", `${total}`] });
  await fill(one, total);
  const asking = (server: TestServer, expected: number) => async () => {
    const samplesMs: number[] = [];
    for (let n = 0; n < LISTS_A_ROUND; n += 1) {
      samplesMs.push(
        await timed(async () => {
          const { json } = await server.ask({ path: "/sessions" });
          if (json.length !== expected) throw new Error(`${json.length} of ${expected} sessions are listed`);
        }),
      );
    }
    return latency(samplesMs);
  };
  const contenders = { fleet: asking(fleet.hub, total), one: asking(one, total) };
  await alternate(1, contenders);
  const ended = await alternate(ROUNDS, contenders);
  const measure = `\`GET /sessions\` over ${SOME.members} members of ${SOME.sessions} sessions, p50`;
  const beside = { "one server with them all": ended.one.p50 };
  await fleet.order({ freeze: 7 });
  let named: unknown;
  const frozenMs = await timed(async () => {
    named = (await fleet.hub.ask({ path: "/sessions" })).headers["fleetty-partial"];
  });
  if (named !== "m-7") throw new Error(`the frozen member is not named, but ${named}`);
  return [
    { measure, unit: "ms", fleetty: ended.fleet.p50, beside, aim: { is: "at most", bound: 60 } },
    {
      measure: `${measure}, beside one server`,
      unit: "ms",
      fleetty: ended.fleet.p50,
      beside,
      aim: { is: "at most", bound: 2, times: "one server with them all" },
    },
    {
      measure: "the same while one member does not answer, which is named",
      unit: "ms",
      fleetty: frozenMs,
      beside: {},
      aim: { is: "at most", bound: 2_100 },
    },
  ];
}

async function fill(server: TestServer, sessions: number): Promise<void> {
  await someAtOnce(sessions, async () => {
    await server.ask({ path: "/sessions", body: { argv: ["sleep", "1000000"] } });
  });
}

/** One wait over all sessions for a pattern, which the screen of one of them shows already, or shows while it is waited for. */
async function waits(): Promise<Line[]> {
  const total = SOME.members * SOME.sessions;
  await using fleet = await emulated(SOME);
  await using one = await startServer({ args: ["--max-sessions", `${total}`] });
  await fill(one, total - 1);
  const teller = await TestSession.start(one.socketPath, "tells", { argv: [fixture("say")], ready: "ready" });
  const { order } = fleet;
  let told = 0;
  const inFleet: Waited = {
    server: fleet.hub,
    pattern: () => "settled",
    tell: () => order({ settle: TELLS }),
    forget: () => order({ unsettle: TELLS }),
  };
  const onOne: Waited = {
    server: one,
    pattern: () => `^told-${told}$`,
    tell: () => teller.type(`told-${told}\\n\n`),
    forget: async () => {
      told += 1;
    },
  };
  const contenders = {
    settledInFleet: () => settledBefore(inFleet),
    settledOnOne: () => settledBefore(onOne),
    toldInFleet: () => settledBy(inFleet),
    toldOnOne: () => settledBy(onOne),
  };
  await alternate(1, contenders);
  const ended = await alternate(ROUNDS, contenders);
  const over = `over ${SOME.members} members of ${SOME.sessions} sessions`;
  const row = (measure: string, { inFleet: own, onOne: peer }: { inFleet: number; onOne: number }): Line => ({
    measure,
    unit: "ms",
    fleetty: own,
    beside: { "one server with them all": peer },
    aim: { is: "at most", bound: 2, times: "one server with them all" },
  });
  return [
    row(`\`POST /wait\` ${over}, one of which has settled before, p50`, {
      inFleet: ended.settledInFleet.p50,
      onOne: ended.settledOnOne.p50,
    }),
    row(`from an event in one session to the answer of a \`POST /wait\` ${over}, p50`, {
      inFleet: ended.toldInFleet.p50,
      onOne: ended.toldOnOne.p50,
    }),
  ];
}

/** A server whose sessions are waited for, and the one of them to which it happens. */
interface Waited {
  readonly server: TestServer;
  readonly pattern: () => string;
  readonly tell: () => Promise<unknown>;
  readonly forget: () => Promise<unknown>;
}

async function settledBefore(waited: Waited) {
  await waited.tell();
  const samplesMs: number[] = [];
  for (let n = 0; n < WAITS_A_ROUND; n += 1) samplesMs.push(await timed(() => waitFor(waited)));
  await waited.forget();
  return latency(samplesMs);
}

async function settledBy(waited: Waited) {
  const samplesMs: number[] = [];
  for (let n = 0; n < WAITS_A_ROUND; n += 1) {
    const waiting = waitFor(waited);
    await pause(REACHED_MS);
    samplesMs.push(
      await timed(async () => {
        await waited.tell();
        await waiting;
      }),
    );
    await waited.forget();
  }
  return latency(samplesMs);
}

async function waitFor({ server, pattern }: Waited): Promise<void> {
  const until = { pattern: { regex: pattern(), on: "screen" } };
  const { json } = await server.ask({ path: "/wait", body: { select: { on: "*" }, until, coalesce_ms: 0 } });
  const { events, counts } = json;
  const isRight = events?.length === 1 && counts.selected === SOME.members * SOME.sessions;
  if (!isRight) throw new Error(`not what was waited for: ${JSON.stringify(json).slice(0, 500)}`);
}

/** What 1,000 members add to a hub; a session is what members of two cost beyond members of none. */
async function large(): Promise<Line[]> {
  const empty = await costOf({ ...MANY, sessions: 0 });
  const full = await costOf(MANY);
  const eachSession = (full.kib - empty.kib) / (MANY.members * MANY.sessions);
  return [
    {
      measure: `memory of the hub for each of ${MANY.members} members`,
      unit: "KiB",
      fleetty: empty.kib / MANY.members,
      beside: {},
      aim: { is: "at most", bound: 64 },
    },
    {
      measure: "memory of the hub for each session that a member has",
      unit: "KiB",
      fleetty: Math.max(0, eachSession),
      beside: {},
      aim: { is: "at most", bound: 8 },
    },
    {
      measure: `CPU of the hub while ${MANY.members} members of ${MANY.sessions} sessions are quiet`,
      unit: "%",
      fleetty: full.cpuPercent,
      beside: {},
      aim: { is: "at most", bound: 5 },
    },
  ];
}

async function costOf(size: { readonly members: number; readonly sessions: number }) {
  await using fleet = await emulated(size);
  const { hub, aloneKib } = fleet;
  const [kib = 0] = await settledPssKib([hub.pid]);
  return { kib: kib - aloneKib, cpuPercent: await quietCpuPercent([hub.pid]) };
}

/** A member that is killed, and started again on the same port. */
async function losses(): Promise<Line[]> {
  await using fleet = await startFleet({ members: ["far"] });
  const member = fleet.member("far");
  const { port } = await member.tcp();
  await fleet.hub.ask({ path: "/sessions", body: { name: "kept", argv: ["sleep", "1000000"], server: "far" } });
  const becomes = (health: string) => timed(() => fleet.becomes("far", health));
  const lostMs: number[] = [];
  const backMs: number[] = [];
  for (let n = 0; n < LOSSES; n += 1) {
    const lost = becomes("unavailable");
    await member.kill();
    lostMs.push(await lost);
    await member.start(["--bind", `127.0.0.1:${port}`]);
    backMs.push(await becomes("healthy"));
    const { status } = await fleet.hub.ask({ path: "/sessions/kept" });
    if (status !== 200) throw new Error("the session is not found when its server is healthy");
  }
  return [
    {
      measure: "from killing a member to `unavailable`, p50",
      unit: "ms",
      fleetty: latency(lostMs).p50,
      beside: {},
      aim: { is: "at most", bound: 100 },
    },
    {
      measure: "from its return to `healthy` with its sessions, waits between dials included, p50",
      unit: "ms",
      fleetty: latency(backMs).p50,
      beside: {},
      aim: { is: "at most", bound: 1_500 },
    },
  ];
}
