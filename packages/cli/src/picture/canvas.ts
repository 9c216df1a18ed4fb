// A rectangle of cells that is drawn on. Keeps every wide character whole: one that is cut, by an edge or by what is drawn
// over half of it, becomes blanks. Knows nothing of what is drawn.
import { BLANK, blank, type Cell, type Row } from "./cell.ts";

/** Columns [left, right) of rows [top, bottom). */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export class Canvas {
  readonly cols: number;
  readonly #rows: Row[];
  /** Rows that are this canvas's own, so that they may be written to. */
  readonly #own = new Map<number, Cell[]>();

  /** Begins with `rows`, each made `cols` wide. */
  constructor(rows: readonly Row[], cols: number) {
    this.cols = cols;
    this.#rows = rows.map((row) => (row.length === cols ? row : columnsOf(row, { from: 0, cols })));
  }

  /** What stands here now. A row that nothing was drawn on is the one that was given. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** All of it. */
  get box(): Box {
    return { top: 0, left: 0, bottom: this.#rows.length, right: this.cols };
  }

  /** The part of `box` that there is. */
  clip({ top, left, bottom, right }: Box): Box {
    return {
      top: Math.max(0, top),
      left: Math.max(0, left),
      bottom: Math.min(this.#rows.length, bottom),
      right: Math.min(this.cols, right),
    };
  }

  /** Lays `cells` down from a column on, which may be any number, as far as they are inside `within`. */
  put(cells: readonly Cell[], at: { readonly row: number; readonly col: number }, within: Box): void {
    const { top, left, bottom, right } = this.clip(within);
    const from = Math.max(left, at.col);
    const to = Math.min(right, at.col + cells.length);
    if (at.row < top || at.row >= bottom || from >= to) return;
    const row = this.#ownRow(at.row);
    for (const edge of [from, to]) split(row, edge);
    for (let col = from; col < to; col += 1) row[col] = cells[col - at.col] as Cell;
    for (const edge of [from, to]) heal(row, edge);
  }

  /** Every cell of `box` that there is becomes what `change` makes of it, which must be as wide. */
  restyle(box: Box, change: (style: string) => string): void {
    const { top, left, bottom, right } = this.clip(box);
    for (let at = top; at < bottom && left < right; at += 1) {
      const row = this.#ownRow(at);
      for (let col = left; col < right; col += 1) {
        const cell = row[col] as Cell;
        row[col] = { ...cell, style: change(cell.style) };
      }
    }
  }

  #ownRow(at: number): Cell[] {
    const own = this.#own.get(at) ?? [...(this.#rows[at] as Row)];
    this.#own.set(at, own);
    this.#rows[at] = own;
    return own;
  }
}

/** `cols` columns of a row, from one on; what is not there is blank. */
export function columnsOf(row: Row, { from, cols }: { readonly from: number; readonly cols: number }): Row {
  const cut = row.slice(from, from + cols);
  for (const edge of [0, cut.length]) heal(cut, edge);
  while (cut.length < cols) cut.push(BLANK);
  return cut;
}

/** A wide character that stands on both sides of a column's left edge becomes blanks. */
function split(row: Cell[], at: number): void {
  if (row[at]?.columns !== 0) return;
  for (const half of [at - 1, at]) row[half] = blank((row[half] as Cell).style);
}

/** What is left of a wide character whose other half is missing at a column's left edge becomes a blank. */
function heal(row: Cell[], at: number): void {
  const [before, after] = [row[at - 1], row[at]];
  if (before?.columns === 2 && after?.columns !== 0) row[at - 1] = blank(before.style);
  if (before?.columns !== 2 && after?.columns === 0) row[at] = blank(after.style);
}
