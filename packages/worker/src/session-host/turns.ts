// Decides whose output is parsed next, and how much of it in one turn of the event loop: round-robin in small slices, so
// that a flood in one session, or many who wait on it, cost another at most one turn. Knows no terminal; it is handed what
// can be parsed.

/** Something with output that its screen has not taken yet. */
export interface Backlog {
  /** Parses up to `maxBytes`; returns whether some are left. */
  parse(maxBytes: number): boolean;
}

/** Bytes parsed before the next session has its go: about 0.25 ms at 66 MB/s. */
const SLICE_BYTES = 16 * 1024;
/** Time for parsing in one turn: bounds what a flood adds to a keystroke elsewhere. */
const TURN_MS = 2;

export class Turns {
  readonly #waiting = new Set<Backlog>();
  #isScheduled = false;

  /** Takes part from the next turn on, until its backlog is empty. */
  add(backlog: Backlog): void {
    this.#waiting.add(backlog);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const untilMs = performance.now() + TURN_MS;
    while (this.#waiting.size > 0 && performance.now() < untilMs) {
      const [backlog] = this.#waiting as Iterable<Backlog> as [Backlog];
      this.#waiting.delete(backlog);
      if (backlog.parse(SLICE_BYTES)) this.#waiting.add(backlog);
    }
    const [first] = this.#waiting;
    if (first) this.add(first);
  }
}
