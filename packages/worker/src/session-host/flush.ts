// Decides when streams are sent what has come: at once after a pause, so that an echo is not delayed; gathered for a
// moment in a flood, so that it travels in few large frames. Knows no stream.

/** Something with output that its streams have not been sent. */
export interface Flushable {
  pumpStreams(): void;
}

/** Output that follows the last flush within this time is gathered. A PTY gives 4 KiB a read: in 1 ms come about 60 KiB. */
const GATHER_MS = 1;

export class Flush {
  readonly #waiting = new Set<Flushable>();
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #isScheduled = false;

  /** Has its streams pumped in this turn, or a moment later when this happened just now. */
  add(one: Flushable): void {
    this.#waiting.add(one);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule();
  }

  remove(one: Flushable): void {
    this.#waiting.delete(one);
  }

  /** Timers count from the turn's beginning and round up; turns are short, so looking each turn is finer. */
  #schedule(): void {
    setImmediate(() => {
      const nowMs = performance.now();
      if (nowMs - this.#flushedAtMs < GATHER_MS) return this.#schedule();
      this.#isScheduled = false;
      this.#flushedAtMs = nowMs;
      for (const one of this.#waiting) {
        this.#waiting.delete(one);
        one.pumpStreams();
      }
    });
  }
}
