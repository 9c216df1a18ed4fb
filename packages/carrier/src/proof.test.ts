// Holds proofs to one key and one text.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isProofOf, proofOf } from "./proof.ts";

describe("a proof", () => {
  it("is right for one key and one text alone", () => {
    const proof = proofOf("key", "this link");
    const table: readonly (readonly [key: string | Uint8Array, text: string, proof: string, is: boolean])[] = [
      ["key", "this link", proof, true],
      [Buffer.from("key"), "this link", proof, true],
      ["key", "another link", proof, false],
      ["other", "this link", proof, false],
      ["", "this link", proof, false],
      ["key", "this link", proof.slice(1), false],
      ["key", "this link", `${proof}=`, false],
      ["key", "this link", "", false],
      ["key", "this link", "key", false],
      ["key", "this link", "é".repeat(proof.length), false],
    ];
    for (const [key, text, given, is] of table) assert.equal(isProofOf(key, text, given), is, `${text} ${given}`);
  });
});
