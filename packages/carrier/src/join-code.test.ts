// Holds join codes to their form.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keyFingerprint, makeJoinCode, readJoinCode } from "./join-code.ts";

const HUB_KEY = "ed25519:MCowBQYDK2VwAyEA";

describe("a join code", () => {
  it("is read as it was made, and names its hub by the fingerprint of its key", () => {
    const { text, ...made } = makeJoinCode(HUB_KEY);
    assert.match(text, /^fjc_[0-9A-Z]{26}\.[\w-]{22}\.[\w-]{22}$/);
    assert.deepEqual(readJoinCode(text), made);
    assert.equal(made.hubFingerprint, keyFingerprint(HUB_KEY));
    assert.notEqual(made.hubFingerprint, keyFingerprint(`${HUB_KEY}x`));
    assert.ok(!text.includes(made.secretHash));
  });

  it("is no other text", () => {
    const { text } = makeJoinCode(HUB_KEY);
    const [id, secret, fingerprint] = text.split(".");
    for (const other of [
      "",
      text.slice(1),
      `${text}x`,
      `${text}\n`,
      `${id}.${secret}`,
      `${id}.${secret?.slice(1)}.${fingerprint}`,
      `${id?.toLowerCase()}.${secret}.${fingerprint}`,
      `${id}.${secret?.replace(/.$/, "/")}.${fingerprint}`,
    ]) {
      assert.equal(readJoinCode(other), null, other);
    }
  });
});
