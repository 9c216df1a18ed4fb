// Holds the output streams of one session, one for each server with somebody who watches. Decides for whom the program waits,
// and knows since when nobody watches.
import type { Exit } from "@fleetty/protocol/schemas/common";
import type { SessionStream } from "./stream.ts";

export interface StreamsParts {
  /** How the session ended; null while it has not. */
  readonly exit: () => Exit | null;
  /** The program is to wait, or to go on. */
  readonly hold: (isHeld: boolean) => void;
}

export class Streams {
  readonly #parts: StreamsParts;
  readonly #open = new Set<SessionStream>();
  readonly #pacing = new Set<SessionStream>();
  #lastClosedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  /** When the last stream was closed, on the monotonic clock of this process; infinite in the past if there was none, null while one is open. */
  get unwatchedSinceMs(): number | null {
    return this.#open.size > 0 ? null : this.#lastClosedAtMs;
  }

  /** One whose link was lost before is not taken. */
  add(stream: SessionStream): void {
    if (stream.isClosed) return;
    this.#open.add(stream);
    stream.pump();
    const exit = this.#parts.exit();
    if (exit) stream.finish(exit);
  }

  closed(stream: SessionStream): void {
    if (this.#open.delete(stream)) this.#lastClosedAtMs = performance.now();
  }

  pump(): void {
    for (const stream of this.#open) stream.pump();
  }

  resized(size: { rows: number; cols: number }): void {
    for (const stream of this.#open) stream.resized(size);
  }

  finish(exit: Exit): void {
    for (const stream of [...this.#open]) stream.finish(exit);
  }

  /** A paced stream asks the program to wait, or lets it go on. */
  holdForPace(stream: SessionStream, isHeld: boolean): void {
    if (isHeld) this.#pacing.add(stream);
    else this.#pacing.delete(stream);
    this.#parts.hold(this.#pacing.size > 0);
  }
}
