// Decides what becomes of a viewer that types and does not read: what it is answered (acknowledgements, refusals) has no gap
// to stand for it, so no more is taken from such a viewer than it takes back, and it is given up when it takes nothing.
//
//   taking ──too much unread──► holding ──enough of it read──► taking
//                                  └──nothing read for 5 s──► given up

/** A few hundred answers: more than any hand types ahead. */
const HELD_AT_BYTES = 64 * 1024;
/** A send without progress (public contract, slow clients). */
const PATIENCE_MS = 5_000;

export interface ReplyHoldOptions {
  /** Take nothing more from the far side. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly giveUp: () => void;
}

export class ReplyHold {
  readonly #options: ReplyHoldOptions;
  #unreadBytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ReplyHoldOptions) {
    this.#options = options;
  }

  /** An answer goes out. */
  sending(bytes: number): void {
    this.#unreadBytes += bytes;
    if (this.#timer !== null || this.#unreadBytes < HELD_AT_BYTES) return;
    this.#timer = setTimeout(() => this.#options.giveUp(), PATIENCE_MS);
    this.#options.pause();
  }

  /** The far side's kernel has taken something: of answers so many bytes, or output. */
  sent(bytes: number): void {
    this.#unreadBytes -= bytes;
    if (this.#timer === null) return;
    if (this.#unreadBytes >= HELD_AT_BYTES) this.#timer.refresh();
    else {
      this.stop();
      this.#options.resume();
    }
  }

  /** Nothing is waited for any more. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
