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

  it("are known in every form that a program can make a terminal send them in", () => {
    const forms = ["\x1b[27;5;92~", "\x1b[92;5u", "\x1b[92;133u", "\x1b[92:124;5:1u", "\x1b[92;69:2u"];
    for (const form of forms) {
      const keys = new DetachKeys();
      assert.equal(forwarded(keys, `a${form}`, 0), "a", form);
      assert.equal(forwarded(keys, form, 499), "detach", form);
      assert.equal(forwarded(new DetachKeys(), `${form}x`, 0), `${form}x`, form);
    }
    const keys = new DetachKeys();
    assert.equal(forwarded(keys, "\x1b[92;5u\x1b[92;5:3u", 0), "");
    assert.equal(Buffer.from(keys.lapse(501)).toString(), "\x1b[92;5u\x1b[92;5:3u");
    assert.equal(forwarded(keys, "\x1b[92;5u\x1b[92;5:3u", 1_000), "");
    assert.equal(forwarded(keys, "\x1b[92;5u", 1_100), "detach");
  });

  it("are no other keys", () => {
    for (const other of [
      "\x1b[92;1u",
      "\x1b[92;7u",
      "\x1b[27;5;93~",
      "\x1b[92;5",
      "\x1b[92u",
      "\x1b[192;5u",
      "ü\xff",
    ]) {
      assert.equal(forwarded(new DetachKeys(), other + other, 0), other + other);
    }
  });
});
