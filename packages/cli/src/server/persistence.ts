// Decides when a server that is not to stay has nothing left to do: its last session has ended, or for a minute there was
// neither a session nor a socket of anybody. Whether it stays is said at its start and may be said otherwise while it runs.

const WITHOUT_ANYTHING_MS = 60_000;

export interface PersistenceOptions {
  /** Whether it stays without sessions, until that is said otherwise. */
  readonly isPersistent: boolean;
  readonly liveSessions: () => number;
  /** WebSockets of any kind. */
  readonly sockets: () => number;
  readonly onOver: () => void;
}

export class Persistence {
  readonly #options: PersistenceOptions;
  #isPersistent: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.#isPersistent = options.isPersistent;
    if (!this.#isPersistent) this.#wait();
  }

  get isPersistent(): boolean {
    return this.#isPersistent;
  }

  /** Saying the same again begins no new minute. */
  persist(isPersistent: boolean): void {
    if (isPersistent === this.#isPersistent) return;
    this.#isPersistent = isPersistent;
    clearTimeout(this.#timer);
    if (!isPersistent) this.#wait();
  }

  /** A session has ended. */
  sessionEnded(): void {
    if (!this.#isPersistent && this.#options.liveSessions() === 0) this.#options.onOver();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      const { liveSessions, sockets, onOver } = this.#options;
      if (liveSessions() === 0 && sockets() === 0) onOver();
      else this.#wait();
    }, WITHOUT_ANYTHING_MS);
  }
}
