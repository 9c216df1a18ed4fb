import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DetachKeys } from "./detach-keys.ts";

const bytes = (text: string) => Buffer.from(text);
const forwarded = (keys: DetachKeys, text: string, nowMs: number) => {
  const typed = keys.type(bytes(text), nowMs);
  return typed.detach ? "detach" : Buffer.from(typed.forward).toString();
};

describe("the keys that detach", () => {
  it("pass everything else at once", () => {
    assert.equal(forwarded(new DetachKeys(), "ls\r\x03", 0), "ls\r\x03");
  });

  it("are Ctrl-\\ twice within half a second, in one read or in two", () => {
    assert.equal(forwarded(new DetachKeys(), "\x1c\x1c", 0), "detach");
    const keys = new DetachKeys();
    assert.equal(forwarded(keys, "a\x1c", 0), "a");
    assert.equal(forwarded(keys, "\x1c", 499), "detach");
  });

  it("reach the program when only one came in time", () => {
    const keys = new DetachKeys();
    assert.equal(forwarded(keys, "\x1c", 0), "");
    assert.ok(keys.isHolding);
    assert.equal(keys.lapse(499).byteLength, 0);
    assert.deepEqual([...keys.lapse(501)], [0x1c]);
    assert.ok(!keys.isHolding);
    assert.equal(keys.lapse(1000).byteLength, 0);
  });

  it("keep their order with what is typed after one", () => {
    const keys = new DetachKeys();
    assert.equal(forwarded(keys, "\x1cx", 0), "\x1cx");
    assert.equal(forwarded(keys, "\x1c", 10), "");
    assert.equal(forwarded(keys, "\x1c", 600), "\x1c");
    assert.ok(keys.isHolding);
  });
});
