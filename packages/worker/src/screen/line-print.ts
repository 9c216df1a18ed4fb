// Takes the fingerprint of a row: equal for rows that look equal, so that a screen keeps eight bytes per row instead of a
// copy to tell what has changed. Two 32-bit lanes with seeds of this process: a program cannot prepare two rows that
// differ and print alike, and by chance it happens once in 10^19 comparisons.
import { randomBytes } from "node:crypto";
import { BLANK, CELL_NUMBERS, CONTENT, FG, seenBg, seenFg } from "./cell.ts";
import type { CoreLine } from "./xterm-core.ts";

const HAS_ATTRIBUTES = 0x80000000;
const HAS_TEXT = 0x40000000;
const seeds = randomBytes(8);
const SEED_A = seeds.readInt32LE(0);
const SEED_B = seeds.readInt32LE(4);

/** Numbers in `prints` per row. */
export const PRINT_NUMBERS = 2;

/** Writes the fingerprint of `line` into `prints` for `row`. */
export function printLine(line: CoreLine, cols: number, prints: Int32Array, row: number): void {
  const cells = line._data;
  let a = SEED_A;
  let b = SEED_B;
  for (let col = 0; col < cols; col += 1) {
    const at = col * CELL_NUMBERS;
    const content = seenContent(cells[at] as number, cells[at + 1] as number);
    const fg = seenFg(cells[at + 1] as number);
    const bg = seenBg(cells[at + 2] as number);
    const tagged = (fg | bg) === 0 ? content : content | HAS_ATTRIBUTES;
    a = mixA(a, tagged);
    b = mixB(b, tagged);
    if (tagged !== content) {
      a = mixA(mixA(a, fg), bg);
      b = mixB(mixB(b, fg), bg);
    }
    if ((content & CONTENT.isCombined) !== 0) {
      const text = line._combined[col] ?? "";
      for (let index = 0; index < text.length; index += 1) {
        a = mixA(a, HAS_TEXT | text.charCodeAt(index));
        b = mixB(b, HAS_TEXT | text.charCodeAt(index));
      }
    }
  }
  prints[row * PRINT_NUMBERS] = a;
  prints[row * PRINT_NUMBERS + 1] = b;
}

function mixA(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function mixB(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function seenContent(content: number, fg: number): number {
  const isHidden = (fg & FG.invisible) !== 0;
  const width = content >> CONTENT.widthShift;
  if ((content & CONTENT.any) === 0 || isHidden) return width === 0 ? 0 : (BLANK & CONTENT.any) | (width << 22);
  return content;
}
