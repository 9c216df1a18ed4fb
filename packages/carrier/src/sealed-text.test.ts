// Holds sealed texts to opening for their owner alone, unchanged, under the one key; and to telling nothing when they do not.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { Secret } from "@fleetty/protocol/secret";
import fc from "fast-check";
import { SealedTexts } from "./sealed-text.ts";

const key = randomBytes(32).toString("base64url");
const texts = new SealedTexts(new Secret(key));
const owner = "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD";

function assertBroken(open: () => unknown, hidden: readonly string[]): void {
  assert.throws(open, (error: Error & { code?: string; details?: unknown }) => {
    assert.equal(error.code, "internal_error");
    assert.deepEqual(error.details, { reason: "sealed_text_broken" });
    for (const text of hidden) assert.ok(!`${error.stack} ${String(error.cause)}`.includes(text));
    return true;
  });
}

describe("a sealed text", () => {
  it("opens as it was for its owner, and looks like another one each time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (text, whose) => {
        const sealed = texts.seal(whose, new Secret(text));
        assert.match(sealed, /^gcm1\.[\w-]+$/);
        assert.equal(texts.open(whose, sealed).reveal(), text);
        assert.notEqual(texts.seal(whose, new Secret(text)), sealed);
      }),
    );
  });

  it("opens for nobody else and under no other key", () => {
    const sealed = texts.seal(owner, new Secret("hunter2hunter2"));
    const others = new SealedTexts(new Secret(randomBytes(32).toString("base64url")));
    assertBroken(() => texts.open("srv_01K3Z8Q4T6V9X2B5N7M0R1S3WE", sealed), ["hunter2", key, sealed]);
    assertBroken(() => others.open(owner, sealed), ["hunter2", key, sealed]);
    assert.throws(() => texts.open(owner, "gcm1."), {
      message: /sealed for srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD .*set it again/,
    });
  });

  it("is broken by any change, to whichever character", () => {
    const sealed = texts.seal(owner, new Secret("hunter2hunter2"));
    for (let at = 0; at < sealed.length; at += 1) {
      const changes = ["A", "b", "-", "=", " ", ""].filter((other) => other !== sealed[at]);
      for (const other of changes) {
        assertBroken(() => texts.open(owner, sealed.slice(0, at) + other + sealed.slice(at + 1)), ["hunter2", key]);
      }
    }
    for (const text of ["", "gcm1.", "gcm1.AAAA", "hunter2hunter2", `${sealed}=`, `${sealed}A`])
      assertBroken(() => texts.open(owner, text), [key]);
  });

  it("needs a whole key", () => {
    for (const short of ["", "AAAA", key.slice(0, -2), `${key}AA`])
      assert.throws(() => new SealedTexts(new Secret(short)), { name: "InvariantError", message: /has 32 bytes/ });
  });
});
