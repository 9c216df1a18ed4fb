// Holds what counts as activity of a session and when it last happened. Pure: the caller brings the clock.

/** Positions of a session as callers see them; `generation` counts, `lastAtMs` is on the caller's monotonic clock. */
export class Activity {
  #generation = 0;
  #lastAtMs: number;

  constructor(nowMs: number) {
    this.#lastAtMs = nowMs;
  }

  /** Number of chunks of output that the screen has taken, plus inputs that were accepted. */
  get generation(): number {
    return this.#generation;
  }

  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  happened(nowMs: number): void {
    this.#generation += 1;
    this.#lastAtMs = nowMs;
  }

  quietMs(nowMs: number): number {
    return Math.max(0, Math.round(nowMs - this.#lastAtMs));
  }
}
