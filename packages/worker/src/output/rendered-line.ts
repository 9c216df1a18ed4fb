// Holds the one line that is being printed: a cell per character and the bytes of the output that each came from. Knows
// no escape sequence and no pattern.

/** A line without a newline is broken after so many characters, so that no program can make a line of any size. */
export const LINE_MAX_CHARS = 64 * 1024;
/** Room of a new line: most fit, and waits are many. */
const FIRST_ROOM = 256;

/** Part of the output: from the first byte to the one after the last. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A line as printed so far. Cells are Unicode code points; combining and wide characters take one cell each. */
export class RenderedLine {
  /** Valid up to `length`. */
  cells = new Uint32Array(FIRST_ROOM);
  #starts = new Float64Array(FIRST_ROOM);
  /** Bytes of each cell: 1…4. */
  #sizes = new Uint8Array(FIRST_ROOM);
  #length = 0;
  /** Offset of the first byte of the line, escape sequences included. */
  from: number;

  constructor(from: number) {
    this.from = from;
  }

  get length(): number {
    return this.#length;
  }

  /** Writes a cell over an old one or at the end. */
  put(col: number, character: number, bytes: ByteRange): void {
    if (col === this.cells.length) this.#grow();
    this.cells[col] = character;
    this.#starts[col] = bytes.from;
    this.#sizes[col] = bytes.to - bytes.from;
    if (col >= this.#length) this.#length = col + 1;
  }

  /** Writes characters of one byte each, as many as there is room for at `col`; returns how many. */
  putAscii(col: number, bytes: Uint8Array, at: number, count: number, offset: number): number {
    if (col + count > this.cells.length) this.#grow();
    const taken = Math.min(count, this.cells.length - col);
    const { cells } = this;
    const starts = this.#starts;
    for (let index = 0; index < taken; index += 1) {
      cells[col + index] = bytes[at + index] as number;
      starts[col + index] = offset + index;
    }
    this.#sizes.fill(1, col, col + taken);
    if (col + taken > this.#length) this.#length = col + taken;
    return taken;
  }

  /** Makes the cells from…to blank; they keep the bytes that they came from. */
  blank(from: number, to: number): void {
    this.cells.fill(0x20, from, to);
  }

  /** Forgets the cells from `length` on. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** Begins a new line whose first byte is at `from`. */
  restart(from: number): void {
    this.#length = 0;
    this.from = from;
  }

  text(from = 0, to = this.#length): string {
    let text = "";
    for (let at = from; at < to; at += TEXT_STEP) {
      text += String.fromCodePoint(...this.cells.subarray(at, Math.min(to, at + TEXT_STEP)));
    }
    return text;
  }

  /** The bytes of the output from which the cells from…to came; of no cells, the place where they would begin. */
  bytes(from: number, to: number): ByteRange {
    if (from === to) return this.#place(from);
    let first = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let col = from; col < to; col += 1) {
      const start = this.#starts[col] as number;
      first = Math.min(first, start);
      last = Math.max(last, start + (this.#sizes[col] as number));
    }
    return { from: first, to: last };
  }

  #place(col: number): ByteRange {
    const at = col === 0 ? this.from : (this.#starts[col - 1] as number) + (this.#sizes[col - 1] as number);
    return { from: at, to: at };
  }

  #grow(): void {
    const room = 2 * this.cells.length;
    const grown = <Column extends { set(from: Column): void }>(column: Column, bigger: Column): Column => {
      bigger.set(column);
      return bigger;
    };
    this.cells = grown(this.cells, new Uint32Array(room));
    this.#starts = grown(this.#starts, new Float64Array(room));
    this.#sizes = grown(this.#sizes, new Uint8Array(room));
  }
}

/** Arguments of one call of String.fromCodePoint; far below the limit of engines. */
const TEXT_STEP = 4096;
