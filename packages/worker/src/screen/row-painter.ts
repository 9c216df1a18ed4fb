// Paints the rows of a buffer on a blank terminal of the same size: cells, attributes, and which rows go on from the one
// above. Every position is absolute, so that no row depends on how another came out. Knows no modes and no cursor.
import { BG, CELL_NUMBERS, CONTENT, colorOf, widthAt } from "./cell.ts";
import { DEFAULT_PEN, isSamePen, type Pen, penSequence } from "./pen.ts";
import { textOf } from "./rendered-line.ts";
import { type CoreAttributes, type CoreBuffer, type CoreLine, viewLine } from "./xterm-core.ts";

const ESC = "\x1b";
const BG_FLAGS = BG.italic | BG.faint | BG.hasExtended | BG.isProtected | BG.overline;

interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** One cell as it is to be painted. */
export interface Cell {
  /** "" where nothing was printed. */
  readonly text: string;
  /** Columns that it takes; 1 for a combining mark that stands alone. */
  readonly width: number;
  readonly isJoining: boolean;
  readonly pen: Pen;
}

export class RowPainter {
  readonly #size: Size;
  readonly #parts: string[] = [];
  /** Undefined when not known. */
  #pen: Pen | undefined = DEFAULT_PEN;
  #row = 0;
  /** Where the next character goes; `cols` when it wraps. */
  #col = 0;

  constructor(size: Size) {
    this.#size = size;
  }

  /** Paints the view of `buffer`, and leaves the pen at default. */
  paint(buffer: CoreBuffer): void {
    for (let row = 0; row < this.#size.rows; row += 1) {
      const line = viewLine(buffer, row);
      if (row > 0 && line.isWrapped) this.#wrapInto(row, viewLine(buffer, row - 1));
      this.#paintRow(line, row);
    }
    this.pen(DEFAULT_PEN);
  }

  /** Prints `cell` so that the cursor is behind it, waiting to wrap after the last column. A blank one becomes a space. */
  reprint(cell: Cell, row: number, end: number): void {
    this.moveTo(row, end - cell.width);
    this.pen(cell.pen);
    this.#print(cell);
  }

  /** `row` counts from the top margin in origin mode. */
  moveTo(row: number, col: number): void {
    if (this.#row === row && this.#col === col) return;
    this.#parts.push(`${ESC}[${row + 1};${col + 1}H`);
    this.#row = row;
    this.#col = col;
  }

  pen(pen: Pen): void {
    if (this.#pen !== undefined && isSamePen(pen, this.#pen)) return;
    this.#pen = pen;
    this.#parts.push(penSequence(pen));
  }

  /** For after sequences that have changed the pen. */
  forgetPen(): void {
    this.#pen = undefined;
  }

  /** Adds sequences after which the position of the cursor is unknown; the pen is as before. */
  add(sequences: string): void {
    this.#parts.push(sequences);
    this.#row = -1;
  }

  toString(): string {
    return this.#parts.join("");
  }

  #paintRow(line: CoreLine, row: number): void {
    const { cols } = this.#size;
    for (let col = 0; col < cols; ) {
      const cell = cellAt(line, col, cols);
      if (isErased(cell)) {
        const end = endOfErased(line, col, cols, cell.pen.bg);
        if (colorOf(cell.pen.bg) !== 0) this.#erase(row, col, end - col, cell.pen);
        col = end;
        continue;
      }
      // A mark that stands alone would join the character before it, did no sequence come between.
      if (cell.isJoining) this.#row = -1;
      this.moveTo(row, col);
      this.pen(cell.pen);
      this.#print(cell);
      col += cell.width;
    }
  }

  /** Makes `row` one that goes on from the row above, by the only thing that does: a character that wraps. */
  #wrapInto(row: number, above: CoreLine): void {
    const { cols } = this.#size;
    const last = cellEndingAt(above, cols, cols);
    this.reprint(last, row - 1, cols);
    this.#parts.push(" ");
    this.#row = -1;
    if (isErased(last)) this.#erase(row - 1, cols - 1, 1, last.pen);
    this.#erase(row, 0, 1, DEFAULT_PEN);
  }

  #print(cell: Cell): void {
    this.#parts.push(cell.text === "" ? " " : cell.text);
    this.#col += cell.width;
  }

  #erase(row: number, col: number, count: number, pen: Pen): void {
    this.moveTo(row, col);
    this.pen(pen);
    this.#parts.push(`${ESC}[${count}X`);
  }
}

/** The cell that begins in column `col`. */
export function cellAt(line: CoreLine, col: number, cols: number): Cell {
  const at = col * CELL_NUMBERS;
  const content = line._data[at] as number;
  const fg = line._data[at + 1] as number;
  const bg = line._data[at + 2] as number;
  const pen = fg === 0 && bg === 0 ? DEFAULT_PEN : penOf({ fg, bg, extended: line._extendedAttrs[col] });
  const text = textOf(line, col, cols);
  const isJoining = text !== "" && content >> CONTENT.widthShift === 0;
  return { text, width: widthAt(line._data, col, cols), isJoining, pen };
}

/** The cell whose last column is the one before `end`. */
export function cellEndingAt(line: CoreLine, end: number, cols: number): Cell {
  const isWide = end > 1 && widthAt(line._data, end - 2, cols) === 2;
  return cellAt(line, isWide ? end - 2 : end - 1, cols);
}

/** The pen that `attributes` were written with. */
export function penOf(
  attributes: Omit<CoreAttributes, "extended"> & { extended?: CoreAttributes["extended"] | undefined },
): Pen {
  const { fg, bg } = attributes;
  const extended = bg & BG.hasExtended ? attributes.extended : undefined;
  return {
    fg,
    bg: bg & ~BG.hasExtended,
    underlineStyle: extended?.underlineStyle ?? 0,
    underlineColor: extended?.underlineColor ?? 0,
  };
}

/** Whether the cell is as erasing leaves it: nothing but a background. */
function isErased({ text, pen }: Cell): boolean {
  return text === "" && pen.fg === 0 && (pen.bg & BG_FLAGS) === 0;
}

function endOfErased(line: CoreLine, from: number, cols: number, bg: number): number {
  let col = from + 1;
  while (col < cols) {
    const cell = cellAt(line, col, cols);
    if (!isErased(cell) || colorOf(cell.pen.bg) !== colorOf(bg)) break;
    col += 1;
  }
  return col;
}
