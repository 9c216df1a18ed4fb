// Knows what stands on a terminal of one size, and says which bytes bring it to what is to stand there: only the cells that
// differ, each at a place that is named, so that no terminal's own idea of a character's width moves the rest.
import { BLANK, type Cell, isSameCell, type Row } from "./cell.ts";
import type { Picture } from "./picture.ts";

/** A run of cells that stay is written again when that is shorter than the sequence that skips it. */
const SKIP_CELLS = 8;
/** Characters from here on, and joined ones, take as many columns as a terminal's version of Unicode says. */
const UNSURE_FROM = 0x1f000;
/** Nothing is shown between these (synchronized output); who does not know them ignores them. */
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?2026l";
const PLAIN = "\x1b[0m";
const ERASE_TO_END = "\x1b[K";

interface Run {
  readonly from: number;
  readonly to: number;
}

export class Painter {
  #rows: readonly Row[] = [];
  #cursor = "";

  /** Bytes for a terminal that was cleared before the first of them; empty when nothing changes. */
  paint({ rows, cursor: { row, col, visible } }: Picture): string {
    const changed = rows.flatMap((cells, at) => paintRow(cells, this.#rows[at] ?? [], at));
    const cursor = visible ? `\x1b[${row + 1};${col + 1}H\x1b[?25h` : "\x1b[?25l";
    const isStill = changed.length === 0 && cursor === this.#cursor;
    this.#rows = rows;
    this.#cursor = cursor;
    return isStill ? "" : `${BEGIN}${changed.join("")}${PLAIN}${cursor}${END}`;
  }
}

function paintRow(row: Row, before: Row, at: number): string[] {
  if (row === before) return [];
  return changedRuns(row, before).map((run) => `\x1b[${at + 1};${run.from + 1}H${cellsAsText(row, run)}`);
}

/** Runs of cells that differ, with what lies between two that are near each other. */
function changedRuns(row: Row, before: Row): Run[] {
  const runs: Run[] = [];
  for (let col = 0; col < row.length; col += 1) {
    if (isSameCell(row[col] as Cell, before[col] ?? BLANK)) continue;
    const last = runs.at(-1);
    const from = row[col]?.columns === 0 ? col - 1 : col;
    const to = row[col + 1]?.columns === 0 ? col + 2 : col + 1;
    if (last && from - last.to < SKIP_CELLS) runs[runs.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else runs.push({ from, to });
  }
  return runs;
}

function cellsAsText(row: Row, { from, to }: Run): string {
  const isToEnd = to === row.length;
  const end = isToEnd ? endOfShown(row, from) : to;
  let text = PLAIN;
  let style = "";
  for (let col = from; col < end; col += 1) {
    const cell = row[col] as Cell;
    if (cell.columns === 0) continue;
    if (cell.style !== style) text += cell.style === "" ? PLAIN : `\x1b[0;${cell.style}m`;
    style = cell.style;
    text += cell.text;
    if (isUnsure(cell.text)) text += `\x1b[${col + cell.columns + 1}G`;
  }
  return end < to ? `${text}${style === "" ? "" : PLAIN}${ERASE_TO_END}` : text;
}

/** The column from which on the row is blank, if erasing it is shorter than writing it. */
function endOfShown(row: Row, from: number): number {
  let end = row.length;
  while (end > from && isSameCell(row[end - 1] as Cell, BLANK)) end -= 1;
  return row.length - end > ERASE_TO_END.length ? end : row.length;
}

function isUnsure(text: string): boolean {
  const first = text.codePointAt(0) ?? 0;
  return first >= UNSURE_FROM || text.length > (first > 0xffff ? 2 : 1);
}
