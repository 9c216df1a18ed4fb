// That an instant is told the same however often, and otherwise only when the wall clock was set.
import assert from "node:assert/strict";
import { afterEach, it, mock } from "node:test";
import { timeOf } from "./wall-clock.ts";

afterEach(() => mock.restoreAll());

it("tells one instant the same each time, though the clocks are looked at one after the other", () => {
  const atMs = performance.now();
  const first = timeOf(atMs);
  const now = Date.now();
  for (const laterMs of [0, 1, 2, 40]) {
    mock.method(Date, "now", () => now + laterMs);
    assert.equal(timeOf(atMs), first);
    mock.restoreAll();
  }
});

it("follows a wall clock that was set", () => {
  const atMs = performance.now();
  const before = Date.parse(timeOf(atMs));
  const now = Date.now();
  mock.method(Date, "now", () => now + 3_600_000);
  const moved = Date.parse(timeOf(atMs)) - before;
  assert.ok(Math.abs(moved - 3_600_000) < 60_000, `${moved}`);
});
