// A copy of a program's screen, kept by reading what has changed of it. Rows that have not are the very same objects from
// one picture to the next.
import type { Screen, ScreenDelta, ScreenUnchanged } from "@fleetty/protocol/schemas/common";
import { columnsOf } from "./canvas.ts";
import { cellsOf, type Row } from "./cell.ts";
import type { Picture } from "./picture.ts";
import { styleOf } from "./style.ts";

type Line = Screen["lines"][number];
/** Of a screen or a delta: what both have. */
type View = Pick<Screen, "cols" | "cursor" | "epoch">;

export class ProgramScreen {
  #rows: Row[] = [];
  #view: View | undefined;

  /** Of what it knows; undefined before anything was read. */
  get epoch(): number | undefined {
    return this.#view?.epoch;
  }

  /** Undefined before anything was read. */
  get picture(): Picture | undefined {
    if (!this.#view) return undefined;
    const { cols, cursor } = this.#view;
    const program = { top: 0, left: 0, bottom: this.#rows.length, right: cols };
    return { rows: [...this.#rows], cols, cursor, program };
  }

  /** An answer to the question for what has changed since `epoch`, or for all. */
  take(answer: Screen | ScreenDelta | ScreenUnchanged): void {
    if (isUnchanged(answer)) return;
    const { cols, lines } = answer;
    if (lines) this.#rows = lines.map((line) => rowOf(line, cols));
    else for (const { row, line } of (answer as ScreenDelta).changed) this.#rows[row] = rowOf(line, cols);
    this.#view = answer;
  }
}

function isUnchanged(answer: Screen | ScreenDelta | ScreenUnchanged): answer is ScreenUnchanged {
  return "unchanged" in answer;
}

function rowOf(line: Line, cols: number): Row {
  const spans = typeof line === "string" ? [{ text: line }] : line;
  const cells = spans.flatMap((span) => cellsOf(span.text, styleOf(span)));
  return columnsOf(cells, { from: 0, cols });
}
