// Tells a subscriber the raw output of a session by its offsets, in pieces of the time that was asked for. Bytes that it was too
// slow for are declared, and the screen is told again.
import type { Viewer, ViewerSink } from "../calls.ts";
import type { ScreenTeller } from "./screen-teller.ts";
import { patiently, type Telling } from "./telling.ts";

/** A piece is told before its time when it has become so large. */
const PIECE_MAX_BYTES = 64 * 1024;

export class OutputTeller {
  readonly #telling: Telling;
  readonly #screens: ScreenTeller;
  readonly #over = Promise.withResolvers<void>();
  #viewer: Viewer | null = null;
  #pieces: Uint8Array[] = [];
  #offset = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(telling: Telling, screens: ScreenTeller) {
    this.#telling = telling;
    this.#screens = screens;
    telling.signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Begins at that offset. Resolves when the last byte of a session is told that has ended, or nobody hears any more. */
  async run(from: number): Promise<void> {
    const { observed, signal } = this.#telling;
    const viewer = await patiently(() => observed.output(from, this.#sink), signal);
    this.#viewer = viewer;
    if (viewer === null) this.#over.resolve();
    else if (signal.aborted) viewer.close();
    await this.#over.promise;
  }

  /** The socket has sent what it held. */
  drained(): void {
    this.#viewer?.drained();
  }

  get #sink(): ViewerSink {
    const { lagged, bufferedBytes } = this.#telling;
    const over = () => {
      this.#flush();
      this.#over.resolve();
    };
    return {
      output: (offset, bytes) => this.#add(offset, bytes),
      gap: (from, to) => {
        this.#flush();
        lagged(to - from, "lagged");
        this.#screens.resync(null);
      },
      // The screen is told by itself.
      snapshot: () => {},
      elements: () => {},
      size: () => {},
      exit: () => {},
      written: () => {},
      error: () => {},
      detached: over,
      ended: over,
      bufferedBytes: () => bufferedBytes() + this.#bytes,
    };
  }

  #add(offset: number, bytes: Uint8Array): void {
    if (this.#bytes === 0) this.#offset = offset;
    // Whoever hands them over may use their memory again.
    this.#pieces.push(bytes.slice());
    this.#bytes += bytes.byteLength;
    const { intervalMs } = this.#telling.wish;
    if (intervalMs === 0 || this.#bytes >= PIECE_MAX_BYTES) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), intervalMs);
  }

  #flush(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    if (this.#bytes === 0) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    this.#telling.tell(this.#telling.events.output(this.#offset, bytes));
    // What waited for these to be told may follow; not within the call that brought them.
    queueMicrotask(() => this.#viewer?.drained());
  }

  #close(): void {
    clearTimeout(this.#timer ?? undefined);
    this.#viewer?.close();
    this.#over.resolve();
  }
}
