// Asks one question again and again, never twice at once, and keeps the last answer with its time while there is no newer one.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";

export interface Answered<T> {
  readonly value: T;
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
}

/** An answer that has not come by then is asked for anew: the way to the server may be gone without a word. */
const GIVE_UP_MS = 10_000;
const NO_ANSWER = "no answer within 10 s";

export class RepeatedQuestion<T> {
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #leaving: AbortSignal;
  #latest: Answered<T> | null = null;
  #failure: FleettyError | null = null;
  #isUnderWay = false;

  /** `leaving` ends what is under way. */
  constructor(ask: (signal: AbortSignal) => Promise<T>, leaving: AbortSignal) {
    this.#ask = ask;
    this.#leaving = leaving;
  }

  get latest(): Answered<T> | null {
    return this.#latest;
  }

  /** What refused the last attempt; null once one was answered. */
  get failure(): FleettyError | null {
    return this.#failure;
  }

  /** Resolves when it has been answered or refused; at once while it is under way. */
  async again(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    const late = AbortSignal.timeout(GIVE_UP_MS);
    try {
      const value = await this.#ask(AbortSignal.any([this.#leaving, late]));
      this.#latest = { value, atMs: performance.now() };
      this.#failure = null;
    } catch (thrown) {
      const isLate = late.aborted && !this.#leaving.aborted;
      this.#failure = isLate ? new FleettyError("server_unavailable", NO_ANSWER) : toFleettyError(thrown);
    } finally {
      this.#isUnderWay = false;
    }
  }
}
