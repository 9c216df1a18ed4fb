// Decides what is told beside the exit of a program that ended as soon as it was started: its last words mostly say why.
import type { Ring } from "@fleetty/protocol/stream/ring";
import { isContinuation } from "../output/character-bytes.ts";
import { readBytes } from "../output/read-bytes.ts";
import { textOf } from "../output/text-of.ts";

/** Who lives longer was started well. */
const STARTED_WELL_MS = 1_000;
const TAIL_MAX_BYTES = 4 * 1024;
/** Escape sequences take space that text does not. */
const READ_MAX_BYTES = 64 * 1024;

/** The last 4 KiB of its text, whole characters; undefined for one that lived longer, or said nothing. */
export function lastWords(ring: Ring, livedMs: number): string | undefined {
  if (livedMs > STARTED_WELL_MS) return undefined;
  const from = Math.max(ring.oldest, ring.end - READ_MAX_BYTES);
  const text = Buffer.from(textOf(readBytes(ring, { from, to: ring.end }), from));
  let at = Math.max(0, text.byteLength - TAIL_MAX_BYTES);
  while (isContinuation(text[at])) at += 1;
  return text.toString("utf8", at) || undefined;
}
