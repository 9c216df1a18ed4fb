import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HostLoad, placeSession } from "./placement.ts";

/** Busy, sessions and starting of hosts a, b, c … */
function hosts(...loads: readonly (readonly [busy: number, sessions: number, starting: number])[]): HostLoad[] {
  return loads.map(([busy, sessions, starting], at) => ({ id: "abcdefgh"[at] as string, busy, sessions, starting }));
}

const table = [
  ["there is no host", hosts(), 4, "another"],
  ["there is no host, whatever the limit", hosts(), 0, "another"],
  ["one host is quiet", hosts([0, 0, 0]), 4, "a"],
  ["one host is half busy, which is not over it", hosts([0.5, 9, 0]), 4, "a"],
  ["one host is over half busy", hosts([0.51, 1, 0]), 4, "another"],
  ["one host is over half busy, and there may be no other", hosts([0.9, 1, 0]), 1, "a"],
  ["one host has one session less than it may", hosts([0, 127, 0]), 4, "a"],
  ["one host has as many sessions as it may", hosts([0, 128, 0]), 4, "another"],
  ["one host will have as many as it may", hosts([0, 100, 28]), 4, "another"],
  ["one of two is less busy", hosts([0.4, 0, 0], [0.1, 60, 0]), 4, "b"],
  ["one of two is over half busy", hosts([0.6, 0, 0], [0.5, 100, 0]), 4, "b"],
  ["one of two is full", hosts([0, 128, 0], [0.4, 3, 0]), 4, "b"],
  ["both are over half busy", hosts([0.6, 0, 0], [0.9, 0, 0]), 4, "another"],
  ["one is busy and the other full", hosts([0.6, 0, 0], [0, 128, 0]), 4, "another"],
  ["all that may be are busy: the least busy", hosts([0.9, 0, 0], [0.6, 50, 0], [1, 0, 0]), 3, "b"],
  ["there are more than may be", hosts([0.9, 0, 0], [0.8, 0, 0]), 1, "b"],
  ["two are as quiet: fewer sessions", hosts([0.01, 9, 0], [0.04, 3, 0]), 4, "b"],
  ["two are alike: the first", hosts([0, 3, 0], [0, 3, 0]), 4, "a"],
  ["one has more sessions coming", hosts([0, 0, 2], [0, 9, 1]), 4, "b"],
  ["a session that is coming weighs a tenth", hosts([0.1, 0, 0], [0, 5, 2]), 4, "a"],
] as const;

describe("a new session", () => {
  for (const [when, loads, max, place] of table) {
    it(`goes to ${place} when ${when}`, () => assert.equal(placeSession(loads, max), place));
  }
});

describe("a burst of creates", () => {
  it("spreads over hosts that are as quiet, and over others by how much less they do", () => {
    const spread = (busy: readonly number[], creates: number) => {
      const starting = busy.map(() => 0);
      for (let create = 0; create < creates; create += 1) {
        const loads = hosts(...busy.map((share, at) => [share, 0, starting[at] as number] as const));
        const at = loads.findIndex(({ id }) => id === placeSession(loads, 4));
        starting[at] = (starting[at] as number) + 1;
      }
      return starting;
    };
    assert.deepEqual(spread([0, 0, 0, 0], 100), [25, 25, 25, 25]);
    assert.deepEqual(spread([0.4, 0, 0.2], 12), [2, 6, 4]);
    assert.deepEqual(spread([0.7, 0], 100), [0, 100]);
  });
});
