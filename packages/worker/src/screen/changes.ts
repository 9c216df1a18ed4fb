// Decides when the visible screen has changed and which rows of it: the epoch, one more for each look that finds a
// difference, and for each row the epoch that last touched it. Given fingerprints; knows no cells and no emulator.
import { PRINT_NUMBERS } from "./line-print.ts";

/** All that is visible of a screen besides its cells. */
export interface Frame {
  readonly cols: number;
  readonly rows: number;
  readonly isAlternate: boolean;
  readonly cursorRow: number;
  readonly cursorCol: number;
  readonly isCursorVisible: boolean;
}

export class Changes {
  #epoch = 0;
  #frame: Frame;
  #prints: Int32Array;
  #rowEpochs: Uint32Array;

  /** What is given is epoch 0. */
  constructor(frame: Frame, prints: Int32Array) {
    this.#frame = frame;
    this.#prints = prints;
    this.#rowEpochs = new Uint32Array(frame.rows);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Compares with what was seen last; `prints` is kept. Returns the epoch now. */
  look(frame: Frame, prints: Int32Array): number {
    const before = this.#frame;
    this.#frame = frame;
    if (frame.cols !== before.cols || frame.rows !== before.rows || frame.isAlternate !== before.isAlternate) {
      this.#beginAnew(frame, prints);
      return this.#epoch;
    }
    const next = this.#epoch + 1;
    const isChanged = this.#markRows(prints, next) || !isSameCursor(frame, before);
    this.#prints = prints;
    if (isChanged) this.#epoch = next;
    return this.#epoch;
  }

  /** Whether `row` may be another one than at `epoch`; every row is after another size or buffer, or from the future. */
  hasChanged(row: number, epoch: number): boolean {
    return (this.#rowEpochs[row] ?? 0) > epoch || epoch > this.#epoch;
  }

  #beginAnew(frame: Frame, prints: Int32Array): void {
    this.#epoch += 1;
    this.#prints = prints;
    this.#rowEpochs = new Uint32Array(frame.rows).fill(this.#epoch);
  }

  #markRows(prints: Int32Array, epoch: number): boolean {
    let isChanged = false;
    for (let row = 0; row < this.#rowEpochs.length; row += 1) {
      const at = row * PRINT_NUMBERS;
      if (prints[at] === this.#prints[at] && prints[at + 1] === this.#prints[at + 1]) continue;
      this.#rowEpochs[row] = epoch;
      isChanged = true;
    }
    return isChanged;
  }
}

function isSameCursor(one: Frame, other: Frame): boolean {
  return (
    one.cursorRow === other.cursorRow &&
    one.cursorCol === other.cursorCol &&
    one.isCursorVisible === other.isCursorVisible
  );
}
