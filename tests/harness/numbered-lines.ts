// Knows what the program print-when-told prints, by offset of its session: what came can be compared with what should have.

/** Offset of the first numbered line, behind "ready". */
export const NUMBERS_FROM = "ready\n".length;
const LINE_BYTES = "0000001\n".length;

/** What it prints from one offset to another. */
export function numberedLines(from: number, to: number): Buffer {
  const [first, last] = [from - NUMBERS_FROM, to - NUMBERS_FROM];
  const firstLine = Math.floor(first / LINE_BYTES);
  const count = Math.ceil(last / LINE_BYTES) - firstLine;
  const lines = Array.from({ length: count }, (_, at) => `${String(firstLine + at + 1).padStart(7, "0")}\n`);
  const skipped = firstLine * LINE_BYTES;
  return Buffer.from(lines.join("")).subarray(first - skipped, last - skipped);
}
