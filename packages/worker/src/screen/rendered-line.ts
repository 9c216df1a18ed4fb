// Renders a row of cells as a client reads it: spans of equal attributes, or plain text. What a person would not see is
// not told: invisible text is blanks. Knows no row number, cursor or epoch.
import type { color, span } from "@fleetty/protocol/schemas/common";
import type * as z from "zod";
import { BG, CELL_NUMBERS, CONTENT, colorOf, FG, isLostHalf, isRgb, seenBg, seenFg, widthAt } from "./cell.ts";
import type { CoreLine } from "./xterm-core.ts";

export type Color = z.infer<typeof color>;
/** A run of cells with the same attributes; only those that are set are present. */
export type Span = z.infer<typeof span>;

/** What a blank shows, by its width. */
const BLANKS = { 1: " ", 2: "  " } as const;

/** Called with what a cell shows and its attributes, for each cell from the left; the second half of a wide one is left out. */
type CellTaker = (text: string, fg: number, bg: number) => void;

/** Spans of the row without its trailing default blanks; a blank row has none. */
export function styledLine(line: CoreLine, cols: number): Span[] {
  const spans: Span[] = [];
  let text = "";
  let spanFg = 0;
  let spanBg = 0;
  eachCell(line, cols, (shown, fg, bg) => {
    if (fg !== spanFg || bg !== spanBg) {
      if (text !== "") spans.push(spanOf(text, spanFg, spanBg));
      text = "";
      spanFg = fg;
      spanBg = bg;
    }
    text += shown;
  });
  if (spanFg === 0 && spanBg === 0) text = withoutTrailingBlanks(text);
  if (text !== "") spans.push(spanOf(text, spanFg, spanBg));
  return spans;
}

/** The row's text without its trailing white space. */
export function plainLine(line: CoreLine, cols: number): string {
  return wholeLine(line, cols).trimEnd();
}

/** The same with the blanks at its end. */
export function wholeLine(line: CoreLine, cols: number): string {
  let text = "";
  eachCell(line, cols, (shown) => {
    text += shown;
  });
  return text;
}

function eachCell(line: CoreLine, cols: number, take: CellTaker): void {
  const cells = line._data;
  for (let col = 0; col < cols; ) {
    const at = col * CELL_NUMBERS;
    const fg = cells[at + 1] as number;
    const width = widthAt(cells, col, cols);
    const shown = (fg & FG.invisible) !== 0 ? "" : textOf(line, col, cols);
    take(shown === "" ? BLANKS[width] : shown, seenFg(fg), seenBg(cells[at + 2] as number));
    col += width;
  }
}

/** Text of the cell at `col`; "" for one in which nothing was printed, and for half a character. */
export function textOf(line: CoreLine, col: number, cols: number): string {
  const content = line._data[col * CELL_NUMBERS] as number;
  if ((content & CONTENT.isCombined) === 0 && content >> CONTENT.widthShift === 1) {
    return (content & CONTENT.codePoint) === 0 ? "" : String.fromCodePoint(content & CONTENT.codePoint);
  }
  if (isLostHalf(line._data, col, cols)) return "";
  if ((content & CONTENT.isCombined) !== 0) return line._combined[col] ?? "";
  return (content & CONTENT.codePoint) === 0 ? "" : String.fromCodePoint(content & CONTENT.codePoint);
}

function withoutTrailingBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end -= 1;
  return text.slice(0, end);
}

function spanOf(text: string, fg: number, bg: number): Span {
  const span: Span = { text };
  if (colorOf(fg) !== 0) span.fg = publicColor(colorOf(fg));
  if (colorOf(bg) !== 0) span.bg = publicColor(colorOf(bg));
  if (fg & FG.bold) span.bold = true;
  if (bg & BG.faint) span.faint = true;
  if (bg & BG.italic) span.italic = true;
  if (fg & FG.underline) span.underline = true;
  if (fg & FG.strikethrough) span.strikethrough = true;
  if (fg & FG.blink) span.blink = true;
  if (fg & FG.inverse) span.inverse = true;
  return span;
}

function publicColor(color: number): Color {
  if (!isRgb(color)) return { indexed: color & 0xff };
  return { rgb: { r: (color >> 16) & 0xff, g: (color >> 8) & 0xff, b: color & 0xff } };
}
