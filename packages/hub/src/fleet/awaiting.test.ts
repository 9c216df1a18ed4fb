// Holds the time that a member gets which can only be waited for.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Awaiting } from "./awaiting.ts";
import type { NoLink } from "./way.ts";

describe("a member that dials by itself", () => {
  function awaiting() {
    const missed: NoLink[] = [];
    return { way: new Awaiting((why) => missed.push(why)), reasons: () => missed.map(({ reason }) => reason) };
  }

  it("is missed 180 s after it was begun to be waited for, and once", ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    const { way, reasons } = awaiting();
    way.begin();
    mock.timers.tick(100_000);
    way.begin();
    mock.timers.tick(179_999);
    assert.deepEqual(reasons(), []);
    mock.timers.tick(1);
    mock.timers.tick(1_000_000);
    assert.deepEqual(reasons(), ["silent"]);
  });

  it("is not missed when it has come, nor when nobody waits any more", ({ mock }) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    for (const settle of ["linked", "close"] as const) {
      const { way, reasons } = awaiting();
      way.begin();
      way[settle]();
      way.again();
      mock.timers.tick(1_000_000);
      assert.deepEqual(reasons(), [], settle);
    }
  });
});
