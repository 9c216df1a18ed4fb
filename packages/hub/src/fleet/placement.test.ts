// What placement chooses and what it says of the others: a row for each rule, and laws over any fleet.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Candidate, place } from "./placement.ts";

function server(name: string, more: Partial<Candidate> = {}): Candidate {
  return {
    id: `srv_${name}`,
    hostname: name,
    health: "healthy",
    reason: null,
    silenceMs: 0,
    cordoned: false,
    draining: false,
    sessions: 0,
    slots: 4,
    reserved: 0,
    latencyMs: 1,
    ...more,
  };
}

const order = (...candidates: Candidate[]) => place(candidates).eligible.map(({ hostname }) => hostname);

const leftOut: readonly (readonly [Partial<Candidate>, string])[] = [
  [{ health: "connecting" }, "connecting"],
  [{ health: "unavailable", reason: "silent" }, "unavailable (silent)"],
  [{ health: "rejected", reason: "hostname_conflict" }, "rejected (hostname_conflict)"],
  [{ silenceMs: 15_001 }, "silent for 15 s"],
  [{ cordoned: true }, "cordoned"],
  [{ cordoned: true, draining: true }, "draining"],
  [{ without: "tool claude missing" }, "tool claude missing"],
  [{ slots: null }, "has not said how much it takes"],
  [{ sessions: 4 }, "no free slot of 4"],
  [{ sessions: 3, reserved: 1 }, "no free slot of 4"],
  [{ slots: 0 }, "no free slot of 0"],
];

const preferred: readonly (readonly [string, Partial<Candidate>, Partial<Candidate>])[] = [
  ["the less loaded", { sessions: 1, slots: 8 }, { sessions: 1, slots: 4 }],
  ["the less loaded, however many sessions it has", { sessions: 3, slots: 16 }, { sessions: 1, slots: 4 }],
  ["the one that less is on its way to", { reserved: 1, slots: 8 }, { reserved: 2, slots: 8 }],
  ["of equally loaded ones the one with more free slots", { slots: 8 }, { slots: 4 }],
  ["of equally free ones the nearer", { latencyMs: 1 }, { latencyMs: 2 }],
  ["of equally free ones the one whose distance is known", { latencyMs: 900 }, { latencyMs: null }],
];

describe("placement", () => {
  for (const [more, because] of leftOut) {
    it(`leaves out what is ${because}, and says so`, () => {
      const { eligible, rejected, considered } = place([server("a", more), server("b")]);
      assert.deepEqual(
        eligible.map(({ hostname }) => hostname),
        ["b"],
      );
      assert.deepEqual([rejected, considered], [[{ server: "a", because }], 2]);
    });
  }

  for (const [says, better, worse] of preferred) {
    it(`prefers ${says}`, () => {
      // The better one has the later id, so that the last rule would choose the other.
      assert.deepEqual(order(server("a", worse), server("b", better)), ["b", "a"]);
    });
  }

  it("chooses by id where nothing else tells them apart, in whatever order they come", () => {
    assert.deepEqual(order(server("b"), server("a")), ["a", "b"]);
  });

  it("has nothing to choose from where all are left out, and names each by what it is called", () => {
    const { eligible, rejected, scores } = place([server("a", { hostname: null, cordoned: true })]);
    assert.deepEqual([eligible, scores], [[], []]);
    assert.deepEqual(rejected, [{ server: "srv_a", because: "cordoned" }]);
  });

  it("gives the load of those it could choose", () => {
    const { scores } = place([server("a", { sessions: 1, slots: 3 }), server("b", { reserved: 1 })]);
    assert.deepEqual(scores, [
      { server: "b", load: 0.25 },
      { server: "a", load: 0.333 },
    ]);
  });

  it("chooses the same of the same fleet in any order, and never one that has no room", () => {
    const any = fc.record({
      slots: fc.constantFrom(0, 1, 4, 8, null),
      sessions: fc.nat(9),
      reserved: fc.nat(2),
      latencyMs: fc.constantFrom(null, 1, 2.5),
      cordoned: fc.boolean(),
    });
    const fleets = fc.array(any, { maxLength: 8 }).map((all) => all.map((one, at) => server(`s${at}`, one)));
    fc.assert(
      fc.property(fleets, fc.infiniteStream(fc.nat()), (fleet, chances) => {
        const shuffled = fleet
          .map((one) => ({ one, at: chances.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        assert.deepEqual(place(shuffled).eligible, place(fleet).eligible);
        for (const { sessions, reserved, slots, cordoned } of place(fleet).eligible) {
          assert.ok(slots !== null && sessions + reserved < slots && !cordoned);
        }
      }),
    );
  });
});
