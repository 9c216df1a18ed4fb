// Holds the secrets of a session to 128 bits of its own.
import assert from "node:assert/strict";
import { it } from "node:test";
import { makeNonces } from "./nonces.ts";

it("two sessions share no nonce, and none is shorter than 128 bits", () => {
  const all = Array.from({ length: 50 }, makeNonces).flatMap(({ marks, report }) => [marks, report]);
  assert.equal(new Set(all).size, 100);
  for (const nonce of all) assert.match(nonce, /^[0-9a-f]{32}$/);
});
