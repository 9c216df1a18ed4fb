// One output stream of a session on a link: sends the ring's bytes under credit, a gap where bytes are gone, size
// changes, and the exit as its last frame. A paced one holds the program back instead of losing bytes; a quiet one sends none.
import type { WorkerEnd } from "@fleetty/protocol/link";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { OutputSender, type OutputSink } from "@fleetty/protocol/stream/output-sender";
import type { Session } from "./session.ts";

/** A paced stream holds the program back above this many bytes beyond the last credit, and lets go below the second number. */
const PACE_HOLD_BYTES = 512 * 1024;
const PACE_RELEASE_BYTES = 256 * 1024;
/**
 * A hub end that takes nothing for so long does not hold the program back. Twice what it grants a paced viewer itself (2 s,
 * public contract), so that it lets go of one viewer that stalls before all others lose bytes here.
 */
const PACE_PATIENCE_MS = 4_000;
/** A consumer that falls behind skips at most twice a second. */
const SKIP_EVERY_MS = 500;
/** The rest of a character follows within this time, or its beginning is sent alone. */
const CHARACTER_PATIENCE_MS = 10;

export interface StreamOptions {
  readonly session: Session;
  readonly link: WorkerEnd;
  readonly ch: number;
  readonly from: number;
  readonly pace: boolean;
  /** Bytes beyond the last credit; null: none are wanted. */
  readonly window: number | null;
}

export class SessionStream implements OutputSink {
  readonly #options: StreamOptions;
  readonly #sender: OutputSender;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isPaced: boolean;
  #skippedAtMs = Number.NEGATIVE_INFINITY;
  /** All below it has been taken, by the last credit. */
  #taken: number;
  #tookAtMs = performance.now();
  #exit: Exit | null = null;
  #isClosed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#isPaced = options.pace;
    const { from, window } = options;
    this.#taken = from;
    this.#sender = new OutputSender({ source: options.session.ring, sink: this, from, window: window ?? 0 });
    options.link.openChannel(options.ch, {
      credit: (upto) => this.#credit(upto),
      drained: () => this.#drained(),
      closed: () => this.#leave(),
    });
  }

  /** Nothing more will be sent. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends what may be sent; called once per turn with output. */
  pump(): void {
    this.#sender.pump();
    this.#pace();
  }

  resized(size: { rows: number; cols: number }): void {
    this.#options.link.send({ type: "size", ch: this.#options.ch, ...size });
  }

  /** The session has ended: the exit follows its last byte. */
  finish(exit: Exit): void {
    this.#exit = exit;
    if (this.#options.window === null) this.finished(this.#options.session.ring.end);
    else this.#sender.finish();
  }

  output(offset: number, payload: Uint8Array): void {
    this.#options.link.sendBinary({ type: "output", flags: 0, channel: this.#options.ch, offset, payload });
  }

  gap(from: number, to: number): void {
    this.#options.link.send({ type: "gap", ch: this.#options.ch, from, to, reason: "skipped" });
  }

  bufferedBytes(): number {
    return this.#options.link.bufferedBytes;
  }

  behind(): void {
    const waitMs = Math.max(0, this.#skippedAtMs + SKIP_EVERY_MS - performance.now());
    this.#later(waitMs, () => this.#skip());
  }

  heldBack(): void {
    this.#later(CHARACTER_PATIENCE_MS, () => this.#sender.pump(true));
  }

  finished(offset: number): void {
    const { link, ch } = this.#options;
    link.send({ type: "exit", ch, exit: this.#exit, offset });
    link.closeChannel(ch, "session ended");
    this.#leave();
  }

  #drained(): void {
    this.#sender.unblock();
    this.#pace();
  }

  #credit(upto: number): void {
    this.#taken = Math.max(this.#taken, upto);
    this.#tookAtMs = performance.now();
    this.#isPaced = this.#options.pace;
    this.#sender.credit(upto);
    this.#pace();
  }

  /** No picture goes with it: one may be larger than a frame, and who needs one asks for it (sessions.snapshot). */
  #skip(): void {
    this.#skippedAtMs = performance.now();
    this.#sender.repaint(this.#options.session.ring.end, () => {});
  }

  #pace(): void {
    if (!this.#isPaced) return;
    const { session } = this.#options;
    const untaken = session.ring.end - this.#taken;
    if (untaken > PACE_HOLD_BYTES) return this.#holdOrLoseRight();
    // Patience begins with holding back.
    this.#tookAtMs = performance.now();
    if (untaken < PACE_RELEASE_BYTES) session.streams.holdForPace(this, false);
  }

  #holdOrLoseRight(): void {
    const { session } = this.#options;
    const leftMs = this.#tookAtMs + PACE_PATIENCE_MS - performance.now();
    this.#isPaced = leftMs > 0;
    session.streams.holdForPace(this, this.#isPaced);
    if (this.#isPaced) this.#later(leftMs + 1, () => this.#pace());
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #leave(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#isPaced = false;
    this.#options.session.streams.holdForPace(this, false);
    this.#options.session.streams.closed(this);
  }
}
