// Holds the hash of a resolved server set to change with its servers and with nothing else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { targetsHash } from "./targets-hash.ts";

const ids = fc.uniqueArray(fc.stringMatching(/^srv_[0-9A-Z]{1,3}$/), { maxLength: 6 });

describe("the hash of a resolved server set", () => {
  it("is the same in every version", () => {
    assert.equal(targetsHash([]), "th_e3b0c44298fc1c14");
    assert.equal(targetsHash(["srv_B", "srv_A"]), "th_151f2e7246dddbf1");
  });

  it("is equal exactly for equal sets, in whatever order", () => {
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const isSame = one.length === other.length && one.every((id) => other.includes(id));
        assert.equal(targetsHash(one) === targetsHash(other), isSame);
        assert.equal(targetsHash(one), targetsHash(one.toReversed()));
      }),
    );
  });
});
