import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ActivityNow, type IdleQuery, type IdleVerdict, IdleWait, WAIT_MAX_MS } from "./idle.ts";

/** What happens to a session while one call waits; instants in ms. */
interface Story {
  readonly query: IdleQuery;
  /** Generation and last activity at arrival. */
  readonly at: readonly [generation: number, lastAtMs: number];
  readonly arrivedAtMs?: number;
  readonly activityAtMs?: readonly number[];
  readonly exitAtMs?: number;
}

interface Answer {
  readonly is: IdleVerdict["is"];
  readonly atMs: number;
  readonly generation: number;
}

/** Plays a story as a session does: looks at arrival, after each happening, and when told to look again. */
function play(story: Story): Answer {
  const happenings = [...(story.activityAtMs ?? [])];
  let nowMs = story.arrivedAtMs ?? 1000;
  let activity: ActivityNow = { generation: story.at[0], lastAtMs: story.at[1] };
  const wait = new IdleWait(story.query, activity, nowMs);
  const exitAtMs = story.exitAtMs ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const verdict = wait.look(nowMs, { ...activity, hasExited: nowMs >= exitAtMs });
    if (verdict.is !== "waiting") return { is: verdict.is, atMs: nowMs, generation: activity.generation };
    assert.ok(verdict.lookAtMs > nowMs, "looks forward");
    const nextMs = Math.min(verdict.lookAtMs, happenings[0] ?? Number.POSITIVE_INFINITY, exitAtMs);
    nowMs = nextMs;
    if (happenings[0] === nowMs) {
      happenings.shift();
      activity = { generation: activity.generation + 1, lastAtMs: nowMs };
    }
  }
}

const ends = (title: string, story: Story, expected: readonly [IdleVerdict["is"], atMs: number, generation?: number]) =>
  it(title, () => {
    const answer = play(story);
    assert.deepEqual([answer.is, answer.atMs], [expected[0], expected[1]]);
    if (expected[2] !== undefined) assert.equal(answer.generation, expected[2]);
  });

describe("idle, rule 1: fresh", () => {
  const query = { timeoutMs: 500, isFresh: true };
  ends("is not satisfied by quiet before arrival", { query, at: [7, 0] }, ["satisfied", 1500]);
  ends("measures from activity after arrival", { query, at: [7, 0], activityAtMs: [1200] }, ["satisfied", 1700, 8]);
  const equal = { ...query, lastGeneration: 7 };
  ends("ignores the generation given", { query: equal, at: [7, 0] }, ["satisfied", 1500, 7]);
  ends("with T = 0 is satisfied at once", { query: { timeoutMs: 0, isFresh: true }, at: [7, 999] }, [
    "satisfied",
    1000,
  ]);
  const tight = { timeoutMs: 500, isFresh: true, maxWaitMs: 500 };
  ends("is satisfied by quiet complete at the deadline", { query: tight, at: [7, 0] }, ["satisfied", 1500]);
});

describe("idle, rule 2: the generation that the caller has seen", () => {
  const seen = (lastGeneration: number, timeoutMs = 500): IdleQuery => ({ timeoutMs, lastGeneration });
  ends("equal: waits for the next activity, then for quiet", { query: seen(7), at: [7, 0], activityAtMs: [3000] }, [
    "satisfied",
    3500,
    8,
  ]);
  ends("equal, and nothing happens: the deadline", { query: seen(7), at: [7, 0] }, ["deadline", 31_000]);
  ends("lower: no such wait", { query: seen(6), at: [7, 0] }, ["satisfied", 1000]);
  ends("higher: no such wait", { query: seen(8), at: [7, 0] }, ["satisfied", 1000]);
  ends(
    "higher, and reached while waiting for quiet: still no such wait",
    { query: seen(8), at: [7, 900], activityAtMs: [1100] },
    ["satisfied", 1600, 8],
  );
  ends("equal with T = 0: satisfied by the activity itself", { query: seen(7, 0), at: [7, 0], activityAtMs: [3000] }, [
    "satisfied",
    3000,
  ]);
  ends("absent: no such wait", { query: { timeoutMs: 500 }, at: [7, 0] }, ["satisfied", 1000]);
});

describe("idle, rule 3: quiet", () => {
  const query = { timeoutMs: 500 };
  ends("at once if it already is quiet", { query, at: [0, 500] }, ["satisfied", 1000]);
  ends("at the first moment that it is", { query, at: [0, 501] }, ["satisfied", 1001]);
  ends("each activity begins the quiet anew", { query, at: [0, 900], activityAtMs: [1100, 1300, 1799, 2299] }, [
    "satisfied",
    2799,
    4,
  ]);
  ends("T = 0 is satisfied at once", { query: { timeoutMs: 0 }, at: [0, 1000] }, ["satisfied", 1000]);
});

describe("idle, rule 4: cuts and the deadline", () => {
  ends("T above 300,000 is cut", { query: { timeoutMs: 900_000, maxWaitMs: 300_000 }, at: [0, 900] }, [
    "satisfied",
    900 + WAIT_MAX_MS,
  ]);
  ends("D above 300,000 is cut", { query: { timeoutMs: 300_000, maxWaitMs: 900_000, lastGeneration: 0 }, at: [0, 0] }, [
    "deadline",
    1000 + WAIT_MAX_MS,
  ]);
  ends("D defaults to 30,000", { query: { timeoutMs: 60_000 }, at: [0, 900] }, ["deadline", 31_000]);
  ends("D = 0 looks once: not quiet", { query: { timeoutMs: 500, maxWaitMs: 0 }, at: [0, 900] }, ["deadline", 1000]);
  ends("D = 0 looks once: quiet", { query: { timeoutMs: 500, maxWaitMs: 0 }, at: [0, 400] }, ["satisfied", 1000]);
  ends(
    "D = 0 with the generation seen: the deadline",
    { query: { timeoutMs: 0, maxWaitMs: 0, lastGeneration: 3 }, at: [3, 0] },
    ["deadline", 1000],
  );
  ends(
    "activity without end reaches the deadline",
    { query: { timeoutMs: 500, maxWaitMs: 1000 }, at: [0, 900], activityAtMs: [1400, 1800, 1999] },
    ["deadline", 2000, 3],
  );

  it("a look that comes late judges by the instants, not by its own lateness", () => {
    const late = new IdleWait({ timeoutMs: 500, maxWaitMs: 300 }, { generation: 0, lastAtMs: 1000 }, 1000);
    assert.deepEqual(late.look(2000, { generation: 0, lastAtMs: 1000 }), { is: "deadline" });
    const inTime = new IdleWait({ timeoutMs: 200, maxWaitMs: 300 }, { generation: 0, lastAtMs: 1000 }, 1000);
    assert.deepEqual(inTime.look(2000, { generation: 0, lastAtMs: 1000 }), { is: "satisfied" });
  });
});

describe("idle, rule 6: the session ends first", () => {
  ends("while waiting for quiet", { query: { timeoutMs: 500 }, at: [0, 900], exitAtMs: 1100 }, ["exited", 1100]);
  ends("while waiting for activity", { query: { timeoutMs: 5, lastGeneration: 0 }, at: [0, 0], exitAtMs: 1100 }, [
    "exited",
    1100,
  ]);
  ends("before arrival", { query: { timeoutMs: 500, maxWaitMs: 0 }, at: [0, 900], exitAtMs: 900 }, ["exited", 1000]);
  ends("before arrival, and quiet", { query: { timeoutMs: 0 }, at: [0, 0], exitAtMs: 900 }, ["exited", 1000]);
});

describe("idle, told while it waits", () => {
  it("names the stage and the instant to look again", () => {
    const now = { generation: 4, lastAtMs: 1000 };
    const first = new IdleWait({ timeoutMs: 500, maxWaitMs: 2000, lastGeneration: 4 }, now, 1000);
    assert.deepEqual(first.look(1000, now), { is: "waiting", for: "activity", lookAtMs: 3000 });
    const moved = { generation: 5, lastAtMs: 1200 };
    assert.deepEqual(first.look(1200, moved), { is: "waiting", for: "quiet", lookAtMs: 1700 });
    const nearEnd = { generation: 6, lastAtMs: 2900 };
    assert.deepEqual(first.look(2900, nearEnd), { is: "waiting", for: "quiet", lookAtMs: 3000 });
  });

  it("an input followed by an idle call sees at least T of quiet after the input, whatever else happens", () => {
    const story = fc.record({
      timeoutMs: fc.nat(400),
      maxWaitMs: fc.nat(2000),
      inputAgoMs: fc.nat(500),
      passesInput: fc.boolean(),
      isFresh: fc.boolean(),
      gaps: fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 8 }),
    });
    fc.assert(
      fc.property(story, ({ timeoutMs, maxWaitMs, inputAgoMs, passesInput, isFresh, gaps }) => {
        let at = 1000;
        const activityAtMs = gaps.map((gap) => (at += gap));
        const lastGeneration = passesInput ? 5 : undefined;
        const query = { timeoutMs, maxWaitMs, lastGeneration, isFresh };
        const answer = play({ query, at: [5, 1000 - inputAgoMs], activityAtMs });
        const last = Math.max(1000 - inputAgoMs, ...activityAtMs.filter((one) => one <= answer.atMs));
        if (answer.is === "satisfied") assert.ok(answer.atMs - last >= timeoutMs);
        else assert.equal(answer.atMs, 1000 + maxWaitMs);
        if (answer.is === "satisfied" && isFresh) assert.ok(answer.atMs >= 1000 + timeoutMs);
      }),
      { numRuns: 500 },
    );
  });
});
