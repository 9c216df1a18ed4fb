// Decides whose work is done next, and how much of it in one turn of the event loop: round-robin in small slices, so that a
// flood in one session, many who wait on it, or a long answer cost another at most one turn. Knows no terminal; it is handed
// what takes turns.

/** Output that a screen has not taken yet, or an answer that is being written. */
export interface Work {
  /** Does up to about `maxBytes` of it; returns whether some is left. */
  turn(maxBytes: number): boolean;
}

/** Bytes parsed before the next session has its go: about 0.25 ms at 66 MB/s. */
const SLICE_BYTES = 16 * 1024;
/** Time for all of it in one turn: bounds what a flood adds to a keystroke elsewhere. */
const TURN_MS = 2;

export class Turns {
  readonly #waiting = new Set<Work>();
  #isScheduled = false;

  /** Takes part from the next turn on, until it is done. */
  add(work: Work): void {
    this.#waiting.add(work);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const untilMs = performance.now() + TURN_MS;
    while (this.#waiting.size > 0 && performance.now() < untilMs) {
      const [work] = this.#waiting as Iterable<Work> as [Work];
      this.#waiting.delete(work);
      if (work.turn(SLICE_BYTES)) this.#waiting.add(work);
    }
    const [first] = this.#waiting;
    if (first) this.add(first);
  }
}
