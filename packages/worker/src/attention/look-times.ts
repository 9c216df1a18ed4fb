// Decides when a session's terminal is looked at: when its output pauses, then ever more seldom, and not at all while it is quiet
// and nobody waits for it. Pure: the caller brings the clock and says what happens.

/** After something has happened and nothing more has, so long: the pieces of one screen come closer together. */
export const PAUSE_MS = 50;
/** From the last thing that happened to the looks that follow it: a program may go on to read later than it prints. */
const STEPS_MS = [PAUSE_MS, 100, 200, 500, 1_000, 2_000];
/** What prints again and again, with the same seen after each time: it is not looked at twice for each line. */
const STEADY_STEPS_MS = [PAUSE_MS, 500, 1_000, 2_000];
/** A program that has been seen to wait for the terminal alone rarely stops by itself, and prints when it does. */
const AWAITED_STEPS_MS = [PAUSE_MS, 500, 2_000];
/** Between two lines of what prints again and again; so many in a row. */
const STEADY_GAP_MS = 500;
const STEADY_AFTER = 3;
/** While somebody waits or watches: a silent program may begin to read at any time. */
const WATCHED_MS = 5_000;
/** What never pauses is looked at all the same: a spinner may draw while it waits for keys. */
const RESTLESS_MS = 500;

/** What a look has shown. */
interface Seen {
  /** It said something else than before. */
  readonly isOther?: boolean;
  /** Whoever reads the terminal waits for that alone, without an end. */
  readonly isAwaited?: boolean;
}

export class LookTimes {
  #happenedAtMs: number;
  #lookedAtMs: number;
  /** When the first thing happened after the last look. */
  #restlessSinceMs: number;
  #steadyCount = 0;
  /** Since something happened it has been seen to wait for that alone, and this is what is said. */
  #isAwaited = false;

  constructor(nowMs: number) {
    this.#happenedAtMs = nowMs;
    this.#lookedAtMs = nowMs;
    this.#restlessSinceMs = nowMs;
  }

  /** Something was printed or typed. */
  happened(nowMs: number): void {
    if (this.#happenedAtMs <= this.#lookedAtMs) this.#restlessSinceMs = nowMs;
    const gapMs = nowMs - this.#happenedAtMs;
    // What comes closer together is one line, in pieces.
    if (gapMs > STEADY_GAP_MS) this.#steadyCount = 0;
    else if (gapMs > PAUSE_MS) this.#steadyCount += 1;
    this.#happenedAtMs = nowMs;
    this.#isAwaited = false;
  }

  looked(nowMs: number, { isOther = false, isAwaited = false }: Seen = {}): void {
    if (isOther) this.#steadyCount = 0;
    this.#isAwaited = isAwaited && !isOther;
    this.#lookedAtMs = nowMs;
  }

  /** When to look next; null: not before something happens. `again`: the last look is to be confirmed so much later. */
  next(isWatched: boolean, againMs: number | null): number | null {
    const step = this.#steps.find((one) => this.#happenedAtMs + one > this.#lookedAtMs);
    const isRestless = this.#happenedAtMs > this.#lookedAtMs;
    const atMs = [
      ...(againMs === null ? [] : [this.#lookedAtMs + againMs]),
      ...(step === undefined ? [] : [this.#happenedAtMs + step]),
      ...(isRestless ? [this.#restlessSinceMs + RESTLESS_MS] : []),
      ...(isWatched ? [this.#lookedAtMs + WATCHED_MS] : []),
    ];
    return atMs.length === 0 ? null : Math.min(...atMs);
  }

  get #steps(): readonly number[] {
    if (this.#isAwaited) return AWAITED_STEPS_MS;
    return this.#steadyCount >= STEADY_AFTER ? STEADY_STEPS_MS : STEPS_MS;
  }
}
