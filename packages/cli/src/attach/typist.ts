// Carries what is typed to the session, in order, over the watch of the moment. When the watch is replaced, what was typed
// into the old one is in the terminal before the new one is typed into. Knows no keys and no terminal.
import type { Watch } from "@fleetty/client";

/** Longer than a restarted server takes mostly, and shorter than people wait for the echo of a key before they type it again. */
export const LATE_AFTER_MS = 1_000;

export interface TypistParts {
  /** Resolves when what was typed may go out. Throws what refuses it. */
  readonly mayType: (bytes: Uint8Array) => Promise<void>;
  readonly onWritten: () => void;
  /** The oldest of what waits to be written has done so for a second. Told again for each that comes after it was written. */
  readonly onLate: () => void;
  readonly onRefused: (error: unknown) => void;
}

export class Typist {
  #watch: Watch;
  readonly #pending = new Set<Promise<unknown>>();
  #lateTimer: NodeJS.Timeout | undefined;
  /** Resolves when the watch of the moment may be typed into. */
  #gate: Promise<unknown> = Promise.resolve();
  readonly #parts: TypistParts;

  constructor(watch: Watch, parts: TypistParts) {
    this.#watch = watch;
    this.#parts = parts;
  }

  type(bytes: Uint8Array): void {
    const { mayType, onWritten, onRefused } = this.#parts;
    const written = this.#gate
      .then(() => mayType(bytes))
      .then(() => this.#watch.write(bytes))
      .then(onWritten, onRefused);
    this.#pending.add(written);
    this.#lateTimer ??= setTimeout(this.#parts.onLate, LATE_AFTER_MS);
    void written.then(() => this.#settled(written));
  }

  /** What is still under way is told of no more. */
  close(): void {
    clearTimeout(this.#lateTimer);
  }

  #settled(written: Promise<unknown>): void {
    this.#pending.delete(written);
    clearTimeout(this.#lateTimer);
    this.#lateTimer = this.#pending.size > 0 ? setTimeout(this.#parts.onLate, LATE_AFTER_MS) : undefined;
  }

  /** From now on types into `watch`; closes the one before when it has taken everything. */
  moveTo(watch: Watch): void {
    const before = this.#watch;
    this.#watch = watch;
    const earlier = [...this.#pending];
    this.#gate = Promise.all([this.#gate, ...earlier]).then(() => before.close());
  }
}
