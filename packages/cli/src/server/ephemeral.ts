// Decides when an ephemeral server has nothing left to do: its last session has ended, or none came within a minute and
// nobody watches.

const WITHOUT_ANYTHING_MS = 60_000;

export interface EphemeralOptions {
  readonly liveSessions: () => number;
  readonly viewers: () => number;
  readonly onOver: () => void;
}

export class EphemeralLife {
  readonly #options: EphemeralOptions;
  #timer: NodeJS.Timeout;

  constructor(options: EphemeralOptions) {
    this.#options = options;
    this.#timer = this.#wait();
  }

  /** A session has ended. */
  sessionEnded(): void {
    if (this.#options.liveSessions() === 0) this.#options.onOver();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): NodeJS.Timeout {
    return setTimeout(() => {
      const { liveSessions, viewers, onOver } = this.#options;
      if (liveSessions() === 0 && viewers() === 0) onOver();
      else this.#timer = this.#wait();
    }, WITHOUT_ANYTHING_MS);
  }
}
