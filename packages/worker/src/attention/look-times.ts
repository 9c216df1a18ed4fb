// Decides when a session's terminal is looked at: when its output pauses, then ever more seldom, and not at all while it is quiet
// and nobody waits for it. Pure: the caller brings the clock and says what happens.

/** After something has happened and nothing more has, so long: the pieces of one screen come closer together. */
export const PAUSE_MS = 50;
/** From the last thing that happened to the looks that follow it: a program may go on to read later than it prints. */
const STEPS_MS = [PAUSE_MS, 100, 200, 500, 1_000, 2_000];
/** While somebody waits or watches: a silent program may begin to read at any time. */
const WATCHED_MS = 5_000;
/** What never pauses is looked at all the same: a spinner may draw while it waits for keys. */
const RESTLESS_MS = 500;

export class LookTimes {
  #happenedAtMs: number;
  #lookedAtMs: number;
  /** When the first thing happened after the last look. */
  #restlessSinceMs: number;

  constructor(nowMs: number) {
    this.#happenedAtMs = nowMs;
    this.#lookedAtMs = nowMs;
    this.#restlessSinceMs = nowMs;
  }

  /** Something was printed or typed. */
  happened(nowMs: number): void {
    if (this.#happenedAtMs <= this.#lookedAtMs) this.#restlessSinceMs = nowMs;
    this.#happenedAtMs = nowMs;
  }

  looked(nowMs: number): void {
    this.#lookedAtMs = nowMs;
  }

  /** When to look next; null: not before something happens. `again`: the last look is to be confirmed so much later. */
  next(isWatched: boolean, againMs: number | null): number | null {
    const step = STEPS_MS.find((one) => this.#happenedAtMs + one > this.#lookedAtMs);
    const isRestless = this.#happenedAtMs > this.#lookedAtMs;
    const atMs = [
      ...(againMs === null ? [] : [this.#lookedAtMs + againMs]),
      ...(step === undefined ? [] : [this.#happenedAtMs + step]),
      ...(isRestless ? [this.#restlessSinceMs + RESTLESS_MS] : []),
      ...(isWatched ? [this.#lookedAtMs + WATCHED_MS] : []),
    ];
    return atMs.length === 0 ? null : Math.min(...atMs);
  }
}
