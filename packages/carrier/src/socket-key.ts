// The key of a unix socket on which a worker listens for its hub: where it lies, and what it is. Whoever listens makes it, whoever
// dials reads it, and both prove that they have it. Touches no file.
import { randomBytes } from "node:crypto";

/** 256 bits. */
export const SOCKET_KEY_BYTES = 32;

export function makeSocketKey(): Uint8Array {
  return randomBytes(SOCKET_KEY_BYTES);
}

/** Path of the key that belongs to the socket at that path. */
export function keyBeside(socketPath: string): string {
  return `${socketPath}.key`;
}
