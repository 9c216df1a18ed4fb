// Holds the size of one session's terminal as its viewers see it, and what of that its program has. Decides when the program is
// to hear of another size: once, and only where it is another.
import { effectiveSize, type Size } from "./size.ts";

export interface TerminalSizeParts {
  /** Rows that are left to the program. */
  readonly rows: () => number;
  /** Takes what has been printed, which was meant for the size before; it may change the rows. */
  readonly settle: () => void;
  /** The program has that size from now on. */
  readonly resize: (size: Size) => void;
}

export class TerminalSize {
  readonly #parts: TerminalSizeParts;
  #outer: Size;
  #program: Size;

  constructor(asked: Size, parts: TerminalSizeParts) {
    this.#parts = parts;
    this.#outer = effectiveSize(asked);
    this.#program = this.#outer;
  }

  /** Of the whole terminal, with what is beside the program. */
  get outer(): Size {
    return this.#outer;
  }

  get program(): Size {
    return this.#program;
  }

  /** Resolves what was asked to what there can be; whether that is another size than before. */
  ask(asked: Size): boolean {
    const before = this.#outer;
    this.#outer = effectiveSize(asked);
    this.fit();
    return !isSame(before, this.#outer);
  }

  /** To be called when the rows may have changed. */
  fit(): void {
    if (this.#fits) return;
    this.#parts.settle();
    if (this.#fits) return;
    this.#program = this.#fitting;
    this.#parts.resize(this.#program);
  }

  get #fits(): boolean {
    return isSame(this.#fitting, this.#program);
  }

  get #fitting(): Size {
    return { cols: this.#outer.cols, rows: this.#parts.rows() };
  }
}

function isSame(one: Size, other: Size): boolean {
  return one.cols === other.cols && one.rows === other.rows;
}
