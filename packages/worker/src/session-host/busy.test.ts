import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Busy, LOOK_EVERY_MS } from "./busy.ts";

/** Shares of each time between two looks; what was told after it, null where nothing was. */
function told(shares: readonly number[]): (number | null)[] {
  const times = { active: 300, idle: 0 };
  const busy = new Busy({ ...times });
  return shares.map((share) => {
    times.active += share * LOOK_EVERY_MS;
    times.idle += (1 - share) * LOOK_EVERY_MS;
    return busy.look({ ...times }) ? busy.told : null;
  });
}

describe("how busy a host says that it is", () => {
  it("is nothing, and is not said, while it is quiet, however it started", () => {
    assert.deepEqual(told([0, 0.01, 0, 0.05, 0]), [null, null, null, null, null]);
  });

  it("rises with the work of its last 10 s, over half in a few looks, and stays unsaid at its height", () => {
    assert.deepEqual(told([1, 1, 1, 1, 1, 1, 1]), [0.2, 0.4, 0.6, 0.8, 1, null, null]);
  });

  it("falls when the work is over", () => {
    assert.deepEqual(told([1, 1, 0, 0, 0, 0, 0, 0]), [0.2, 0.4, null, null, null, 0.2, 0, null]);
  });

  it("is said again only after a change of a tenth", () => {
    assert.deepEqual(told([0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7]), [
      0.12,
      0.24,
      0.36,
      0.48,
      0.6,
      null,
      null,
      null,
      null,
      0.7,
    ]);
  });

  it("counts a look that comes late for what it saw", () => {
    const busy = new Busy({ active: 0, idle: 0 });
    assert.ok(busy.look({ active: 40_000, idle: 0 }));
    assert.equal(busy.told, 1);
  });
});
