// Holds the bound on those who have not proved who they are: over all, and for each address.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HalfOpen } from "./half-open.ts";

describe("those who are being greeted", () => {
  it("are at most 8 from one address, and one more as soon as one of them is over", () => {
    const halfOpen = new HalfOpen();
    const places = Array.from({ length: 8 }, () => halfOpen.take("10.0.0.1"));
    assert.ok(places.every((place) => place !== null));
    assert.equal(halfOpen.take("10.0.0.1"), null);
    assert.ok(halfOpen.take("10.0.0.2"));
    places[0]?.();
    places[0]?.();
    assert.ok(halfOpen.take("10.0.0.1"));
    assert.equal(halfOpen.take("10.0.0.1"), null);
  });

  it("are at most 64 in all", () => {
    const halfOpen = new HalfOpen();
    const places = Array.from({ length: 64 }, (_, at) => halfOpen.take(`10.0.0.${at}`));
    assert.ok(places.every((place) => place !== null));
    assert.equal(halfOpen.take("10.0.1.1"), null);
    places[7]?.();
    assert.ok(halfOpen.take("10.0.1.1"));
  });
});
