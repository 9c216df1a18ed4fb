// Draws a screen into a terminal of another size: as much of it as fits, around the cursor, with a line that says so. Pure:
// gives back the bytes to write, only for rows that changed.

import type { Size } from "@fleetty/client";
import type { Screen } from "@fleetty/protocol/schemas/common";
import { padded } from "../print/cells.ts";
import { PaintedRows } from "../terminal/painted-rows.ts";
import { styledLine } from "./styled-line.ts";

/** Own screen of the terminal, cleared; and back. */
export const ENTER_WINDOW = "\x1b[?1049h\x1b[0m\x1b[2J";
export const LEAVE_WINDOW = "\x1b[0m\x1b[?1049l";

export class Window {
  readonly #terminal: Size;
  readonly #painted = new PaintedRows();

  constructor(terminal: Size) {
    this.#terminal = terminal;
  }

  /** Bytes that bring the terminal from what it was last given to this screen; `notice` stands in its last row. */
  draw(screen: Screen, notice: string): string {
    const height = Math.max(1, this.#terminal.rows - 1);
    const top = firstShown(screen.cursor.row, screen.rows, height);
    const left = firstShown(screen.cursor.col, screen.cols, this.#terminal.cols);
    const lines = Array.from({ length: height }, (_, at) =>
      styledLine(top + at < screen.rows ? (screen.lines[top + at] ?? "") : "", left, this.#terminal.cols),
    );
    const status = `\x1b[7m${padded(notice.slice(0, this.#terminal.cols), this.#terminal.cols)}\x1b[0m`;
    return `\x1b[?25l${this.#painted.paint([...lines, status])}${cursor(screen, top, left)}`;
  }
}

/** The first of `count` rows or columns to show in `room`, so that the cursor is seen; 0 as long as it is. */
function firstShown(cursorAt: number, count: number, room: number): number {
  if (cursorAt < room) return 0;
  return Math.min(cursorAt - room + 1, Math.max(0, count - room));
}

function cursor({ cursor: { row, col, visible } }: Screen, top: number, left: number): string {
  return visible ? `\x1b[${row - top + 1};${col - left + 1}H\x1b[?25h` : "";
}
