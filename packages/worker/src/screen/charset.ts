// Tells by which letter a character set of the core was designated (ESC ( 0 for line drawing). The core keeps only the
// tables, so they are recognised by asking a core of our own for each letter's once.
import { type Core, type CoreCharset, openCore, parse } from "./xterm-core.ts";

/** Final bytes of the sets that the core knows (its data/Charsets), without US ASCII, which it keeps as no table. */
const LETTERS = "0A4C5RQKYE6ZH7=";
const ASCII = "B";

let letters: Map<CoreCharset, string> | undefined;

/** The final byte that designates `charset`. */
export function charsetLetter(charset: CoreCharset): string {
  if (charset === undefined) return ASCII;
  letters ??= learnLetters();
  return letters.get(charset) ?? ASCII;
}

function learnLetters(): Map<CoreCharset, string> {
  const core: Core = openCore({ cols: 2, rows: 1, scrollbackLines: 0 });
  const learned = new Map<CoreCharset, string>();
  for (const letter of LETTERS) {
    parse(core, Buffer.from(`\x1b(${letter}`));
    learned.set(core._charsetService.charset, letter);
  }
  core.dispose();
  return learned;
}
