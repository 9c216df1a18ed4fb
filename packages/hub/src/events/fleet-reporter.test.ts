// What of the fleet's own news is written to the log, and as what: over a fleet of stand-ins, whose health a test decides.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { FleetNews } from "../fleet/fleet-news.ts";
import type { NewEvent } from "./event-log.ts";
import { FleetReporter, type FleetReporterOptions } from "./fleet-reporter.ts";

const CREATED = "2026-03-02T09:00:00.000Z";

function session(name: string, more: object = {}): SessionInfo {
  const info = { id: `ses_${name}`, name, tags: [], state: "running", created_at: CREATED, exited_at: null };
  return { ...info, exit: null, end_reason: null, offset: 0, ...more } as unknown as SessionInfo;
}

class StandIn {
  readonly id: string;
  readonly hostname: string;
  health = "healthy";
  reason = null;
  since = CREATED;
  sessions: SessionInfo[] = [];
  record = { server: "srv_x", draining: false };

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

async function openReporter(names: readonly string[]) {
  const members = names.map((name) => new StandIn(name));
  const written: NewEvent[] = [];
  let tell = (_: FleetNews) => {};
  let happensHere = (_: AnyEvent) => {};
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
    seenBy: () => ({ server: () => ({ port }) }),
    news: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
  };
  await FleetReporter.open({
    store: { toldSessions: async () => [] },
    log: { lastAt: null, add: (events: readonly NewEvent[]) => written.push(...events) },
    fleet,
    own: { id: "srv_own", hostname: "hub-1" },
  } as unknown as FleetReporterOptions);
  const told = () =>
    written
      .splice(0)
      .map(({ type, server, session: name, data }) => ({ type, about: name ?? server, data: JSON.parse(data) }));
  return {
    members,
    told,
    typesOf: () => told().map(({ type, about }) => `${type} ${about}`),
    tell: (member: StandIn | undefined, news: object) => tell({ ...news, member } as unknown as FleetNews),
    happensHere: (event: AnyEvent) => happensHere(event),
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

  it("compares what a member has that was there before anybody listened", async () => {
    const { members, typesOf, tell } = await openReporter(["a"]);
    assert.deepEqual(typesOf(), ["server.health a", "gap a", "session.created here"]);
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
    assert.deepEqual(typesOf(), ["server.health a", "gap a", "session.created new"]);
    tell(member, { kind: "session", event: { type: "session.created", session: session("new") } });
    assert.deepEqual(typesOf(), []);
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
    const [, condition] = told();
    assert.deepEqual(condition?.data, { condition: "Plaintext", active: true, reason: "it can be read" });
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
