// One viewer of a session: what it is shown and in which order. First the size, then a snapshot or bytes from an offset,
// then live output; a gap and a repaint when it fell too far behind; the exit last. Knows no socket, only its sink.
//
//   beginning ──stream open, snapshot there──► live ──last byte sent after the exit──► closed
//        └──refused, or left──► closed           └──left, or the session is lost────────► closed
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Exit } from "@fleetty/protocol/schemas/common";
import {
  OutputSender,
  type OutputSink,
  type OutputSource,
  SOCKET_HIGH_BYTES,
} from "@fleetty/protocol/stream/output-sender";
import type { Viewer, ViewerOptions, ViewerSink } from "../calls.ts";
import type { NewsViewer } from "./element-news.ts";
import type { InputPipe } from "./input-pipe.ts";
import type { FeedViewer, SessionFeed, Size, SnapshotAt } from "./session-feed.ts";

/** Output under way beyond a viewer's last credit (public contract, fleetty.stream.v1). */
const WINDOW_BYTES = 256 * 1024;
/** A viewer that falls behind is repainted at most twice a second. */
const REPAINT_EVERY_MS = 500;
const CHARACTER_PATIENCE_MS = 10;

export interface SessionViewerParts {
  readonly feed: SessionFeed;
  readonly sink: ViewerSink;
  readonly options: ViewerOptions;
  /** Output that the session has printed for certain: a viewer may begin up to here, also before the feed has it. */
  readonly printed: number;
  /** Where it types; null for a viewer that only looks. */
  readonly pipe: InputPipe | null;
  readonly resize: (size: Size, lease: string | undefined) => Promise<void>;
  readonly onClosed: (viewer: SessionViewer) => void;
}

export class SessionViewer implements Viewer, FeedViewer, NewsViewer, OutputSink, OutputSource {
  readonly #parts: SessionViewerParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Null until it has begun. */
  #sender: OutputSender | null = null;
  /** Older bytes that were fetched for this viewer alone. */
  #backlog: { from: number; bytes: Uint8Array } | null = null;
  #repaintedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #isDetached = false;
  /** Its socket was full when elements changed. */
  #owesElements = false;
  #lease: string | undefined;

  constructor(parts: SessionViewerParts) {
    this.#parts = parts;
    this.#lease = parts.options.lease;
  }

  get id(): string {
    return this.#parts.feed.id;
  }

  get isPaced(): boolean {
    return this.#parts.options.pace === true;
  }

  /** Whether `detach` sends it away. */
  get isAttached(): boolean {
    return this.#parts.options.attach === true;
  }

  get position(): number {
    return this.#sender?.position ?? Number.POSITIVE_INFINITY;
  }

  /** Shows the beginning, then goes live, unless it is sent away first. Rejects with why it cannot; then it is closed. */
  async begin(): Promise<void> {
    const { feed, options } = this.#parts;
    feed.add(this);
    try {
      await feed.open();
      this.#checkOffset();
      const picture = options.snapshot ? await feed.snapshot() : null;
      if (!this.#isClosed) this.#goLive(picture);
    } catch (thrown) {
      if (this.#isDetached) return;
      this.close();
      throw thrown;
    }
  }

  #checkOffset(): void {
    const { feed, options, printed } = this.#parts;
    const end = Math.max(feed.end, printed);
    if (options.from === undefined || options.from <= end) return;
    const message = `offset ${options.from} has not been printed yet; the output ends at ${end}`;
    throw new FleettyError("invalid_query", message, { field: "from" });
  }

  #goLive(picture: SnapshotAt | null): void {
    const { feed, sink, options } = this.#parts;
    const window = options.credits ? WINDOW_BYTES : null;
    const from = options.from ?? picture?.offset ?? feed.end;
    const sender = new OutputSender({ source: this, sink: this, from, window });
    this.#sender = sender;
    sink.size(feed.size.rows, feed.size.cols);
    if (picture) this.#show(picture);
    else sender.pump();
    if (feed.exit) sender.finish();
  }

  credit(upto: number): void {
    this.#sender?.credit(upto);
    this.#parts.feed.progressed();
  }

  drained(): void {
    this.#sender?.unblock();
    if (this.#owesElements) this.elementsChanged();
    this.#parts.feed.progressed();
  }

  pump(): void {
    this.#sender?.pump();
  }

  input(bytes: Uint8Array, number?: number): void {
    const { pipe, sink, options } = this.#parts;
    if (options.readonly) return;
    if (pipe) return pipe.write(bytes, number);
    sink.error(
      number,
      new FleettyError("forbidden", "this viewer only looks; attach with the verb input", { verb: "input" }),
    );
  }

  resize(size: Size): void {
    if (this.#parts.options.readonly) return;
    this.#parts.resize(size, this.#lease).catch((thrown) => this.#parts.sink.error(undefined, toFleettyError(thrown)));
  }

  useLease(lease: string | undefined): void {
    this.#lease = lease;
    this.#parts.pipe?.useLease(lease);
  }

  resized({ rows, cols }: Size): void {
    if (this.#sender) this.#parts.sink.size(rows, cols);
  }

  /** One whose socket is full is told once, when it is not any more. */
  elementsChanged(): void {
    if (this.#isClosed) return;
    this.#owesElements = this.bufferedBytes() >= SOCKET_HIGH_BYTES;
    if (!this.#owesElements) this.#parts.sink.elements();
  }

  finish(): void {
    this.#sender?.finish();
  }

  /** Also while it begins: then it was told so before anything else. */
  detach(): void {
    this.#isDetached = true;
    this.#parts.sink.detached();
    this.close();
  }

  lost(error: FleettyError): void {
    this.#parts.sink.error(undefined, error);
    this.#parts.sink.ended(error.message);
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#parts.pipe?.close();
    this.#parts.feed.remove(this);
    this.#parts.onClosed(this);
  }

  get end(): number {
    return this.#parts.feed.end;
  }

  read(from: number, maxBytes: number): Uint8Array | null {
    const held = this.#parts.feed.read(from, maxBytes);
    if (held !== null || !this.#backlog) return held;
    const at = from - this.#backlog.from;
    if (at < 0 || at >= this.#backlog.bytes.byteLength) return null;
    return this.#backlog.bytes.subarray(at, at + maxBytes);
  }

  output(offset: number, bytes: Uint8Array): void {
    this.#parts.sink.output(offset, bytes);
  }

  gap(from: number, to: number): void {
    this.#parts.sink.gap(from, to, "skipped");
  }

  bufferedBytes(): number {
    return this.#parts.sink.bufferedBytes();
  }

  heldBack(): void {
    this.#later(CHARACTER_PATIENCE_MS, () => this.#sender?.pump(true));
  }

  behind(position: number): void {
    void this.#catchUp(position);
  }

  finished(offset: number): void {
    this.#parts.sink.exit(this.#parts.feed.exit as Exit, offset);
    this.#parts.sink.ended("session ended");
    this.close();
  }

  /** Fetches what is missing where it still is; else declares the gap and repaints. */
  async #catchUp(position: number): Promise<void> {
    try {
      const bytes = await this.#parts.feed.older(position);
      if (this.#isClosed) return;
      if (!bytes || bytes.byteLength === 0) return this.#repaintSoon();
      this.#backlog = { from: position, bytes };
      this.#sender?.resumeAt(position);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #repaintSoon(): void {
    const waitMs = Math.max(0, this.#repaintedAtMs + REPAINT_EVERY_MS - performance.now());
    this.#later(waitMs, () => void this.#repaint());
  }

  async #repaint(): Promise<void> {
    try {
      const picture = await this.#parts.feed.snapshot();
      if (!this.#isClosed) this.#show(picture);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #show({ offset, ...snapshot }: SnapshotAt): void {
    this.#repaintedAtMs = performance.now();
    this.#backlog = null;
    this.#sender?.repaint(offset, () => this.#parts.sink.snapshot(offset, snapshot));
  }

  /** The session cannot be asked just now: try again while it lives, give up when it does not. */
  #failed(thrown: unknown): void {
    if (this.#isClosed) return;
    const error = toFleettyError(thrown);
    if (error.retryable) this.#repaintSoon();
    else this.lost(error);
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isClosed) act();
    }, ms);
    this.#timers.add(timer);
  }
}
