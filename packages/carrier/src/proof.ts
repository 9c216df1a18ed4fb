// Proves to hold a key without showing it: by an HMAC over a text that says for which link, and in which role, it is made, so that
// what was heard once is worth nothing elsewhere. Knows neither the text nor where the key comes from.
import { createHmac, timingSafeEqual } from "node:crypto";

export function proofOf(key: string | Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** In constant time. */
export function isProofOf(key: string | Uint8Array, text: string, proof: string): boolean {
  const right = Buffer.from(proofOf(key, text));
  const given = Buffer.from(proof);
  return given.length === right.length && timingSafeEqual(given, right);
}
