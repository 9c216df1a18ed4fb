// Decides when reading from a terminal pauses. Several parties may hold it back, each for its own reason; it goes on
// when none does. After the program's death nothing holds it back any more (its last bytes would be lost).

export type Reason = "screen" | "pace";

export interface Pausable {
  pause(): void;
  resume(): void;
}

export class Backpressure {
  readonly #source: Pausable;
  readonly #reasons = new Set<Reason>();
  #isReleased = false;

  constructor(source: Pausable) {
    this.#source = source;
  }

  hold(reason: Reason, isHeld: boolean): void {
    if (this.#isReleased || this.#reasons.has(reason) === isHeld) return;
    if (isHeld) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.#reasons.size === 0) this.#source.resume();
    else if (isHeld && this.#reasons.size === 1) this.#source.pause();
  }

  /** The program is gone: read to the end, whatever anybody holds. */
  release(): void {
    this.#isReleased = true;
    this.#reasons.clear();
    this.#source.resume();
  }
}
