// Decides how long to wait before the other end of a link is dialled again: for ever, more and more seldom, and never in step with others
// (full jitter), so that a hub that comes back is not met by all its members at once. Pure: the caller brings the chance.

/** Bound of the first wait; each further one doubles it. */
const FIRST_MAX_MS = 500;
/** Whoever returns is found within half a minute. */
const MAX_MS = 30_000;

export class Redial {
  #failures = 0;

  /** Counts a failed attempt; gives the wait before the next. `random` is uniform in [0, 1). */
  failed(random: number): number {
    const maxMs = Math.min(MAX_MS, FIRST_MAX_MS * 2 ** this.#failures);
    this.#failures += 1;
    return random * maxMs;
  }

  /** The link is up: the next failure is a first one. */
  succeeded(): void {
    this.#failures = 0;
  }
}
