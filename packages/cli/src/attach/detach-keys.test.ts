// Says which keys leave an attached session, and which reach it how.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DetachKeys } from "./detach-keys.ts";

const pieces = (forward: readonly Uint8Array[]) => forward.map((one) => Buffer.from(one).toString());
const typed = (keys: DetachKeys, text: string, nowMs: number) => {
  const all = keys.type(Buffer.from(text), nowMs);
  return all.detach ? "detach" : pieces(all.forward);
};

describe("the keys that detach", () => {
  it("pass everything else at once", () => {
    assert.deepEqual(typed(new DetachKeys(), "ls\r\x03", 0), ["ls\r\x03"]);
  });

  it("are Ctrl-\\ twice within half a second, in one read or in two", () => {
    assert.equal(typed(new DetachKeys(), "\x1c\x1c", 0), "detach");
    const keys = new DetachKeys();
    assert.deepEqual(typed(keys, "a\x1c", 0), ["a"]);
    assert.equal(typed(keys, "\x1c", 499), "detach");
  });

  it("reach the session by themselves when only one came in time", () => {
    const keys = new DetachKeys();
    assert.deepEqual(typed(keys, "\x1c", 0), []);
    assert.ok(keys.isHolding);
    assert.deepEqual(keys.lapse(499), []);
    assert.deepEqual(pieces(keys.lapse(501)), ["\x1c"]);
    assert.ok(!keys.isHolding);
    assert.deepEqual(keys.lapse(1000), []);
  });

  it("keep their order with what is typed before and after one, and stay by themselves", () => {
    const keys = new DetachKeys();
    assert.deepEqual(typed(keys, "a\x1cx\x1b[A", 0), ["a", "\x1c", "x\x1b[A"]);
    assert.deepEqual(typed(keys, "\x1c", 10), []);
    assert.deepEqual(typed(keys, "\x1c", 600), ["\x1c"]);
    assert.ok(keys.isHolding);
  });

  it("are known in every form that a program can make a terminal send them in, and go out in one", () => {
    const forms = ["\x1b[27;5;92~", "\x1b[92;5u", "\x1b[92;133u", "\x1b[92:124;5:1u", "\x1b[92;69:2u"];
    for (const form of forms) {
      const keys = new DetachKeys();
      assert.deepEqual(typed(keys, `a${form}`, 0), ["a"], form);
      assert.equal(typed(keys, form, 499), "detach", form);
      assert.deepEqual(typed(new DetachKeys(), `${form}x`, 0), ["\x1c", "x"], form);
    }
    const keys = new DetachKeys();
    assert.deepEqual(typed(keys, "\x1b[92;5u\x1b[92;5:3u", 0), []);
    assert.deepEqual(pieces(keys.lapse(501)), ["\x1c"]);
    assert.deepEqual(typed(keys, "\x1b[92;5u\x1b[92;5:3u", 1_000), []);
    assert.equal(typed(keys, "\x1b[92;5u", 1_100), "detach");
  });

  it("are bytes like others in a paste, however it is cut, unless it is never ended", () => {
    const keys = new DetachKeys();
    assert.deepEqual(typed(keys, "\x1b[20", 0), ["\x1b[20"]);
    assert.deepEqual(typed(keys, "0~a\x1c\x1cb\x1b[201", 10), ["0~a\x1c\x1cb\x1b[201"]);
    assert.deepEqual(typed(keys, "~c\x1c", 20), ["~c"]);
    assert.deepEqual(typed(keys, "\x1b[200~\x1cx", 30), ["\x1c", "\x1b[200~\x1cx"]);
    assert.equal(typed(keys, "\x1c\x1c", 3_000), "detach");
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
      assert.deepEqual(typed(new DetachKeys(), other + other, 0), [other + other]);
    }
  });
});
