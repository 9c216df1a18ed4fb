// Holds backpressure to pausing while anybody holds, going on when nobody does, and standing in no dead program's way.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Backpressure, type Reason } from "./backpressure.ts";

function source() {
  const told: string[] = [];
  return { told, pause: () => told.push("pause"), resume: () => told.push("resume") };
}

describe("backpressure", () => {
  it("pauses for the first reason and goes on after the last", () => {
    const reading = source();
    const backpressure = new Backpressure(reading);
    backpressure.hold("screen", true);
    backpressure.hold("pace", true);
    backpressure.hold("screen", false);
    assert.deepEqual(reading.told, ["pause"]);
    backpressure.hold("pace", false);
    assert.deepEqual(reading.told, ["pause", "resume"]);
  });

  it("says nothing twice", () => {
    const reading = source();
    const backpressure = new Backpressure(reading);
    backpressure.hold("screen", false);
    for (const isHeld of [true, true, false, false]) backpressure.hold("screen", isHeld);
    assert.deepEqual(reading.told, ["pause", "resume"]);
  });

  it("reads on after the program's death, whoever holds, then and later", () => {
    const reading = source();
    const backpressure = new Backpressure(reading);
    backpressure.hold("pace", true);
    backpressure.release();
    backpressure.hold("screen", true);
    assert.deepEqual(reading.told, ["pause", "resume"]);
  });

  it("is paused exactly while somebody holds, in any order of holding and letting go", () => {
    const step = fc.tuple(fc.constantFrom<Reason>("screen", "pace"), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { size: "max", maxLength: 40 }), (steps) => {
        const reading = source();
        const backpressure = new Backpressure(reading);
        const holding = new Set<Reason>();
        for (const [reason, isHeld] of steps) {
          backpressure.hold(reason, isHeld);
          if (isHeld) holding.add(reason);
          else holding.delete(reason);
          assert.equal(reading.told.at(-1) === "pause", holding.size > 0);
        }
      }),
    );
  });
});
