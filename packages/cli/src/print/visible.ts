// Makes control characters of programs visible, so that what a session printed cannot command the reader's terminal.

/** C0, DEL, C1, and the marks that turn the direction of text around (Unicode TR 9). */
export const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One line: every control character in caret notation, or as its code point. */
export function visible(text: string): string {
  return text.replace(CONTROLS, shown);
}

const LINE_ENDS_AND_TABS = /(\n|\t)/;

/** Several lines: as `visible`, but line ends and tabs stay, as in cat -v; a carriage return before a line end goes. */
export function visibleLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split(LINE_ENDS_AND_TABS)
    .map((part, at) => (at % 2 === 0 ? visible(part) : part))
    .join("");
}

function shown(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return "^?";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
