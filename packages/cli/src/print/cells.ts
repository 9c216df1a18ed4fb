// Knows how wide a text is on a terminal, near enough to align columns. Nothing of terminals' own differences.

/** Wide and full-width ranges of East Asian Width, and emoji (Unicode 16), in one class. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** Columns that a text without control characters takes. */
export function width(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
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
