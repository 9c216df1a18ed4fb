import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { backoffMs } from "./backoff.ts";

describe("the pause before another attempt", () => {
  it("doubles up to a bound", () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((failures) => backoffMs(failures, 1)),
      [50, 100, 200, 400],
    );
    assert.equal(backoffMs(1_000_000, 1), 2_000);
  });

  it("spreads many clients over half of it", () => {
    assert.equal(backoffMs(3, 0), 200);
    assert.equal(backoffMs(3, 0.5), 300);
  });
});
