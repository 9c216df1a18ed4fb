import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LookTimes, PAUSE_MS } from "./look-times.ts";

/** Looks whenever it is time, up to an instant; returns when it did. */
function looks(times: LookTimes, untilMs: number, isWatched = false): number[] {
  const looked: number[] = [];
  for (;;) {
    const nextMs = times.next(isWatched, null);
    if (nextMs === null || nextMs > untilMs) return looked;
    times.looked(nextMs);
    looked.push(nextMs);
  }
}

describe("the looks at a session", () => {
  it("come when its output pauses, then ever more seldom, then not at all", () => {
    assert.deepEqual(looks(new LookTimes(0), 3_600_000), [50, 100, 200, 500, 1_000, 2_000]);
  });

  it("go on every 5 s while somebody waits", () => {
    assert.deepEqual(looks(new LookTimes(0), 13_000, true), [50, 100, 200, 500, 1_000, 2_000, 7_000, 12_000]);
  });

  it("begin anew with what happens", () => {
    const times = new LookTimes(0);
    looks(times, 10_000);
    assert.equal(times.next(false, null), null);
    times.happened(20_000);
    assert.deepEqual(looks(times, 20_300), [20_050, 20_100, 20_200]);
  });

  it("are put off while output comes, but not for ever", () => {
    const times = new LookTimes(0);
    const looked: number[] = [];
    for (let nowMs = 0; nowMs < 2_000; nowMs += 20) {
      times.happened(nowMs);
      const nextMs = times.next(false, null);
      if (nextMs === null || nextMs > nowMs) continue;
      times.looked(nowMs);
      looked.push(nowMs);
    }
    assert.deepEqual(looked, [520, 1_040, 1_560]);
  });

  it("are confirmed after the time that is asked for", () => {
    const times = new LookTimes(0);
    times.looked(PAUSE_MS);
    assert.equal(times.next(false, 30), PAUSE_MS + 30);
    looks(times, 10_000);
    assert.equal(times.next(false, 30), 2_030);
  });
});
