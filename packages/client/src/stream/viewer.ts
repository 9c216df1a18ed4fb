// Holds what a viewer knows across connections: which byte comes next, what it typed and nobody acknowledged, what its
// consumer has taken. Decides what each frame means and what a new connection is told first. Knows no socket.
import { errorFromWire, type FleettyError } from "@fleetty/protocol/errors";
import type { Exit } from "@fleetty/protocol/schemas/common";
import { InputLedger, type WrittenAt } from "./input-ledger.ts";
import { type End, ItemQueue } from "./item-queue.ts";
import type { Size, WatchItem } from "./items.ts";
import { StreamPosition } from "./position.ts";
import type { StreamFrame, ViewerWord } from "./words.ts";

/** Credit goes out in steps of a quarter of the server's window (256 KiB): few frames, and the stream never stalls. */
const CREDIT_STEP_BYTES = 64 * 1024;
/** Memory that an item without bytes stands for, about. */
const ITEM_BYTES = 64;

export class Viewer {
  /** Speaks to the connection of the moment; lost while there is none. */
  readonly #say: (word: ViewerWord) => void;
  readonly items = new ItemQueue<WatchItem>({ weigh, onConsumed: (item) => this.#consumed(item) });
  readonly #inputs = new InputLedger();
  #position = new StreamPosition(undefined);
  #credited = 0;
  #wantedSize: Size | undefined;
  /** Undefined: as the connection was asked for. */
  #lease: string | null | undefined;
  /** Whether a connection has been told all that stands here. */
  #isGreeted = false;
  #hasExited = false;
  #hasEnded = false;

  constructor(say: (word: ViewerWord) => void) {
    this.#say = say;
  }

  /** Nothing more is taken in or typed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The server has said how the session ended. */
  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Offset of the byte to ask a new connection for; undefined while only a snapshot can begin the stream. */
  get next(): number | undefined {
    return this.#position.next;
  }

  beginAt(offset: number): void {
    this.#position = new StreamPosition(offset);
  }

  /** Types bytes; resolves with the place of the first one. Throws `channel_full`, or why they were not written. */
  type(bytes: Uint8Array): Promise<WrittenAt> {
    const { inputs, written } = this.#inputs.add(bytes);
    for (const input of inputs) this.#say({ type: "input", ...input });
    return written;
  }

  /** Asks for a size; kept for the next connection until the server has spoken of any size. */
  resize(size: Size): void {
    this.#wantedSize = size;
    this.#say({ type: "size", ...size });
  }

  /** What is typed and asked for from now on is under this lease. */
  useLease(lease: string | null): void {
    this.#lease = lease;
    this.#say({ type: "lease", lease });
  }

  /** A connection is open: it is told what the last one may not have been. */
  greet(): void {
    this.#isGreeted = true;
    this.#credited = this.#position.next ?? 0;
    if (this.#lease !== undefined) this.#say({ type: "lease", lease: this.#lease });
    for (const input of this.#inputs.pending()) this.#say({ type: "input", ...input });
    if (this.#wantedSize) this.#say({ type: "size", ...this.#wantedSize });
  }

  /** Bytes that were read elsewhere; `offset` is that of the first one. */
  takeOutput(offset: number, bytes: Uint8Array): void {
    this.#tellAll(this.#position.output(offset, bytes));
  }

  /** Bytes that are known elsewhere to be lost. */
  takeGap(from: number, to: number, reason: string): void {
    this.#tellAll(this.#position.gap(from, to, reason));
  }

  takeExit(exit: Exit, offset: number): void {
    this.#hasExited = true;
    this.#hasEnded = true;
    this.tell({ type: "exit", exit, offset });
  }

  /** Hands the consumer something that no frame said. */
  tell(item: WatchItem): void {
    this.items.push(item);
  }

  /** Ends everything: the iteration, and each input that nobody acknowledged with `unwritten`. */
  end(end: End, unwritten: FleettyError): void {
    this.#hasEnded = true;
    this.items.finish(end);
    this.#inputs.end(unwritten);
  }

  /** The connection is gone. */
  parted(): void {
    this.#isGreeted = false;
  }

  /** What the server said; nothing counts after its exit. */
  take(frame: StreamFrame): void {
    if (this.#hasEnded) return;
    switch (frame.type) {
      case "output":
        return this.takeOutput(frame.offset, frame.bytes);
      case "snapshot":
        return this.#tellAll(this.#position.snapshot(frame.offset, frame.snapshot));
      case "gap":
        return this.takeGap(frame.from, frame.to, frame.reason);
      case "in_ack":
        return this.#inputs.acknowledge(frame.upto, { generation: frame.generation, offset: frame.offset });
      case "size":
        if (this.#isGreeted) this.#wantedSize = undefined;
        return this.tell({ type: "size", rows: frame.rows, cols: frame.cols });
      case "elements":
        return this.tell({ type: "elements" });
      case "exit":
        return this.takeExit(frame.exit as Exit, frame.offset);
      case "error":
        return this.#refused(errorFromWire(frame.error), frame.input);
    }
  }

  /** A refusal without a number is that of a resize under way, else of every input that is not acknowledged. */
  #refused(error: FleettyError, input: number | undefined): void {
    if (input !== undefined) return this.#inputs.refuse(input, error);
    if (!this.#wantedSize) this.#inputs.end(error);
    this.#wantedSize = undefined;
    this.tell({ type: "error", error });
  }

  #tellAll(items: readonly WatchItem[]): void {
    for (const item of items) this.tell(item);
  }

  #consumed(item: WatchItem): void {
    // A snapshot opens a window of its own: the server waits for word of it before more comes.
    if (item.type === "snapshot") this.#credit(item.offset);
    if (item.type !== "output") return;
    const upto = item.offset + item.bytes.byteLength;
    if (upto - this.#credited >= CREDIT_STEP_BYTES) this.#credit(upto);
  }

  #credit(upto: number): void {
    this.#credited = upto;
    this.#say({ type: "credit", upto });
  }
}

function weigh(item: WatchItem): number {
  if (item.type === "output") return item.bytes.byteLength + ITEM_BYTES;
  return item.type === "snapshot" ? item.vt.length * 2 : ITEM_BYTES;
}
