import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PACE_PATIENCE_MS, Pacing } from "./pacing.ts";

const LATER_MS = PACE_PATIENCE_MS + 1;

function paced(...positions: number[]) {
  const pacing = new Pacing<{ position: number }>();
  const viewers = positions.map((position) => ({ position }));
  for (const viewer of viewers) pacing.add(viewer, 0);
  return { pacing, viewers: viewers as [{ position: number }, { position: number }] };
}

describe("pacing", () => {
  it("lets the program go on as far as the slowest has taken, and to the end when it waits for nobody", () => {
    const { pacing, viewers } = paced(30, 20);
    assert.equal(pacing.takenUpTo(100, 1), 20);
    viewers[1].position = 40;
    assert.equal(pacing.takenUpTo(100, 2), 30);
    for (const viewer of viewers) pacing.delete(viewer);
    assert.deepEqual([pacing.takenUpTo(100, 3), pacing.isEmpty], [100, true]);
  });

  it("waits no longer for one that takes nothing, and goes on waiting for one that takes a little", () => {
    const { pacing, viewers } = paced(0, 10);
    for (let nowMs = 0; nowMs <= PACE_PATIENCE_MS; nowMs += 500) {
      viewers[1].position += 1;
      assert.equal(pacing.takenUpTo(100, nowMs), 0);
    }
    assert.equal(pacing.takenUpTo(100, LATER_MS), viewers[1].position);
    viewers[0].position = 1;
    assert.equal(pacing.takenUpTo(100, LATER_MS), viewers[1].position, "the right does not come back");
  });

  it("counts patience from when there was something to take", () => {
    const { pacing } = paced(50);
    assert.equal(pacing.takenUpTo(50, 10 * LATER_MS), 50);
    assert.equal(pacing.takenUpTo(60, 10 * LATER_MS + PACE_PATIENCE_MS), 50);
    assert.equal(pacing.takenUpTo(60, 11 * LATER_MS), 60);
  });
});
