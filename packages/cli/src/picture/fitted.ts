// Fits a picture into a terminal of any size: as much of it as there is room for, around the cursor, with words in the last
// row where there is something to say. Pure.
import type { Size } from "@fleetty/client";
import { Canvas, columnsOf } from "./canvas.ts";
import { cellsOf, type Row } from "./cell.ts";
import type { Picture } from "./picture.ts";
import { INVERSE } from "./style.ts";

export interface ViewOptions {
  readonly terminal: Size;
  /** Words for the last row, which shows nothing else then. */
  readonly words: string | undefined;
  /** Whether keys are captured: that is marked in the terminal's upper right corner. */
  readonly isCapturing: boolean;
}

const CAPTURE_MARK = cellsOf("C", INVERSE);

export function fitted({ rows, cols, cursor, program }: Picture, options: ViewOptions): Picture {
  const { terminal, words, isCapturing } = options;
  const height = words === undefined ? terminal.rows : Math.max(1, terminal.rows - 1);
  const top = firstShown(cursor.row, { count: rows.length, room: height });
  const left = firstShown(cursor.col, { count: cols, room: terminal.cols });
  const shown = Array.from({ length: terminal.rows }, (_, at) => (at < height ? (rows[top + at] ?? []) : []));
  const isSame = left === 0 && cols === terminal.cols;
  const cut = isSame ? shown : shown.map((row) => columnsOf(row, { from: left, cols: terminal.cols }));
  const canvas = new Canvas(cut, terminal.cols);
  if (words !== undefined) canvas.put(sign(words, terminal.cols), { row: height, col: 0 }, canvas.box);
  if (isCapturing) canvas.put(CAPTURE_MARK, { row: 0, col: canvas.cols - 1 }, canvas.box);
  const moved = (row: number, col: number) => ({ row: row - top, col: col - left });
  return {
    rows: canvas.rows,
    cols: terminal.cols,
    cursor: { ...moved(cursor.row, cursor.col), visible: cursor.visible },
    program: {
      top: program.top - top,
      left: program.left - left,
      bottom: program.bottom - top,
      right: program.right - left,
    },
  };
}

/** The first of `count` rows or columns to show in `room`, so that the cursor is seen; 0 as long as it is. */
function firstShown(cursorAt: number, { count, room }: { readonly count: number; readonly room: number }): number {
  if (cursorAt < room) return 0;
  return Math.min(cursorAt - room + 1, Math.max(0, count - room));
}

function sign(words: string, cols: number): Row {
  const cells = cellsOf(` ${words} `, INVERSE);
  return [...cells, ...cellsOf(" ".repeat(Math.max(0, cols - cells.length)), INVERSE)];
}
