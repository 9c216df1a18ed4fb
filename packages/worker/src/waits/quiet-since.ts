// Decides when a session has been quiet for so long after a position. Pure; the rules of sessions.idle are in idle.ts.
import { cutMs } from "./idle.ts";

interface Subject {
  readonly generation: number;
  readonly lastActivityAtMs: number;
}

interface Start {
  /** Where the caller was; without a generation: here and now. */
  readonly since: { readonly generation?: number | undefined } | undefined;
  readonly subject: Subject;
  readonly arrivedAtMs: number;
}

export class QuietSince {
  readonly #timeoutMs: number;
  readonly #notBeforeMs: number;

  /**
   * A position that the session has reached lies at its last activity or before, so the quiet since then counts. The
   * quiet after one that it has not reached, or after none, counts from arrival.
   */
  constructor(timeoutMs: number, { since, subject, arrivedAtMs }: Start) {
    const isPast = since?.generation !== undefined && since.generation <= subject.generation;
    this.#timeoutMs = cutMs(timeoutMs);
    this.#notBeforeMs = isPast ? Number.NEGATIVE_INFINITY : arrivedAtMs;
  }

  /** The instant at which the quiet is long enough, unless something happens before. */
  completeAtMs(subject: Subject): number {
    return Math.max(subject.lastActivityAtMs, this.#notBeforeMs) + this.#timeoutMs;
  }
}
