// When a link counts as flapping, and which conditions are news.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Condition, Flapping, MemberConditions } from "./conditions.ts";

describe("a link", () => {
  const typesAt = (flapping: Flapping, nowMs: number) => flapping.conditions(nowMs).map(({ type }) => type);

  it("flaps that is lost three times within a minute, for five minutes after the last time", () => {
    const flapping = new Flapping();
    for (const lossMs of [10_000, 40_000]) flapping.lost(lossMs);
    assert.deepEqual(typesAt(flapping, 40_001), []);
    flapping.lost(70_000);
    assert.deepEqual(typesAt(flapping, 70_000), ["Flapping"]);
    assert.deepEqual(typesAt(flapping, 369_999), ["Flapping"]);
    assert.deepEqual(typesAt(flapping, 370_000), []);
    flapping.lost(371_000);
    assert.deepEqual(typesAt(flapping, 371_001), [], "the others are long ago");
  });

  it("does not flap that is lost now and then", () => {
    const flapping = new Flapping();
    for (let nowMs = 0; nowMs < 600_000; nowMs += 30_001) {
      flapping.lost(nowMs);
      assert.deepEqual(typesAt(flapping, nowMs), []);
    }
  });
});

describe("conditions", () => {
  const condition = (type: string): Condition => ({ type, reason: `why ${type}`, since: "2026-03-02T09:00:00.000Z" });

  const change = (type: string, active: boolean) => ({ condition: type, active, reason: `why ${type}` });

  it("are news when they begin, and when they are over, once", () => {
    let found: readonly Condition[] = [];
    const conditions = new MemberConditions({ own: () => [], found: () => found });
    assert.deepEqual(conditions.changes(0), []);
    found = [condition("A"), condition("B")];
    assert.deepEqual(conditions.changes(0), [change("A", true), change("B", true)]);
    assert.deepEqual(conditions.changes(0), []);
    found = [condition("C"), condition("B")];
    assert.deepEqual(conditions.changes(0), [change("A", false), change("C", true)]);
    found = [];
    assert.deepEqual(conditions.changes(0), [change("C", false), change("B", false)]);
  });

  it("that a member tells of itself are not shown while it cannot, and not told to be over", () => {
    const conditions = new MemberConditions({ own: () => [condition("A")], found: () => [] });
    assert.deepEqual(conditions.changes(0), [change("A", true)]);
    assert.deepEqual([conditions.now(true, 0), conditions.now(false, 0)], [[condition("A")], []]);
    assert.deepEqual(conditions.changes(0), []);
  });
});
