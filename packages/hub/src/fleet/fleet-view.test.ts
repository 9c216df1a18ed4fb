// Holds the fleet as a caller sees it to the caller's scope: servers that are out of it are in no list and meant by no
// reference, and neither are sessions, wherever they are.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { scopeOf } from "../auth/scope.ts";
import { madeSession } from "./fixtures/made-session.ts";
import { checkServerSet, FleetView } from "./fleet-view.ts";
import { KnownSessions } from "./known-sessions.ts";
import type { Member } from "./member.ts";
import type { Sees } from "./narrowed-worker.ts";

function known(sessions: readonly SessionInfo[]): KnownSessions {
  const made = new KnownSessions();
  made.replace(sessions);
  return made;
}

function member(hostname: string, labels: Record<string, string>, sessions: readonly SessionInfo[]): Member {
  const has = known(sessions);
  const facts = { id: `srv_${hostname}`, hostname, health: "healthy", reason: null, since: "", worker: {}, sessions };
  const shown = { hostname, sessions: has.liveCount };
  const asCandidate = (isSeen: Sees) => ({
    ...facts,
    labels,
    tags: new Set(has.live.filter(isSeen).flatMap(({ tags }) => tags)),
  });
  const made = { ...facts, asCandidate, describe: () => shown, find: has.find.bind(has) };
  return made as unknown as Member;
}

const live = (name: string, ...tags: string[]) => madeSession({ id: `ses_${name}_${tags.join("_")}`, name, tags });
const ofHub = known([live("build", "prod"), live("here", "ci")]);
const members = [
  member("web-1", { env: "staging" }, [live("build", "ci"), live("hidden", "prod")]),
  member("web-2", { env: "prod" }, [live("build", "ci"), live("alone", "ci")]),
  member("db-1", { env: "staging" }, [live("build", "prod")]),
];
const parts = {
  port: {} as WorkerPort,
  worker: {
    find: (reference: string, isMeant?: (info: SessionInfo) => boolean) => ofHub.find(reference, isMeant),
    live: () => ofHub.live,
  },
  own: { id: "srv_hub", hostname: "hub-1" },
  itself: { hostname: "hub-1", labels: { os: "linux", arch: "x64" }, cordoned: false, draining: false },
  status: () => ({ slots: 8, load1: 0, os: "linux", arch: "x64" }),
  routeOmitted: "fleet" as const,
  members,
};

function seen({ on = "*", tags = [] }: { on?: string; tags?: readonly string[] }): FleetView {
  return new FleetView({ ...parts, scope: scopeOf({ on, tags }) });
}

const servers = (view: FleetView) => view.everywhere.map(({ server }) => server);
const codeOf = (ask: () => unknown) => {
  try {
    return ask();
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};

describe("servers", () => {
  it("are those of the set, as it is meant just now", () => {
    assert.deepEqual(servers(seen({})), ["hub-1", "web-1", "web-2", "db-1"]);
    assert.deepEqual(servers(seen({ on: "@env=staging" })), ["web-1", "db-1"]);
    assert.deepEqual(servers(seen({ on: "* !web-[1-2]" })), ["hub-1", "db-1"]);
    assert.deepEqual(servers(seen({ on: "#prod,local" })), ["hub-1", "web-1", "db-1"]);
    assert.deepEqual(servers(seen({ on: "nobody" })), []);
  });

  it("out of the set are none to choose from, and neither are tags of sessions out of sight", () => {
    const choice = (view: FleetView) => view.servers.map(({ hostname, tags }) => `${hostname} ${[...tags].sort()}`);
    assert.deepEqual(choice(seen({})), ["hub-1 ci,prod", "web-1 ci,prod", "web-2 ci", "db-1 prod"]);
    assert.deepEqual(choice(seen({ on: "@env=staging" })), ["web-1 ci,prod", "db-1 prod"]);
    assert.deepEqual(choice(seen({ on: "* !web-2", tags: ["ci"] })), ["hub-1 ci", "web-1 ci", "db-1 "]);
  });

  it("out of the set are meant by no reference, this one neither", () => {
    const view = seen({ on: "@env=staging" });
    for (const reference of ["web-2", "srv_web-2", "local", "hub-1", "srv_hub", undefined]) {
      assert.equal(
        codeOf(() => view.server(reference)),
        "server_not_found",
        String(reference),
      );
    }
    for (const reference of ["web-2", "local"]) {
      assert.equal(
        codeOf(() => view.find(reference)),
        "server_not_found",
        reference,
      );
      assert.equal(
        codeOf(() => view.session(`${reference}/build`, undefined)),
        "server_not_found",
        reference,
      );
    }
    assert.deepEqual([view.server("web-1").server, view.find("db-1")?.id], ["web-1", "srv_db-1"]);
  });

  it("are none when the set means nothing any more, which is refused where it is given", () => {
    const { on } = scopeOf({ on: "H-A", tags: [] });
    assert.deepEqual(servers(seen({ on: "H-A" })), []);
    assert.throws(() => checkServerSet(on ?? assert.fail(), parts), { code: "invalid_selector" });
  });
});

describe("sessions", () => {
  it("out of sight are no candidates: a name is as ambiguous as what is seen of it", () => {
    const where = (view: FleetView, name: string) => codeOf(() => view.session(name, undefined).server);
    assert.deepEqual(
      ["build", "hidden"].map((name) => where(seen({}), name)),
      ["hub-1", "web-1"],
    );
    const tagged = seen({ tags: ["ci"] });
    const found = ["build", "hidden", "alone", "here"].map((name) => where(tagged, name));
    assert.deepEqual(found, ["session_ambiguous", "session_not_found", "web-2", "hub-1"]);
    assert.throws(
      () => tagged.session("build", undefined),
      ({ details }) => {
        const candidates = details.candidates as { server: string }[];
        return candidates.map(({ server }) => server).join() === "web-1,web-2";
      },
    );
    assert.equal(where(seen({ tags: ["ci"], on: "@env=staging" }), "build"), "web-1");
    assert.equal(where(seen({ tags: ["ci"], on: "@env=staging" }), "here"), "session_not_found");
  });

  it("out of sight are not counted where a server is shown", () => {
    const counts = (view: FleetView) => view.members.map((one) => view.describe(one).sessions);
    assert.deepEqual(counts(seen({})), [2, 2, 1]);
    assert.deepEqual(counts(seen({ tags: ["ci"] })), [1, 2, 0]);
  });
});
