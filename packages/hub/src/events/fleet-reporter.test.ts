// What of the fleet's own news is written to the log, and as what: over a fleet of stand-ins, whose health a test decides.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { madeSession } from "../fleet/fixtures/made-session.ts";
import type { FleetNews, OwnNews } from "../fleet/fleet-news.ts";
import type { NewEvent } from "./event-log.ts";
import { FleetReporter, type FleetReporterOptions } from "./fleet-reporter.ts";

const CREATED = "2026-03-02T09:00:00.000Z";

function session(name: string, more: Partial<SessionInfo> = {}): SessionInfo {
  return madeSession({ id: `ses_${name}`, name, created_at: CREATED, ...more });
}

/** What a journal has to say; null of a member that has none. */
type Journal = { readonly events: readonly object[]; readonly last: number; readonly whole: boolean } | null;

class StandIn {
  readonly id: string;
  readonly hostname: string;
  health = "healthy";
  reason = null;
  since = CREATED;
  sessions: SessionInfo[] = [];
  record = { server: "srv_x", draining: false };
  lastSeen = CREATED;
  journal: Journal = null;
  /** What was asked of the journal. */
  readonly asked: object[] = [];
  /** Until it is resolved the journal does not answer. */
  answering: PromiseWithResolvers<void> | null = null;
  readonly worker = {
    call: async (_name: string, input: object) => {
      this.asked.push(input);
      await this.answering?.promise;
      if (!this.journal) throw new Error("unsupported");
      return { ...this.journal, upto: this.journal.last };
    },
    named: (value: unknown) => value,
  };

  constructor(hostname: string) {
    this.hostname = hostname;
    this.id = `srv_${hostname}`;
  }

  describe() {
    const { hostname } = this;
    const conditions = [{ type: "Plaintext", reason: "it can be read", since: CREATED }];
    return { hostname, labels: {}, cordoned: false, draining: this.record.draining, last_seen: CREATED, conditions };
  }
}

/** Whatever can be had without waiting has come. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
}

async function openReporter(names: readonly string[]) {
  const members = names.map((name) => new StandIn(name));
  const written: NewEvent[] = [];
  const heardUpTo: object[] = [];
  const waiting: string[] = [];
  let tell = (_: FleetNews) => {};
  let tellHere = (_: OwnNews) => {};
  let happensHere = (_: AnyEvent) => {};
  const itself = { hostname: "hub-1", labels: {}, cordoned: false, draining: false };
  const here = [session("here")];
  const port = {
    events: (listener: typeof happensHere) => {
      happensHere = listener;
      return () => {};
    },
    call: async () => here,
  };
  const fleet = {
    members,
    itself: Object.assign(itself, {
      news: (listener: typeof tellHere) => {
        tellHere = listener;
        return () => {};
      },
    }),
    seenBy: () => ({ server: () => ({ port }) }),
    news: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
  };
  await FleetReporter.open({
    store: { toldSessions: async () => [], heardServers: async () => [] },
    log: {
      lastAt: null,
      add: (events: readonly NewEvent[], { heard, mayWait }: { heard?: object | null; mayWait?: boolean } = {}) => {
        written.push(...events);
        if (heard) heardUpTo.push(heard);
        if (mayWait) waiting.push(...events.map(({ type }) => type));
      },
    },
    fleet,
    own: { id: "srv_own", hostname: "hub-1" },
  } as unknown as FleetReporterOptions);
  await settled();
  const told = () =>
    written
      .splice(0)
      .map(({ type, server, session: name, data }) => ({ type, about: name ?? server, data: JSON.parse(data) }));
  return {
    members,
    told,
    heardUpTo,
    waiting,
    typesOf: () => told().map(({ type, about }) => `${type} ${about}`),
    tell: (member: StandIn | undefined, news: object) => tell({ ...news, member } as unknown as FleetNews),
    happensHere: (event: AnyEvent) => happensHere(event),
    tellHere: (news: OwnNews) => tellHere(news),
    /** Changes what is kept of this server, and tells it. */
    changeHere(change: Partial<typeof itself>) {
      const before = { ...itself };
      Object.assign(itself, change);
      tellHere({ kind: "updated", before });
    },
    become(member: StandIn | undefined, to: string, reason: string | null = null) {
      const { health: from } = member as StandIn;
      (member as StandIn).health = to;
      tell({ kind: "health", member, from, to, reason } as unknown as FleetNews);
    },
  };
}

describe("the reporter", () => {
  it("begins with what is here, and tells what happens here", async () => {
    const { typesOf, happensHere } = await openReporter([]);
    assert.deepEqual(typesOf(), ["session.created here"]);
    const ended = session("here", { state: "exited", exit: { code: 0 }, exited_at: CREATED });
    happensHere({ type: "session.exited", session: ended, is_kept: true });
    assert.deepEqual(typesOf(), ["session.exited here"]);
  });

  it("tells what is changed of this server, what is not as it should be with it, and when it is drained", async () => {
    const { told, typesOf, happensHere, tellHere, changeHere } = await openReporter([]);
    typesOf();
    const condition = { condition: "HostSharesCgroup", active: true, reason: "why" };
    tellHere({ kind: "condition", ...condition });
    changeHere({ draining: true });
    assert.deepEqual(told(), [
      { type: "server.condition", about: "hub-1", data: condition },
      { type: "server.updated", about: "hub-1", data: { draining: true } },
    ]);
    const ended = session("here", { state: "exited", exit: { code: 0 }, exited_at: CREATED });
    happensHere({ type: "session.exited", session: ended, is_kept: true });
    assert.deepEqual(typesOf(), ["session.exited here", "server.drained hub-1"]);
    changeHere({ draining: false });
    changeHere({});
    changeHere({ draining: true });
    assert.deepEqual(typesOf(), ["server.updated hub-1", "server.updated hub-1", "server.drained hub-1"]);
  });

  it("compares what a member has that was there before anybody listened", async () => {
    const { members, typesOf, tell } = await openReporter(["a"]);
    assert.deepEqual(typesOf(), ["server.health a", "session.created here", "gap a"]);
    tell(members[0], { kind: "session", event: { type: "session.created", session: session("x") } });
    assert.deepEqual(typesOf(), ["session.created x"]);
  });

  it("gives an alarm when most members are lost together, and says who", async () => {
    const { members, told, become } = await openReporter(["a", "b", "c", "d"]);
    told();
    for (const member of members.slice(0, 3)) become(member, "unavailable", "silent");
    const [alarm, ...others] = told().filter(({ type }) => type === "fleet.alarm");
    assert.deepEqual(
      [alarm?.about, alarm?.data.kind, alarm?.data.servers],
      ["hub-1", "many_servers_silent", ["a", "b", "c"]],
    );
    assert.deepEqual(others, []);
    assert.deepEqual(
      members.map(({ health }) => health),
      ["unavailable", "unavailable", "unavailable", "healthy"],
    );
  });

  it("compares what a member has when it is healthy, and not before", async () => {
    const {
      members: [member],
      typesOf,
      tell,
      become,
    } = await openReporter(["a"]);
    typesOf();
    become(member, "unavailable", "closed");
    (member as StandIn).health = "connecting";
    (member as StandIn).sessions = [session("new")];
    tell(member, { kind: "inventory" });
    tell(member, { kind: "session", event: { type: "session.created", session: session("new") } });
    assert.deepEqual(typesOf(), ["server.health a"]);
    become(member, "healthy");
    await settled();
    assert.deepEqual(typesOf(), ["server.health a", "gap a", "session.created new"]);
    tell(member, { kind: "session", event: { type: "session.created", session: session("new") } });
    assert.deepEqual(typesOf(), []);
  });

  it("tells first what the journal of a member that is back has, then what it has told meanwhile, each once", async () => {
    const reporter = await openReporter(["a"]);
    const { typesOf, tell, become, heardUpTo } = reporter;
    const [member] = reporter.members as [StandIn];
    tell(member, { kind: "session", event: { type: "session.created", session: session("x") }, seq: 7 });
    assert.deepEqual(heardUpTo.at(-1), { server_id: member.id, seq: 7 });
    become(member, "unavailable", "closed");
    typesOf();
    const brief = session("brief");
    member.journal = {
      last: 10,
      whole: true,
      events: [
        { seq: 8, at: CREATED, event: "session.created", p: { session: brief } },
        { seq: 9, at: CREATED, event: "session.exited", p: { session: { ...brief, state: "exited" }, is_kept: true } },
        { seq: 10, at: CREATED, event: "session.unheard_of", p: { session: brief } },
      ],
    };
    member.answering = Promise.withResolvers();
    member.sessions = [session("x"), session("y")];
    become(member, "healthy");
    const exited = { type: "session.exited", session: { ...brief, state: "exited" }, is_kept: true };
    tell(member, { kind: "session", event: exited, seq: 9 });
    tell(member, { kind: "session", event: { type: "session.created", session: session("y") }, seq: 11 });
    await settled();
    assert.deepEqual(typesOf(), ["server.health a"]);
    member.answering.resolve();
    await settled();
    assert.deepEqual(member.asked.at(-1), { after: 7, limit: 500 });
    assert.deepEqual(typesOf(), [
      "session.created brief",
      "session.exited brief",
      "session.created y",
      "session.removed brief",
      "session.reachable x",
    ]);
    assert.deepEqual(heardUpTo.at(-1), { server_id: member.id, seq: 11 });
  });

  it("tells what is in no journal where it comes, and goes on in the journal where it was", async () => {
    const reporter = await openReporter(["a"]);
    const { typesOf, tell, become, heardUpTo, waiting } = reporter;
    const [member] = reporter.members as [StandIn];
    tell(member, { kind: "session", event: { type: "session.created", session: session("x") }, seq: 7 });
    const passing = { type: "session.lease", session: session("x"), holder: "ci", kind: "agent", action: "taken" };
    tell(member, { kind: "session", event: passing, seq: 0 });
    assert.deepEqual(typesOf().slice(-2), ["session.created x", "session.lease x"]);
    assert.deepEqual(heardUpTo, [{ server_id: member.id, seq: 7 }]);
    assert.deepEqual(waiting, ["session.lease"]);
    become(member, "unavailable", "closed");
    typesOf();
    member.journal = { last: 7, whole: true, events: [] };
    member.sessions = [session("x")];
    member.answering = Promise.withResolvers();
    become(member, "healthy");
    tell(member, { kind: "session", event: passing, seq: 0 });
    member.answering.resolve();
    await settled();
    assert.deepEqual(typesOf(), ["server.health a", "session.lease x", "session.reachable x"]);
    assert.deepEqual(heardUpTo.at(-1), { server_id: member.id, seq: 7 });
  });

  it("says that something is missing when the journal does, before what it still has", async () => {
    const reporter = await openReporter(["a"]);
    const { told, become, tell } = reporter;
    const [member] = reporter.members as [StandIn];
    tell(member, { kind: "session", event: { type: "session.created", session: session("x") }, seq: 7 });
    become(member, "unavailable", "closed");
    told();
    member.sessions = [session("x")];
    const p = { session: session("late") };
    member.journal = { last: 90, whole: false, events: [{ seq: 90, at: CREATED, event: "session.created", p }] };
    become(member, "healthy");
    await settled();
    const news = told();
    assert.deepEqual(
      news.map(({ type, about }) => `${type} ${about}`),
      [
        "server.health a",
        "gap a",
        "session.created late",
        "session.exited late",
        "session.removed late",
        "session.reachable x",
      ],
    );
    assert.equal(news.at(-1)?.data.missed_events, true);
  });

  it("goes on with the past of a member that is lost again before it has told it", async () => {
    const reporter = await openReporter(["a"]);
    const { typesOf, become, tell } = reporter;
    const [member] = reporter.members as [StandIn];
    tell(member, { kind: "session", event: { type: "session.created", session: session("x") }, seq: 7 });
    member.sessions = [session("x")];
    become(member, "unavailable", "closed");
    member.journal = { last: 7, whole: true, events: [] };
    member.answering = Promise.withResolvers();
    become(member, "healthy");
    become(member, "unavailable", "closed");
    typesOf();
    member.answering.resolve();
    await settled();
    assert.deepEqual(typesOf(), []);
    become(member, "healthy");
    await settled();
    assert.deepEqual(typesOf(), ["server.health a", "session.reachable x"]);
  });

  it("tells the conditions of a server that is added, and that a draining one is empty: at its last end, or at once", async () => {
    const {
      members: [member],
      told,
      typesOf,
      tell,
    } = await openReporter(["a"]);
    const standIn = member as StandIn;
    told();
    tell(member, { kind: "added" });
    const change = { condition: "Plaintext", active: true, reason: "it can be read" };
    tell(member, { kind: "condition", ...change });
    assert.deepEqual(
      told().map(({ type, data }) => [type, data]),
      [
        ["server.added", standIn.describe()],
        ["server.condition", change],
      ],
    );
    tell(member, { kind: "session", event: { type: "session.created", session: session("x") } });
    const before = standIn.describe();
    standIn.record = { ...standIn.record, draining: true };
    tell(member, { kind: "updated", before });
    assert.deepEqual(typesOf(), ["session.created x", "server.updated a"]);
    const event = { type: "session.exited", session: session("x", { state: "exited" }), is_kept: true };
    tell(member, { kind: "session", event });
    tell(member, { kind: "session", event });
    assert.deepEqual(typesOf(), ["session.exited x", "server.drained a"]);
    tell(member, { kind: "updated", before });
    assert.deepEqual(typesOf(), ["server.updated a", "server.drained a"]);
  });
});
