// Finds what stands out on a screen, as far as cells tell: text in inverse video, text on a strip of colour one row high, and
// the row of the cursor. So whoever reads a menu learns what it has chosen. Given styled lines; knows no emulator.
//
// Full-screen programs show a choice by inverse video (less, readline, curses), or by a background that the rows
// around it do not have (whiptail, dialog, fzf): a whole window has it on all of its rows and does not stand out.
import { WIDTHS } from "./character-width.ts";
import type { Span } from "./rendered-line.ts";

export type Highlight = {
  readonly row: number;
  readonly col: number;
  readonly text: string;
  readonly by: "inverse" | "background" | "cursor";
};

export interface StyledScreen {
  /** From the top. */
  readonly lines: readonly (readonly Span[])[];
  readonly cursor: { readonly row: number };
}

/** Public limit; the cursor's row is always among them. */
const HIGHLIGHTS_MAX = 32;
const INVERSE = "inverse";
/** With two rows on each side, neither the row beside the chosen one nor a list of alternating colours stands out. */
const NEAR_ROWS = [-2, -1, 1, 2];

interface Cell {
  readonly text: string;
  readonly col: number;
  /** What it stands on: a colour, "" for the default one, or INVERSE. */
  readonly ground: string;
}

/** By rows, then from the left; without blanks around them. */
export function highlightsOf({ lines, cursor }: StyledScreen): Highlight[] {
  const rows = lines.map(cellsOf);
  const grounds = rows.map(groundsOf);
  const around = (row: number) => NEAR_ROWS.flatMap((away) => grounds[row + away] ?? []);
  const found = rows.flatMap((cells, row) => standingOut(cells, row, around(row)));
  const ofCursor = trimmed(rows[cursor.row] ?? [], { row: cursor.row, by: "cursor" });
  const kept = found.slice(0, HIGHLIGHTS_MAX - ofCursor.length);
  return [...kept, ...ofCursor].sort((one, other) => one.row - other.row || one.col - other.col);
}

function cellsOf(line: readonly Span[]): Cell[] {
  let col = 0;
  return line.flatMap((span) => {
    const ground = span.inverse ? INVERSE : span.bg === undefined ? "" : JSON.stringify(span.bg);
    return [...span.text].map((text) => {
      const cell = { text, col, ground };
      col += WIDTHS.wcwidth(text.codePointAt(0) as number);
      return cell;
    });
  });
}

/** By column. */
function groundsOf(cells: readonly Cell[]): ReadonlyMap<number, string> {
  return new Map(cells.map(({ col, ground }) => [col, ground]));
}

function standingOut(
  cells: readonly Cell[],
  row: number,
  neighbours: readonly ReadonlyMap<number, string>[],
): Highlight[] {
  const runs: Cell[][] = [];
  let last: Cell | undefined;
  for (const cell of cells) {
    const { ground, col } = cell;
    const standsOut = ground === INVERSE || (ground !== "" && neighbours.every((all) => all.get(col) !== ground));
    if (!standsOut) last = undefined;
    else if (last?.ground === ground) runs.at(-1)?.push(cell);
    else runs.push([cell]);
    if (standsOut) last = cell;
  }
  return runs.flatMap((run) => trimmed(run, { row, by: run[0]?.ground === INVERSE ? "inverse" : "background" }));
}

/** One, or none of what is blank. */
function trimmed(cells: readonly Cell[], about: Pick<Highlight, "row" | "by">): Highlight[] {
  const first = cells.findIndex(({ text }) => text.trim() !== "");
  if (first < 0) return [];
  const text = cells.slice(first).map((cell) => cell.text);
  return [{ row: about.row, col: (cells[first] as Cell).col, text: text.join("").trimEnd(), by: about.by }];
}
