// Holds proofs to proving one thing: this key, this role, these nonces, this link.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeHostKey } from "./host-listen.ts";
import { isProof, makeNonce, type ProofSubject, prove } from "./proof.ts";

const key = makeHostKey();
const subject: ProofSubject = { role: "hub", hubNonce: makeNonce(), workerNonce: makeNonce(), linkGeneration: 7 };

describe("a proof", () => {
  it("is one for the same key and subject", () => {
    assert.ok(isProof(key, subject, prove(key, subject)));
  });

  it("is none of another key", () => {
    assert.ok(!isProof(key, subject, prove(makeHostKey(), subject)));
    assert.ok(!isProof(key, subject, prove(new Uint8Array(0), subject)));
  });

  it("is none of another role, nonce or link: nothing that was heard can be sent again", () => {
    const others: ProofSubject[] = [
      { ...subject, role: "worker" },
      { ...subject, hubNonce: makeNonce() },
      { ...subject, workerNonce: makeNonce() },
      { ...subject, hubNonce: subject.workerNonce, workerNonce: subject.hubNonce },
      { ...subject, linkGeneration: 8 },
    ];
    for (const other of others) assert.ok(!isProof(key, subject, prove(key, other)), JSON.stringify(other));
  });

  it("is none when cut, lengthened, empty or of other characters", () => {
    const right = prove(key, subject);
    for (const wrong of [
      right.slice(0, -1),
      `${right}=`,
      `${right} `,
      "",
      "é".repeat(right.length),
      right.toLowerCase(),
    ])
      assert.ok(!isProof(key, subject, wrong), wrong);
  });
});

it("nonces and keys are long, and never the same", () => {
  const nonces = Array.from({ length: 100 }, makeNonce);
  assert.equal(new Set(nonces).size, 100);
  for (const nonce of nonces) assert.equal(Buffer.from(nonce, "base64url").byteLength, 16);
  assert.equal(makeHostKey().byteLength, 32);
  assert.notDeepEqual(makeHostKey(), makeHostKey());
});
