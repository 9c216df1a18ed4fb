// What a reading of the file does to a fleet: which members come, change and go, and which are not its to touch.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Secret } from "@fleetty/protocol/secret";
import type { MemberRecord } from "../store/hub-store.ts";
import { type ConfiguredServer, planFleet, requireFreeNames } from "./configured-fleet.ts";

function record(id: string, more: Partial<MemberRecord> = {}): MemberRecord {
  const blank = { cordoned: false, draining: false, token: null, server: null, key: null, hostname: null };
  const added = { link_generation: 0, added_at: "2026-03-02T09:00:00.000Z", approved: true, revoked: false };
  return { id, address: `http://${id}`, origin: "config", name: null, labels: {}, ...blank, ...added, ...more };
}

function server(id: string, more: Partial<ConfiguredServer> = {}): ConfiguredServer {
  return { address: `http://${id}`, token: null, name: null, labels: {}, ...more };
}

const nothing = { added: [], changed: [], removed: [], passedOver: [] };

describe("a reading of the file", () => {
  it("adds what is new, removes what has gone, and leaves the rest", () => {
    const plan = planFleet({
      present: [record("a"), record("b")],
      before: [server("a"), server("b")],
      servers: [server("b"), server("c")],
    });
    assert.deepEqual(plan, { ...nothing, added: [server("c")], removed: ["a"] });
  });

  it("does nothing when the file says what there is, at the start too", () => {
    const said = server("a", { name: "web-1", labels: { az: "a", role: "web" }, token: new Secret("t") });
    const kept = record("a", { name: "web-1", labels: { role: "web", az: "a" }, cordoned: true, draining: true });
    for (const before of [[], [{ ...said, token: new Secret("t") }]]) {
      assert.deepEqual(planFleet({ present: [kept], before, servers: [said] }), nothing);
    }
  });

  it("changes those of whom the file says something else", () => {
    const before = [server("a", { token: new Secret("t") })];
    const changes: Partial<ConfiguredServer>[] = [
      { name: "web-1" },
      { labels: { role: "web" } },
      { token: new Secret("u") },
      { token: null },
    ];
    for (const change of changes) {
      const changed = server("a", { token: new Secret("t"), ...change });
      const plan = planFleet({ present: [record("a")], before, servers: [changed] });
      assert.deepEqual(plan, { ...nothing, changed: [{ id: "a", server: changed }] });
    }
    const without = { present: [record("a", { labels: { role: "web" } })], before: [], servers: [server("a")] };
    assert.equal(planFleet(without).changed.length, 1);
  });

  it("touches none that was registered in another way, and says which of them stand in it", () => {
    const present = [record("a", { origin: "api" }), record("b", { origin: "api", name: "x" })];
    const plan = planFleet({ present, before: [], servers: [server("b", { name: "y" })] });
    assert.deepEqual(plan, { ...nothing, passedOver: ["http://b"] });
  });
});

describe("a name in the file", () => {
  const check = (present: MemberRecord[], servers: ConfiguredServer[]) =>
    requireFreeNames({ present, before: [], servers }, "hub-1");
  const conflict = { code: "server_name_conflict" };

  it("is refused when somebody else has it, whatever its case", () => {
    assert.throws(() => check([], [server("a", { name: "HUB-1" })]), conflict);
    for (const holder of [{ name: "Web-1" }, { hostname: "web-1" }]) {
      const present = [record("b", { origin: "api", ...holder })];
      assert.throws(() => check(present, [server("a", { name: "web-1" })]), conflict);
    }
    const stays = [record("b", { hostname: "web-1" })];
    assert.throws(() => check(stays, [server("a", { name: "web-1" }), server("b")]), conflict);
  });

  it("is free when its holder goes or is called otherwise by the same file, and for those who are passed over", () => {
    check([record("b", { hostname: "web-1" })], [server("a", { name: "web-1" })]);
    check([record("b", { name: "web-1" })], [server("a", { name: "web-1" }), server("b", { name: "web-2" })]);
    check([record("a", { name: "web-1", hostname: "web-1" })], [server("a", { name: "WEB-1" })]);
    check([record("a", { origin: "api" })], [server("a", { name: "hub-1" })]);
  });
});
