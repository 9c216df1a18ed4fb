// Holds where in a session's output the shell's line editor shows what is typed at its prompt: from the first key after a prompt to
// where the command begins, or the next prompt. Pure; whoever follows the shell says what happens.

export interface Echo {
  readonly from: number;
  /** Offset after it; null while the line is still being typed. */
  readonly to: number | null;
}

/** More than a ring holds of them: each takes a prompt. */
const KEPT = 1024;

export class Echoes {
  #all: Echo[] = [];

  get isOpen(): boolean {
    return this.#all.at(-1)?.to === null;
  }

  /** A key was typed at a prompt, when so much had been printed. */
  begin(from: number): void {
    if (this.isOpen) return;
    this.#all.push({ from, to: null });
    if (this.#all.length >= 2 * KEPT) this.#all = this.#all.slice(-KEPT);
  }

  /** The line was entered or given up: what comes from here on is no echo of it. */
  end(to: number): void {
    const last = this.#all.at(-1);
    if (last?.to !== null) return;
    this.#all[this.#all.length - 1] = { from: last.from, to: Math.max(last.from, to) };
  }

  /** The first that ends after an offset; null: there is none yet. */
  after(offset: number): Echo | null {
    let first: Echo | null = null;
    for (let at = this.#all.length - 1; at >= 0; at -= 1) {
      const echo = this.#all[at] as Echo;
      if (echo.to !== null && echo.to <= offset) break;
      first = echo;
    }
    return first;
  }
}
