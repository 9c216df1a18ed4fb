// Knows how wide a text is on a terminal, as a session's own screen lays it out. Nothing of terminals' own differences.
import { WIDTHS } from "@fleetty/worker/screen/character-width";

const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text without control characters takes. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += WIDTHS.wcwidth(character.codePointAt(0) as number);
  return columns;
}

export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** The text as far as it fits, with `…` in the last column where it does not. */
export function fitted(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let fits = "";
  let taken = 0;
  for (const character of text) {
    taken += width(character);
    if (taken >= columns) break;
    fits += character;
  }
  return columns > 0 ? `${fits}…` : "";
}
