// Reads bytes out of a ring.
import type { Ring } from "@fleetty/protocol/stream/ring";

/** Bytes of a range that the ring holds whole, as one piece. */
export function readBytes(ring: Ring, range: { readonly from: number; readonly to: number }): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = range.from; at < range.to; ) {
    const part = ring.read(at, range.to - at);
    if (part === null || part.byteLength === 0) break;
    parts.push(part);
    at += part.byteLength;
  }
  return Buffer.concat(parts);
}
