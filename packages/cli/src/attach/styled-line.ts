// Turns one row of a screen into terminal bytes, cut to the columns that there are.
import type { Screen } from "@fleetty/protocol/schemas/common";
import { width } from "../print/cells.ts";
import { visible } from "../print/visible.ts";

type Line = Screen["lines"][number];
type Span = Exclude<Line, string>[number];
type Color = NonNullable<Span["fg"]>;

/** SGR codes of the attributes (ECMA-48, 8.3.117). */
const ATTRIBUTES = {
  bold: 1,
  faint: 2,
  italic: 3,
  underline: 4,
  blink: 5,
  inverse: 7,
  strikethrough: 9,
} as const satisfies Partial<Record<keyof Span, number>>;

const RESET = "\x1b[0m";

/** The columns `fromCol` up to `fromCol + cols` of a row; what is wide and only half inside is a blank. */
export function styledLine(line: Line, fromCol: number, cols: number): string {
  const spans: readonly Span[] = typeof line === "string" ? [{ text: line }] : line;
  let col = 0;
  let text = "";
  for (const span of spans) {
    const part = cut(span.text, { from: fromCol - col, to: fromCol - col + cols });
    col += width(span.text);
    if (part !== "") text += `${RESET}${sgr(span)}${part}`;
  }
  return text === "" ? "" : `${text}${RESET}`;
}

/** The characters of `text` that lie in columns [from, to). Control characters cannot be there, but are made harmless. */
function cut(text: string, { from, to }: { from: number; to: number }): string {
  let col = 0;
  let kept = "";
  for (const character of text) {
    const columns = width(character);
    const end = col + columns;
    if (col >= from && end <= to) kept += visible(character);
    else if (end > from && col < to) kept += " ";
    col = end;
  }
  return kept;
}

function sgr(span: Span): string {
  const codes = Object.entries(ATTRIBUTES).flatMap(([name, code]) => (span[name] === true ? [`${code}`] : []));
  if (span.fg) codes.push(`38;${colorCode(span.fg)}`);
  if (span.bg) codes.push(`48;${colorCode(span.bg)}`);
  return codes.length === 0 ? "" : `\x1b[${codes.join(";")}m`;
}

function colorCode(color: Color): string {
  if ("rgb" in color) {
    const { r, g, b } = color.rgb as { r: number; g: number; b: number };
    return `2;${r};${g};${b}`;
  }
  return `5;${color.indexed}`;
}
