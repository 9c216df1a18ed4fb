// Draws one element, an overlay or a panel, into its box on a canvas: background, spans, region writes, and the mark of
// focus. Nothing of it stands outside its box. Knows no terminal.
import type { ShownOverlay } from "@fleetty/protocol/schemas/elements";
import type { Box, Canvas } from "./canvas.ts";
import { blank, cellsOf, JOINED_MAX } from "./cell.ts";
import { INVERSE, type Painted, paintOf } from "./style.ts";

/** What overlays and panels have in common. */
export type Element = Pick<ShownOverlay, "id" | "background" | "spans" | "region_writes">;

export interface ElementPlace {
  readonly box: Box;
  /** Its first row is in inverse video then, which nothing else of an element can be. */
  readonly isFocused: boolean;
}

export function paintElement(canvas: Canvas, element: Element, { box, isFocused }: ElementPlace): void {
  const ground = element.background?.bg;
  if (ground !== undefined) fill(canvas, box, paintOf({ text: "" }, ground));
  let at = { row: box.top, col: box.left };
  for (const span of element.spans) at = print(canvas, { box, at, margin: box.left }, span, paintOf(span, ground));
  for (const write of element.region_writes ?? []) {
    const col = box.left + write.col;
    print(canvas, { box, at: { row: box.top + write.row, col }, margin: col }, write, paintOf(write, ground));
  }
  if (isFocused)
    canvas.restyle({ ...box, bottom: box.top + 1 }, (style) => (style === "" ? INVERSE : `${style};${INVERSE}`));
}

function fill(canvas: Canvas, box: Box, style: string): void {
  const { top, left, bottom, right } = canvas.clip(box);
  const row = Array.from({ length: Math.max(0, right - left) }, () => blank(style));
  for (let at = top; at < bottom; at += 1) canvas.put(row, { row: at, col: left }, box);
}

interface Place {
  readonly row: number;
  readonly col: number;
}

interface Printing {
  readonly box: Box;
  readonly at: Place;
  /** Column that a new row begins in. */
  readonly margin: number;
}

/** Prints a text in which "\n" begins a row, as far as it can be seen. Returns where the next one goes on. */
function print(canvas: Canvas, { box, at, margin }: Printing, { text }: Painted, style: string): Place {
  const { bottom, right } = canvas.clip(box);
  let { row, col } = at;
  for (const [index, line] of text.split("\n").entries()) {
    if (index > 0) {
      row += 1;
      col = margin;
    }
    if (row >= bottom) break;
    const cells = cellsOf(line.slice(0, Math.max(0, right - col) * JOINED_MAX), style);
    canvas.put(cells, { row, col }, box);
    col += cells.length;
  }
  return { row, col };
}
