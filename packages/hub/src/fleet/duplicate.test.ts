// Holds the rule for a second link of one server to its table, and the count of returns to restarts that are none.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Alternations, type Answers, type DuplicateVerdict, judgeDuplicate } from "./duplicate.ts";

type Machine = "same machine" | "another machine";
type Run = "lower" | "same" | "higher";

const INCARNATIONS: Readonly<Record<Run, number>> = { lower: 6, same: 7, higher: 8 };

/** By machine and incarnation of the newcomer, and whether the holder was asked and answers: null, true, false. */
const table: Readonly<Record<Machine, Readonly<Record<Run, readonly DuplicateVerdict[]>>>> = {
  "same machine": {
    lower: ["holder", "holder", "holder"],
    same: ["newcomer", "newcomer", "newcomer"],
    higher: ["newcomer", "newcomer", "newcomer"],
  },
  "another machine": {
    lower: ["ask", "clone", "holder"],
    same: ["ask", "clone", "holder"],
    higher: ["ask", "clone", "newcomer"],
  },
};
const ANSWERS: readonly Answers[] = [null, true, false];

describe("a second link of one server", () => {
  for (const machine of Object.keys(table) as Machine[]) {
    for (const run of Object.keys(INCARNATIONS) as Run[]) {
      it(`of ${machine} with a ${run} incarnation is judged by the table`, () => {
        const holder = { hostPrint: "a", incarnation: INCARNATIONS.same };
        const hostPrint = machine === "same machine" ? "a" : "b";
        const newcomer = { hostPrint, incarnation: INCARNATIONS[run] };
        assert.deepEqual(
          ANSWERS.map((answers) => judgeDuplicate(newcomer, holder, answers)),
          table[machine][run],
        );
      });
    }
  }
});

describe("runs that take each other's place", () => {
  const letIn = (alternations: Alternations, runs: readonly string[], nowMs = 0) => {
    for (const run of runs) alternations.letIn(run, nowMs);
  };

  it("are too many at the fourth return, of either", () => {
    const alternations = new Alternations();
    letIn(alternations, ["a", "b", "a", "b"]);
    assert.equal(alternations.isTooMany("a", 0), false);
    letIn(alternations, ["a"]);
    assert.equal(alternations.isTooMany("b", 0), true);
    assert.equal(alternations.isTooMany("a", 0), false);
    assert.equal(alternations.isTooMany("c", 0), false);
  });

  it("are none when each is new, and when one and the same comes again", () => {
    const alternations = new Alternations();
    letIn(alternations, ["a", "b", "c", "d", "e", "e", "e", "e", "e"]);
    assert.equal(alternations.isTooMany("f", 0), false);
    assert.equal(alternations.isTooMany("e", 0), false);
  });

  it("are forgotten after ten minutes, and when a person has looked", () => {
    const alternations = new Alternations();
    letIn(alternations, ["a", "b", "a", "b", "a"]);
    assert.equal(alternations.isTooMany("b", 599_999), true);
    assert.equal(alternations.isTooMany("b", 600_000), false);
    letIn(alternations, ["a", "b", "a", "b", "a"], 600_000);
    alternations.clear();
    assert.equal(alternations.isTooMany("b", 600_000), false);
  });
});
