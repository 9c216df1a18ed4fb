// Holds the one output stream of a watched session and fans it out: a ring of the newest bytes, from which each viewer
// reads at its own position. A viewer costs its socket's buffer and nobody else anything. Knows no socket.
//
//   closed ──first viewer──► opening ──► open ──exit──► ended
//                               ▲          │ link lost, or pace is asked for
//                               └──────────┘ (from the next byte on)      last viewer left ──► closed for good
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { type ChannelEvents, plainAnswer, type Snapshot } from "@fleetty/protocol/link";
import type { Exit, Gap } from "@fleetty/protocol/schemas/common";
import { unfinishedBytes } from "@fleetty/protocol/stream/output-sender";
import { Ring } from "@fleetty/protocol/stream/ring";
import type { OpenStream, WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "./hub-call.ts";
import { PACE_PATIENCE_MS, Pacing } from "./pacing.ts";

/** Output that a slow viewer may lag behind before it is repainted instead (public limits, hub ring). */
const RING_BYTES = 1024 * 1024;
/**
 * Credit is given in steps of this size, a quarter of what may be under way: one for each keystroke's echo is a message too
 * many. A stream with pace is told of each byte: the host lets the program go on when it hears of none.
 */
const CREDIT_STEP_BYTES = 64 * 1024;
/** Older bytes that a viewer is given at a time. */
const OLDER_BYTES = 256 * 1024;
/** A lost stream is opened again after this time; the worker waits for its host by itself. */
const REOPEN_MS = 200;

export interface SnapshotAt extends Snapshot {
  readonly offset: number;
}

export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** What the feed asks of each viewer. */
export interface FeedViewer {
  readonly isPaced: boolean;
  /** Everything below it has been handed to the socket; infinite while the viewer has not begun. */
  readonly position: number;
  pump(): void;
  resized(size: Size): void;
  finish(exit: Exit): void;
  lost(error: FleettyError): void;
}

export class SessionFeed {
  readonly id: string;
  readonly #port: WorkerPort;
  readonly #viewers = new Set<FeedViewer>();
  readonly #pacing = new Pacing<FeedViewer>();
  readonly #onEmpty: () => void;
  /** Null until the stream has said where it begins. */
  #ring: Ring | null = null;
  #stream: OpenStream | null = null;
  #opening: Promise<void> | null = null;
  /** Whether the open stream holds the program back. */
  #isPaced = false;
  #credited = 0;
  #isClosed = false;
  #exit: Exit | null = null;
  #snapshotting: Promise<SnapshotAt> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #paceTimer: NodeJS.Timeout | null = null;
  #size: Size = { rows: 0, cols: 0 };

  constructor(id: string, port: WorkerPort, onEmpty: () => void) {
    this.id = id;
    this.#port = port;
    this.#onEmpty = onEmpty;
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  get end(): number {
    return this.#ring?.end ?? 0;
  }

  get size(): Size {
    return this.#size;
  }

  /** How the session ended; its last byte is in the ring then. */
  get exit(): Exit | null {
    return this.#exit;
  }

  read(from: number, maxBytes: number): Uint8Array | null {
    return this.#ring?.read(from, maxBytes) ?? null;
  }

  /** Counts a viewer from before it begins, so that the feed stays while it does. */
  add(viewer: FeedViewer): void {
    this.#viewers.add(viewer);
    if (viewer.isPaced) this.#pacing.add(viewer, performance.now());
  }

  remove(viewer: FeedViewer): void {
    if (!this.#viewers.delete(viewer)) return;
    this.#pacing.delete(viewer);
    this.#credit();
    if (this.#viewers.size > 0) return;
    this.close();
    this.#onEmpty();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer ?? undefined);
    clearTimeout(this.#paceTimer ?? undefined);
    this.#stream?.close();
    this.#stream = null;
  }

  /** Resolves when the stream is open as its viewers want it: what comes from now on is in the ring. */
  async open(): Promise<void> {
    while (!this.#isServing) {
      this.#opening ??= this.#reopen().finally(() => {
        this.#opening = null;
      });
      await this.#opening;
    }
    if (this.#isClosed) throw new FleettyError("not_ready", "the server is stopping; try again in a moment");
  }

  /** A viewer has handed bytes to its socket: paced ones let the program go on. */
  progressed(): void {
    if (!this.#pacing.isEmpty) this.#credit();
  }

  /** The screen now; viewers that ask together get the same one. */
  snapshot(): Promise<SnapshotAt> {
    this.#snapshotting ??= this.#askSnapshot().finally(() => {
      this.#snapshotting = null;
    });
    return this.#snapshotting;
  }

  /**
   * Bytes that the ring has let go or never had, from the session itself, with whole characters where there is more than
   * a part of one; null when they are gone there too.
   */
  async older(from: number): Promise<Uint8Array | null> {
    const { range, bytes } = await this.#readOutput(from, OLDER_BYTES);
    if (range.from !== from || range.gaps.length > 0) return null;
    const wholeBytes = bytes.byteLength - unfinishedBytes(bytes);
    return wholeBytes > 0 ? bytes.subarray(0, wholeBytes) : bytes;
  }

  /** What the session itself still has from an offset on. */
  async #readOutput(from: number, maxBytes: number) {
    const input = { session: this.id, from, format: "base64", max_bytes: maxBytes } as const;
    const answer = await this.#port.call("sessions.output", input, hubCall());
    const range = plainAnswer(answer);
    return { range, bytes: Buffer.from(range.data ?? "", "base64") };
  }

  async #askSnapshot(): Promise<SnapshotAt> {
    const answer = await this.#port.call("sessions.snapshot", { session: this.id }, hubCall());
    return plainAnswer(answer);
  }

  get #isServing(): boolean {
    if (this.#exit || this.#isClosed) return true;
    return this.#stream !== null && (this.#isPaced || this.#pacing.isEmpty);
  }

  /** Opens the stream, again from the next byte on. Viewers that are there already keep trying, or hear that it is over. */
  async #reopen(): Promise<void> {
    this.#stream?.close();
    this.#stream = null;
    try {
      await this.#openStream();
    } catch (thrown) {
      const error = toFleettyError(thrown);
      const failure = error.code === "session_exited" ? await this.#finish(error) : error;
      if (failure === null) return;
      if (failure.retryable) this.#retryLater();
      else for (const viewer of [...this.#viewers]) viewer.lost(failure);
      throw failure;
    }
  }

  /** The session ended while its stream was away: its last bytes are read by offset, then its end is told. Null when it is. */
  async #finish(refusal: FleettyError): Promise<FleettyError | null> {
    const exit = refusal.details?.["exit"];
    if (!exit || !this.#ring) return refusal;
    try {
      for (let next: number | null = this.#ring.end; next !== null; ) next = await this.#readRest(next);
      this.#exited(exit as Exit);
      return null;
    } catch (thrown) {
      return toFleettyError(thrown);
    }
  }

  /** Reads on from an offset; null at the end. Of what was lost with its host nothing can be shown; other gaps are refused. */
  async #readRest(from: number): Promise<number | null> {
    const { range, bytes } = await this.#readOutput(from, RING_BYTES / 2);
    const isSkipping = range.gaps.some(({ reason }: Gap) => reason !== "lost");
    if (isSkipping) throw new FleettyError("session_exited", "the session has ended; read its output instead");
    if (bytes.byteLength > 0) this.#output(range.from, bytes);
    return range.next;
  }

  async #openStream(): Promise<void> {
    const isPaced = !this.#pacing.isEmpty;
    // Frames may come in the same read as the answer that they follow, and so before it is seen here.
    const seen: { own: OpenStream | null; size: boolean; closed: boolean } = { own: null, size: false, closed: false };
    const events: ChannelEvents = {
      output: (offset, bytes) => this.#output(offset, bytes),
      gap: (_from, to) => this.#skipTo(to),
      snapshot: (offset) => this.#skipTo(offset),
      size: (rows, cols) => {
        seen.size = true;
        this.#resized({ rows, cols });
      },
      exit: (exit) => this.#exited(exit as Exit),
      closed: () => {
        seen.closed = true;
        if (seen.own !== null && seen.own === this.#stream) this.#lost();
      },
    };
    const request = { session: this.id, from: this.#ring?.end ?? "now", pace: isPaced } as const;
    const stream = await this.#port.stream(request, events, hubCall());
    if (this.#isClosed) return stream.close();
    if (seen.closed && !this.#exit) {
      throw new FleettyError("server_unavailable", `the stream of ${this.id} was cut; try again in a moment`);
    }
    seen.own = stream;
    this.#stream = stream;
    this.#credited = stream.offset;
    this.#isPaced = isPaced;
    this.#ring ??= new Ring(RING_BYTES, stream.offset);
    if (!seen.size) this.#resized(stream);
    this.#credit();
  }

  #lost(): void {
    this.#stream = null;
    if (!this.#exit) this.#retryLater();
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      // What comes of it is told to the viewers.
      this.open().catch(() => {});
    }, REOPEN_MS);
  }

  #output(offset: number, bytes: Uint8Array): void {
    const known = this.end - offset;
    if (known >= bytes.byteLength && known > 0) return;
    if (known < 0) this.#skipTo(offset);
    this.#ring ??= new Ring(RING_BYTES, offset);
    this.#ring.append(known > 0 ? bytes.subarray(known) : bytes);
    for (const viewer of this.#viewers) viewer.pump();
    this.#credit();
  }

  /** Bytes before `offset` will not come: viewers that need them are repainted. */
  #skipTo(offset: number): void {
    if (offset > this.end) this.#ring = new Ring(RING_BYTES, offset);
    for (const viewer of this.#viewers) viewer.pump();
    this.#credit();
  }

  #resized({ rows, cols }: Size): void {
    if (rows === this.#size.rows && cols === this.#size.cols) return;
    this.#size = { rows, cols };
    for (const viewer of this.#viewers) viewer.resized(this.#size);
  }

  #exited(exit: Exit): void {
    this.#exit = exit;
    for (const viewer of [...this.#viewers]) viewer.finish(exit);
  }

  /** What has been consumed: all of it, or as far as the slowest viewer has taken that the program waits for. */
  #credit(): void {
    const taken = this.#pacing.takenUpTo(this.end, performance.now());
    if (taken < this.end) this.#lookAtPaceAgain();
    if (taken - this.#credited < (this.#isPaced ? 1 : CREDIT_STEP_BYTES)) return;
    this.#credited = taken;
    this.#stream?.credit(taken);
  }

  #lookAtPaceAgain(): void {
    if (this.#isClosed) return;
    this.#paceTimer ??= setTimeout(() => {
      this.#paceTimer = null;
      this.#credit();
    }, PACE_PATIENCE_MS + 1);
  }
}
