// Holds the waits between attempts to their bounds.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Redial } from "./redial.ts";

const ALMOST_ONE = 1 - Number.EPSILON;

describe("the wait before a member is dialled again", () => {
  it("doubles from half a second to half a minute, and starts anew after success", () => {
    const redial = new Redial();
    const waits = () => Array.from({ length: 8 }, () => Math.round(redial.failed(ALMOST_ONE)));
    const doubling = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    assert.deepEqual(waits(), doubling);
    redial.succeeded();
    assert.deepEqual(waits(), doubling);
  });

  it("lies anywhere between nothing and its bound, for ever", () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }), (failures, random) => {
        const redial = new Redial();
        for (let count = 0; count < failures; count += 1) redial.failed(0.5);
        assert.equal(redial.failed(random), random * Math.min(30_000, 500 * 2 ** failures));
      }),
    );
  });
});
