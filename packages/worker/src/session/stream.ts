// One output stream of a session on a link: sends the ring's bytes under credit, a gap and a snapshot where bytes are
// gone, size changes, and the exit as its last frame. A paced one holds the program back instead of losing bytes.
import { encodeSnapshot, FRAME_MAX_BYTES, HEADER_BYTES, type WorkerEnd } from "@fleetty/protocol/link";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { OutputSender, type OutputSink } from "@fleetty/protocol/stream/output-sender";
import type { Session } from "./session.ts";

/** A paced stream holds the program back above this many unsent bytes, and lets go below the second number. */
const PACE_HOLD_BYTES = 512 * 1024;
const PACE_RELEASE_BYTES = 256 * 1024;
/** A paced consumer that takes nothing for so long loses the right to hold the program back. */
const PACE_PATIENCE_MS = 2_000;
/** A consumer that falls behind is repainted at most twice a second. */
const REPAINT_EVERY_MS = 500;
/** A picture that no frame holds is not sent: the gap tells where to go on, and `sessions.snapshot` has it, in parts. */
const SNAPSHOT_MAX_BYTES = FRAME_MAX_BYTES - HEADER_BYTES;
/** The rest of a character follows within this time, or its beginning is sent alone. */
const CHARACTER_PATIENCE_MS = 10;

export interface StreamOptions {
  readonly session: Session;
  readonly link: WorkerEnd;
  readonly ch: number;
  readonly from: number;
  readonly pace: boolean;
  readonly window: number;
}

export class SessionStream implements OutputSink {
  readonly #options: StreamOptions;
  readonly #sender: OutputSender;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isPaced: boolean;
  #repaintedAtMs = Number.NEGATIVE_INFINITY;
  #tookAtMs = performance.now();
  #exit: Exit | null = null;
  #isClosed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#isPaced = options.pace;
    const { from, window } = options;
    this.#sender = new OutputSender({ source: options.session.ring, sink: this, from, window });
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
    this.#sender.finish();
  }

  output(offset: number, payload: Uint8Array): void {
    this.#tookAtMs = performance.now();
    this.#options.link.sendBinary({ type: "output", flags: 0, channel: this.#options.ch, offset, payload });
  }

  gap(from: number, to: number): void {
    this.#options.link.send({ type: "gap", ch: this.#options.ch, from, to, reason: "skipped" });
  }

  bufferedBytes(): number {
    return this.#options.link.bufferedBytes;
  }

  behind(): void {
    const waitMs = Math.max(0, this.#repaintedAtMs + REPAINT_EVERY_MS - performance.now());
    this.#later(waitMs, () => this.#repaint());
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
    this.#tookAtMs = performance.now();
    this.#sender.credit(upto);
    this.#pace();
  }

  #repaint(): void {
    this.#repaintedAtMs = performance.now();
    const { offset, ...snapshot } = this.#options.session.snapshot();
    this.#sender.repaint(offset, () => {
      const payload = encodeSnapshot(snapshot);
      if (payload.byteLength > SNAPSHOT_MAX_BYTES) return;
      this.#options.link.sendBinary({ type: "snapshot", flags: 0, channel: this.#options.ch, offset, payload });
    });
  }

  #pace(): void {
    if (!this.#isPaced) return;
    const { session } = this.#options;
    const unsent = session.ring.end - this.#sender.position;
    if (unsent > PACE_HOLD_BYTES) this.#holdOrLoseRight();
    else if (unsent < PACE_RELEASE_BYTES) session.holdForPace(this, false);
  }

  #holdOrLoseRight(): void {
    const { session } = this.#options;
    const leftMs = this.#tookAtMs + PACE_PATIENCE_MS - performance.now();
    this.#isPaced = leftMs > 0;
    session.holdForPace(this, this.#isPaced);
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
    this.#options.session.holdForPace(this, false);
    this.#options.session.streamClosed(this);
  }
}
