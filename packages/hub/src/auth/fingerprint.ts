// Turns a text that must not be guessed into what it is looked up by, so that the time of a look-up tells nothing of it.
import { hash, randomInt } from "node:crypto";

export function fingerprint(text: string): string {
  return hash("sha256", text, "base64url");
}

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Each character has 5.9 random bits. */
export function randomAlphanumerics(length: number): string {
  return Array.from({ length }, () => ALPHANUMERICS[randomInt(ALPHANUMERICS.length)]).join("");
}
