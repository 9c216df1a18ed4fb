// When a session is looked at: soon after its output pauses, more and more seldom, and never without need.
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

  it("come once for each line of what prints again and again, until something else is seen", () => {
    const times = new LookTimes(0);
    const looked: number[] = [];
    const printing = (fromMs: number, untilMs: number) => {
      for (let nowMs = fromMs; nowMs < untilMs; nowMs += 200) {
        times.happened(nowMs);
        looked.push(...looks(times, nowMs + 199));
      }
    };
    printing(1_000, 2_600);
    assert.deepEqual(looked.slice(-4), [1_850, 2_050, 2_250, 2_450]);
    times.looked(2_500, { isOther: true });
    looked.length = 0;
    printing(2_600, 3_000);
    assert.deepEqual(looked, [2_650, 2_700, 2_850, 2_900]);
  });

  it("come seldom while the terminal is all that is waited for, until something happens or is doubted", () => {
    const times = new LookTimes(0);
    const seen = (nowMs: number, isOther: boolean) => times.looked(nowMs, { isOther, isAwaited: true });
    const nextOf = () => times.next(false, null);
    seen(50, true);
    assert.equal(nextOf(), 100);
    for (const [atMs, nextMs] of [
      [80, 500],
      [500, 2_000],
      [2_000, null],
    ] as const) {
      seen(atMs, false);
      assert.equal(nextOf(), nextMs);
    }
    times.happened(10_000);
    seen(10_050, false);
    assert.equal(nextOf(), 10_500);
    times.looked(10_500);
    assert.equal(nextOf(), 11_000);
    times.happened(20_000);
    assert.equal(nextOf(), 20_050);
    times.looked(20_050);
    assert.equal(nextOf(), 20_100);
  });
});
