// Finds where a range of raw output can begin and end as text, so that no escape sequence and no character is cut in two: who
// reads page by page, or only the end, is shown neither. Pure over a ring.
import type { Ring } from "@fleetty/protocol/stream/ring";
import { CHARACTER_MAX_BYTES, isContinuation, unfinishedBytes } from "./character-bytes.ts";
import { readBytes } from "./read-bytes.ts";
import { RenderedText } from "./rendered-text.ts";

/** How far before a range a sequence is looked for that reaches into it; marks of shells and titles are far shorter. */
const SEQUENCE_MAX_BYTES = 4096;
const ESC = 0x1b;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The offset within the range from which on nothing belongs to what began before it. */
export function textBegin(ring: Ring, { from, to }: Range): number {
  const before = readBytes(ring, { from: Math.max(ring.oldest, from - SEQUENCE_MAX_BYTES), to: from });
  const within = readBytes(ring, { from, to: Math.min(to, from + SEQUENCE_MAX_BYTES) });
  const opener = before.lastIndexOf(ESC);
  const ofSequence = opener < 0 ? 0 : restOfSequence(before.subarray(opener), within);
  return from + (ofSequence || restOfCharacter(before, within));
}

/** The offset at or before `to` at which no character is under way; `to`, where the range holds nothing else. */
export function textEnd(ring: Ring, { from, to }: Range): number {
  const tail = readBytes(ring, { from: Math.max(from, to - CHARACTER_MAX_BYTES + 1), to });
  const end = to - unfinishedBytes(tail);
  return end > from ? end : to;
}

function restOfSequence(begun: Uint8Array, within: Uint8Array): number {
  const rendered = new RenderedText({ printed: () => {}, left: () => {}, completed: () => {} }, 0);
  rendered.feed(begun);
  let count = 0;
  while (!rendered.isBetweenSequences && count < within.byteLength) {
    rendered.feed(within.subarray(count, count + 1));
    count += 1;
  }
  return count;
}

function restOfCharacter(before: Uint8Array, within: Uint8Array): number {
  const last = before.at(-1) ?? 0;
  if (last < 0x80) return 0;
  const rest = within.subarray(0, CHARACTER_MAX_BYTES - 1).findIndex((byte) => !isContinuation(byte));
  return rest < 0 ? Math.min(within.byteLength, CHARACTER_MAX_BYTES - 1) : rest;
}
