// Who has settled: of sessions that live, end, and were returned before.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isCandidate, settledNow } from "./idle-choice.ts";

const BEGAN_MS = 1_000;

describe("a session is a candidate for the first idle one", () => {
  const returned = new Map([
    ["seen", { id: "seen", generation: 4, hasEnded: false }],
    ["over", { id: "over", generation: 4, hasEnded: true }],
  ]);
  const cases: readonly (readonly [id: string, endedAtMs: number | null, is: boolean, why: string])[] = [
    ["new", null, true, "it lives"],
    ["seen", null, true, "it lives, and may move on"],
    ["over", null, false, "it was returned as ended before the news of that came"],
    ["new", BEGAN_MS - 1, false, "it had ended before"],
    ["new", BEGAN_MS, true, "it has ended since"],
    ["seen", BEGAN_MS + 1, true, "it has ended since it was returned"],
    ["over", BEGAN_MS + 1, false, "that was returned"],
  ];
  for (const [id, endedAtMs, is, why] of cases) {
    it(`${is ? "" : "not "}when ${why}`, () => {
      assert.equal(isCandidate({ id, endedAtMs }, { sinceMs: BEGAN_MS, returned }), is);
    });
  }
});

describe("the settled ones", () => {
  const live = (id: string, quietMs: number, generation = 1) => ({ id, quietMs, generation, endedAtMs: null });
  const settled = (candidates: Parameters<typeof settledNow>[0], timeoutMs: number, seen?: number) =>
    settledNow(candidates, { timeoutMs, seenGeneration: () => seen }).map(({ id }) => id);

  it("are those that have been quiet for long enough, the longest quiet first", () => {
    assert.deepEqual(settled([live("a", 99), live("b", 100), live("c", 300), live("d", 200)], 100), ["c", "d", "b"]);
    assert.deepEqual(settled([live("a", 0)], 0), ["a"]);
    assert.deepEqual(settled([], 0), []);
  });

  it("are not those that have not moved on since the caller saw them, lower and higher is both other", () => {
    const three = [live("same", 500, 7), live("lower", 400, 6), live("higher", 300, 8)];
    assert.deepEqual(settled(three, 100, 7), ["lower", "higher"]);
  });

  it("are those that have ended too, however short that is ago and whatever was seen", () => {
    const ended = { id: "ended", quietMs: 3, generation: 7, endedAtMs: BEGAN_MS };
    assert.deepEqual(settled([ended, live("a", 200)], 100, 7), ["a", "ended"]);
  });
});
