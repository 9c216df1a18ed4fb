// Decides, frame by frame, what a watcher is handed: every byte once and in order, and a gap for each byte that will not
// come. Pure: knows no socket, no clock and no queue, so a lost connection is just a repetition of frames.
//
//   unknown ──snapshot or first output──► at an offset ──snapshot──► at its offset (also backwards: a new beginning)
import type { Snapshot } from "@fleetty/protocol/link";
import type { GapItem, OutputItem, SnapshotItem } from "./items.ts";

export class StreamPosition {
  #next: number | undefined;

  /** `start` is the first byte wanted; undefined until a snapshot or the first output says where the stream begins. */
  constructor(start: number | undefined) {
    this.#next = start;
  }

  /** Offset of the next byte to hand out, or undefined while that is not known. */
  get next(): number | undefined {
    return this.#next;
  }

  output(offset: number, bytes: Uint8Array): (OutputItem | GapItem)[] {
    const next = this.#next ?? offset;
    const end = offset + bytes.byteLength;
    if (end <= next) return [];
    this.#next = end;
    if (offset <= next) return [{ type: "output", offset: next, bytes: bytes.subarray(next - offset) }];
    // The other end owes a gap frame before it skips; without one the loss is still told.
    return [
      { type: "gap", from: next, to: offset, reason: "lost" },
      { type: "output", offset, bytes },
    ];
  }

  gap(from: number, to: number, reason: string): GapItem[] {
    const start = this.#next ?? from;
    if (to <= start) return [];
    this.#next = to;
    return [{ type: "gap", from: start, to, reason }];
  }

  snapshot(offset: number, snapshot: Snapshot): (SnapshotItem | GapItem)[] {
    const skipped = this.#next === undefined ? [] : this.gap(this.#next, offset, "skipped");
    this.#next = offset;
    return [...skipped, { type: "snapshot", offset, ...snapshot }];
  }
}
