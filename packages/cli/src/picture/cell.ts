// Holds what stands in one column of a terminal, and turns a text into such cells. A text stays a text: what would command
// the terminal becomes a sign that can be seen.
import { WIDTHS } from "@fleetty/worker/screen/character-width";
import { CONTROLS } from "../print/visible.ts";

export interface Cell {
  /** One character with what combines with it; empty in the second column of a wide one. */
  readonly text: string;
  /** Columns that it takes; 0 is the second one of a wide character. */
  readonly columns: 0 | 1 | 2;
  /** SGR parameters (ECMA-48, 8.3.117), such as `1;38;5;2`; empty for none. */
  readonly style: string;
}

/** One row of a terminal, a cell for each column. A wide character is always whole. Not to be changed: it is shared. */
export type Row = readonly Cell[];

/** UTF-16 units of a character with its marks: the longest letter of any script and the longest emoji have fewer. */
export const JOINED_MAX = 32;
/** Unicode's pictures of C0 begin here; DEL has one of its own. */
const CONTROL_PICTURES = 0x2400;
const PICTURE_OF_DELETE = "\u2421";
const PLAIN = /^[\x20-\x7e]*$/;

export const BLANK: Cell = blank("");

export function blank(style: string): Cell {
  return { text: " ", columns: 1, style };
}

export function isSameCell(one: Cell, other: Cell): boolean {
  return one === other || (one.text === other.text && one.style === other.style && one.columns === other.columns);
}

/** A cell for each column that `text` takes, line ends included, which have no meaning here. */
export function cellsOf(text: string, style: string): Cell[] {
  const shown = text.replace(CONTROLS, pictureOf);
  const isPlain = PLAIN.test(shown);
  const cells: Cell[] = [];
  for (const character of shown) {
    const columns = isPlain ? 1 : WIDTHS.wcwidth(character.codePointAt(0) as number);
    if (columns === 0) join(cells, character);
    else cells.push({ text: character, columns, style });
    if (columns === 2) cells.push({ text: "", columns: 0, style });
  }
  return cells;
}

/** A mark belongs to the character before it; one that has none before it is not shown. */
function join(cells: Cell[], mark: string): void {
  const at = cells.at(-1)?.columns === 0 ? cells.length - 2 : cells.length - 1;
  const cell = cells[at];
  if (cell && cell.text.length + mark.length <= JOINED_MAX) cells[at] = { ...cell, text: cell.text + mark };
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code);
  return code === 0x7f ? PICTURE_OF_DELETE : "\ufffd";
}
