// Holds the one output stream of a watched session and fans it out: a ring of the newest bytes, from which each viewer
// reads at its own position. A viewer costs its socket's buffer and nobody else anything. Knows no socket.
//
//   closed ──first viewer──► opening ──► open ──exit──► ended
//                               ▲          │ link lost
//                               └──────────┘ (from the next byte on)      last viewer left ──► closed
import { FleettyError } from "@fleetty/protocol/errors";
import { decodeSnapshot, PreparedJson, type Snapshot } from "@fleetty/protocol/link";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { Ring } from "@fleetty/protocol/stream/ring";
import type { OpenStream, WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "./hub-call.ts";

/** Output that a slow viewer may lag behind before it is repainted instead (public limits, hub ring). */
const RING_BYTES = 1024 * 1024;
/** Credit is given in steps of this size, a quarter of what may be under way: one for each keystroke's echo is a message too many. */
const CREDIT_STEP_BYTES = 64 * 1024;
/** A lost stream is opened again after this time; the worker waits for its host by itself. */
const REOPEN_MS = 200;
/** A paced viewer that takes nothing for so long no longer holds the program back (public contract, raw stream). */
const PACE_PATIENCE_MS = 2_000;

export interface SnapshotAt extends Snapshot {
  readonly offset: number;
}

/** What the feed asks of each viewer. */
export interface FeedViewer {
  readonly isPaced: boolean;
  /** Everything below it has been handed to the socket. */
  readonly position: number;
  pump(): void;
  resized(rows: number, cols: number): void;
  finish(exit: Exit): void;
  lost(error: FleettyError): void;
}

export class SessionFeed {
  readonly id: string;
  readonly #port: WorkerPort;
  readonly #viewers = new Set<FeedViewer>();
  readonly #onEmpty: () => void;
  #ring = new Ring(RING_BYTES);
  #stream: OpenStream | null = null;
  #opening: Promise<void> | null = null;
  #isPaced = false;
  #credited = 0;
  #exit: Exit | null = null;
  #snapshotting: Promise<SnapshotAt> | null = null;
  #paceTimer: NodeJS.Timeout | null = null;
  #pacePosition = 0;
  #paceMovedAtMs = 0;
  #size = { rows: 0, cols: 0 };

  constructor(id: string, port: WorkerPort, onEmpty: () => void) {
    this.id = id;
    this.#port = port;
    this.#onEmpty = onEmpty;
  }

  get viewerCount(): number {
    return this.#viewers.size;
  }

  get end(): number {
    return this.#ring.end;
  }

  get size(): { rows: number; cols: number } {
    return this.#size;
  }

  read(from: number, maxBytes: number): Uint8Array | null {
    return this.#ring.read(from, maxBytes);
  }

  /** Resolves when the stream is open, so that what comes from now on is in the ring. */
  async open(): Promise<void> {
    this.#opening ??= this.#open("now").finally(() => {
      this.#opening = null;
    });
    if (!this.#stream && !this.#exit) await this.#opening;
  }

  add(viewer: FeedViewer): void {
    this.#viewers.add(viewer);
    if (viewer.isPaced && !this.#isPaced) void this.#reopen();
    viewer.pump();
    if (this.#exit) viewer.finish(this.#exit);
  }

  remove(viewer: FeedViewer): void {
    if (!this.#viewers.delete(viewer)) return;
    this.#credit();
    if (this.#viewers.size > 0) return;
    this.close();
    this.#onEmpty();
  }

  close(): void {
    if (this.#paceTimer) clearTimeout(this.#paceTimer);
    this.#stream?.close();
    this.#stream = null;
  }

  /** A viewer has handed bytes to its socket: paced ones let the program go on. */
  progressed(): void {
    if (this.#isPaced) this.#credit();
  }

  /** The screen now; viewers that ask together get the same one. */
  snapshot(): Promise<SnapshotAt> {
    this.#snapshotting ??= this.#askSnapshot().finally(() => {
      this.#snapshotting = null;
    });
    return this.#snapshotting;
  }

  /** Bytes that the ring has let go or never had, from the session itself; null when they are gone there too. */
  async older(from: number): Promise<Uint8Array | null> {
    const input = { session: this.id, from, format: "base64", max_bytes: 256 * 1024 } as const;
    const answer = await this.#port.call("sessions.output", input, hubCall());
    const range = answer instanceof PreparedJson ? JSON.parse(answer.text) : answer;
    return range.from === from && range.gaps.length === 0 ? Buffer.from(range.data ?? "", "base64") : null;
  }

  async #askSnapshot(): Promise<SnapshotAt> {
    const answer = await this.#port.call("sessions.snapshot", { session: this.id }, hubCall());
    return answer instanceof PreparedJson ? JSON.parse(answer.text) : answer;
  }

  async #open(from: number | "now"): Promise<void> {
    const isPaced = [...this.#viewers].some((viewer) => viewer.isPaced);
    let own: OpenStream | null = null;
    const stream = await this.#port.stream(
      { session: this.id, from, pace: isPaced },
      {
        output: (offset, bytes) => this.#output(offset, bytes),
        gap: (_from, to) => this.#skipTo(to),
        snapshot: (offset, payload) => this.#skipTo(offset, decodeSnapshot(payload)),
        size: (rows, cols) => this.#resized(rows, cols),
        exit: (exit) => this.#exited(exit as Exit),
        closed: () => own === this.#stream && this.#lost(),
      },
      hubCall(),
    );
    own = stream;
    this.#stream = stream;
    this.#credited = stream.offset;
    this.#isPaced = isPaced;
    this.#size = { rows: stream.rows, cols: stream.cols };
    if (from === "now") this.#ring = new Ring(RING_BYTES, stream.offset);
  }

  /** Opens the stream again from the next byte: the link was lost, or pace is asked for. */
  async #reopen(): Promise<void> {
    this.#stream?.close();
    this.#stream = null;
    try {
      await this.#open(this.#ring.end);
    } catch (thrown) {
      const error = thrown instanceof FleettyError ? thrown : new FleettyError("internal_error", "the stream broke");
      if (error.retryable) this.#later(() => void this.#reopen());
      else for (const viewer of [...this.#viewers]) viewer.lost(error);
    }
  }

  #lost(): void {
    this.#stream = null;
    if (!this.#exit && this.#viewers.size > 0) this.#later(() => void this.#reopen());
  }

  #later(act: () => void): void {
    setTimeout(() => this.#viewers.size > 0 && act(), REOPEN_MS);
  }

  #output(offset: number, bytes: Uint8Array): void {
    const known = this.#ring.end - offset;
    if (known >= bytes.byteLength && known > 0) return;
    if (known < 0) this.#skipTo(offset);
    this.#ring.append(known > 0 ? bytes.subarray(known) : bytes);
    for (const viewer of this.#viewers) viewer.pump();
    this.#credit();
  }

  /** Bytes before `offset` will not come: viewers that need them are repainted. */
  #skipTo(offset: number, snapshot?: Snapshot): void {
    if (offset > this.#ring.end) this.#ring = new Ring(RING_BYTES, offset);
    if (snapshot) this.#size = { rows: snapshot.rows, cols: snapshot.cols };
    for (const viewer of this.#viewers) viewer.pump();
    this.#credit();
  }

  #resized(rows: number, cols: number): void {
    this.#size = { rows, cols };
    for (const viewer of this.#viewers) viewer.resized(rows, cols);
  }

  #exited(exit: Exit): void {
    this.#exit = exit;
    for (const viewer of [...this.#viewers]) viewer.finish(exit);
  }

  /** What has been consumed: all of it, or as far as the slowest paced viewer that still moves. */
  #credit(): void {
    const paced = [...this.#viewers].filter((viewer) => viewer.isPaced);
    if (paced.length === 0) return this.#give(this.#ring.end);
    const slowest = Math.min(this.#ring.end, ...paced.map((viewer) => viewer.position));
    const nowMs = performance.now();
    if (slowest !== this.#pacePosition) this.#paceMovedAtMs = nowMs;
    this.#pacePosition = slowest;
    const isStalled = slowest < this.#ring.end && nowMs - this.#paceMovedAtMs > PACE_PATIENCE_MS;
    this.#give(isStalled ? this.#ring.end : slowest);
    this.#watchPace();
  }

  #give(upto: number): void {
    if (upto - this.#credited < CREDIT_STEP_BYTES) return;
    this.#credited = upto;
    this.#stream?.credit(upto);
  }

  #watchPace(): void {
    if (this.#paceTimer || this.#pacePosition >= this.#ring.end) return;
    this.#paceTimer = setTimeout(() => {
      this.#paceTimer = null;
      this.#credit();
    }, PACE_PATIENCE_MS + 1);
  }
}
