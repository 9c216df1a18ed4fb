// Which events reach a caller whose credential is narrowed to servers and tags.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scopeOf } from "../auth/scope.ts";
import type { EventRecord } from "../store/hub-store.ts";
import { asObserved, mayObserve } from "./may-observe.ts";

const labels: Record<string, string> = { env: "a" };
const web = { id: "srv_1", hostname: "web-1", labels, tags: new Set<string>() };
const db = { ...web, id: "srv_2", hostname: "db-1", labels: {} };

function event(type: string, more: Partial<EventRecord> = {}): EventRecord {
  const about = { server: "web-1", server_id: "srv_1", session: null, session_id: null, tags: [], data: "{}" };
  return { seq: 1, at: "", type, ...about, ...more };
}

const ofSession = (type: string, tags: readonly string[], data: object = {}) =>
  event(type, { session: "s", session_id: "ses_1", tags, data: JSON.stringify(data) });

describe("who may see everything", () => {
  it("is told everything, as it is", () => {
    const scope = scopeOf({ on: "*", tags: [] });
    const may = mayObserve(scope, { servers: () => [web, db], idOf: (id) => id });
    for (const one of [event("fleet.alarm"), event("gap", { server_id: "srv_9" }), ofSession("session.created", [])]) {
      assert.ok(may(one));
      assert.equal(asObserved(scope, one), one);
    }
  });
});

describe("who may see some servers", () => {
  it("is told of these, of their gaps, and of no others, as labels are at the event", () => {
    const servers = [web, db];
    const may = mayObserve(scopeOf({ on: "@env=a", tags: [] }), { servers: () => servers, idOf: (id) => id });
    for (const type of ["server.health", "gap", "session.created"]) {
      assert.ok(may(event(type)), type);
      assert.ok(!may(event(type, { server_id: "srv_2" })), type);
    }
    assert.ok(!may(event("fleet.alarm")));
    servers.shift();
    assert.ok(may(event("server.removed")), "its own removal");
    assert.ok(!may(event("server.added")));
  });
});

describe("who may see the sessions of some tags", () => {
  const scope = scopeOf({ on: "*", tags: ["ci", "dev"] });
  const may = mayObserve(scope, { servers: () => [web], idOf: (id) => id });

  it("is told of these, of servers, and of no other session", () => {
    assert.ok(may(ofSession("session.exited", ["x", "dev"])));
    assert.ok(may(event("server.health")));
    for (const tags of [[], ["x"]]) assert.ok(!may(ofSession("session.exited", tags)));
  });

  it("is told that a session is removed when its last tag of these is taken, and nothing more of it", () => {
    const taken = ofSession("session.tags_changed", ["x"], { added: [], removed: ["ci"] });
    assert.ok(may(taken));
    const { type, data, tags } = asObserved(scope, taken);
    assert.deepEqual([type, data, tags], ["session.removed", '{"reason":"unknown"}', []]);
    assert.ok(!may(ofSession("session.tags_changed", ["x"], { added: ["x"], removed: [] })));
    const stays = ofSession("session.tags_changed", ["dev"], { added: [], removed: ["ci"] });
    assert.deepEqual([may(stays), asObserved(scope, stays)], [true, stays]);
  });
});
