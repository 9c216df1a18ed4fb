// Holds the lives of sessions to what they were given: so long in all, or so long without activity and viewers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../pty/fake-clock.ts";
import { type LifeLimits, lifeOver } from "./lifetime.ts";

const MINUTE_MS = 60_000;

/** A life under a clock of its own, and how it ended so far. */
function live(limits: LifeLimits) {
  const clock = new FakeClock();
  const end = new AbortController();
  const living = { lastActivityAtMs: clock.nowMs(), unwatchedSinceMs: Number.NEGATIVE_INFINITY as number | null };
  const seen = { over: "not yet" };
  lifeOver(living, limits, { clock, signal: end.signal }).then(
    (reason) => {
      seen.over = reason;
    },
    () => {
      seen.over = "ended";
    },
  );
  return { clock, living, seen, end };
}

describe("a session with a time limit", () => {
  it("is over when that time has passed, whatever it does and whoever watches", async () => {
    const { clock, living, seen } = live({ time_limit_ms: 2 * MINUTE_MS });
    living.unwatchedSinceMs = null;
    await clock.advance(2 * MINUTE_MS - 1_000);
    living.lastActivityAtMs = clock.nowMs();
    assert.equal(seen.over, "not yet");
    await clock.advance(1_000);
    assert.equal(seen.over, "time_limit");
  });

  it("may be given more than a timer can wait", async () => {
    const DAY_MS = 24 * 60 * MINUTE_MS;
    const { clock, seen } = live({ time_limit_ms: 100 * DAY_MS });
    for (let day = 0; day < 99; day += 1) await clock.advance(DAY_MS);
    assert.equal(seen.over, "not yet");
    await clock.advance(DAY_MS);
    assert.equal(seen.over, "time_limit");
  });

  it("is not looked after any more once it has ended", async () => {
    const { clock, seen, end } = live({ time_limit_ms: MINUTE_MS, idle_exit_ms: MINUTE_MS });
    end.abort();
    await clock.advance(0);
    assert.deepEqual([seen.over, clock.sleeping], ["ended", 0]);
  });
});

describe("a session that ends when it is idle", () => {
  it("is over when it has been quiet and unwatched for that time, counted from the later of both", async () => {
    const { clock, living, seen } = live({ idle_exit_ms: 10 * MINUTE_MS });
    await clock.advance(9 * MINUTE_MS);
    living.lastActivityAtMs = clock.nowMs();
    await clock.advance(9 * MINUTE_MS);
    living.unwatchedSinceMs = null;
    await clock.advance(60 * MINUTE_MS);
    assert.equal(seen.over, "not yet", "somebody watches");
    living.unwatchedSinceMs = clock.nowMs();
    await clock.advance(9 * MINUTE_MS);
    assert.equal(seen.over, "not yet");
    await clock.advance(MINUTE_MS);
    assert.equal(seen.over, "idle_exit");
  });

  it("is not over a moment early, nor late by more than its timer, whenever its viewers leave", async () => {
    for (const watchedMs of [1, MINUTE_MS - 1, MINUTE_MS + 1, 3 * MINUTE_MS]) {
      const { clock, living, seen } = live({ idle_exit_ms: MINUTE_MS });
      living.unwatchedSinceMs = null;
      await clock.advance(watchedMs);
      living.unwatchedSinceMs = clock.nowMs();
      for (let second = 0; second < 59; second += 1) await clock.advance(1_000);
      assert.equal(seen.over, "not yet", `${watchedMs}`);
      await clock.advance(1_000);
      assert.equal(seen.over, "idle_exit", `${watchedMs}`);
    }
  });

  it("ends by whichever limit comes first", async () => {
    const { clock, seen } = live({ time_limit_ms: 5 * MINUTE_MS, idle_exit_ms: 2 * MINUTE_MS });
    await clock.advance(2 * MINUTE_MS);
    assert.equal(seen.over, "idle_exit");
  });
});
