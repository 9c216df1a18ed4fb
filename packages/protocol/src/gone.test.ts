// Holds the news of a caller's leaving to its promise, whenever it is asked for.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "./gone.ts";

describe("the news that a caller has gone", () => {
  it("reaches who asked before and who asks after", () => {
    const gone = new Gone();
    const before = gone.signal;
    assert.deepEqual([gone.isGone, before.aborted], [false, false]);
    gone.went();
    assert.deepEqual([gone.isGone, before.aborted, gone.signal.aborted], [true, true, true]);
  });

  it("is there for who asks first when it is over", () => {
    const gone = new Gone();
    gone.went();
    assert.equal(gone.signal.aborted, true);
  });
});
