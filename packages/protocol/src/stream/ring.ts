// Holds the newest output of a session as raw bytes, by absolute offset. Memory follows what was printed: nothing before
// the first byte, small chunks first, whole chunks released. Knows no terminal, no character and no reader.
import { invariant } from "../invariant.ts";

/** Recent output that a session keeps unless told otherwise (public limits, `--output-ring`). */
export const RING_DEFAULT_BYTES = 1024 * 1024;
/** Most sessions print a few hundred bytes: their ring is one chunk of this size. */
const FIRST_CHUNK_BYTES = 4 * 1024;
/** Each chunk is twice the one before up to this: few allocations in a flood, and at most this much held beyond the capacity. */
const LARGEST_CHUNK_BYTES = 64 * 1024;

interface Chunk {
  /** Offset of its first byte. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Recent output of one session. Bytes are written once and never overwritten, so views of them stay as they are. */
export class Ring {
  readonly capacity: number;
  /** Oldest first, without holes; only the last one has room. */
  readonly #chunks: Chunk[] = [];
  readonly #start: number;
  #end: number;
  /** Offset at which the last chunk is full. */
  #room: number;

  /** `capacity`: bytes that are always readable; more than these are never. `start`: offset of the first byte to come. */
  constructor(capacity: number = RING_DEFAULT_BYTES, start = 0) {
    invariant(Number.isSafeInteger(capacity) && capacity >= 0, "the capacity of a ring is a count of bytes");
    this.capacity = capacity;
    this.#start = start;
    this.#end = start;
    this.#room = start;
  }

  /** Offset after the newest byte: all that was ever printed. */
  get end(): number {
    return this.#end;
  }

  /** Offset of the oldest byte that can be read; equals `end` while there is none. */
  get oldest(): number {
    return Math.max(this.#start, this.#end - this.capacity);
  }

  /** Memory that the ring holds. */
  get allocatedBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.bytes.byteLength, 0);
  }

  /** Copies `bytes`, so the caller may use its buffer again. */
  append(bytes: Uint8Array): void {
    let taken = 0;
    while (taken < bytes.byteLength) {
      if (this.#end === this.#room) this.#grow();
      const chunk = this.#chunks.at(-1) as Chunk;
      const part = Math.min(bytes.byteLength - taken, this.#room - this.#end);
      const isWhole = part === bytes.byteLength;
      chunk.bytes.set(isWhole ? bytes : bytes.subarray(taken, taken + part), this.#end - chunk.from);
      taken += part;
      this.#end += part;
      this.#release();
    }
  }

  /**
   * A view of bytes from offset `from`: at least one, at most `maxBytes`, and fewer where a chunk ends, so readers loop.
   * Empty at the end and beyond; null when the byte at `from` is no longer held. The view stays valid for ever.
   */
  read(from: number, maxBytes: number): Uint8Array | null {
    if (from < this.oldest) return null;
    if (from >= this.#end) return NOTHING;
    const chunk = this.#chunks.findLast((one) => one.from <= from) as Chunk;
    const start = from - chunk.from;
    const held = Math.min(chunk.bytes.byteLength, this.#end - chunk.from);
    return chunk.bytes.subarray(start, Math.min(held, start + maxBytes));
  }

  #grow(): void {
    const last = this.#chunks.at(-1);
    const size = last ? Math.min(2 * last.bytes.byteLength, LARGEST_CHUNK_BYTES) : FIRST_CHUNK_BYTES;
    this.#chunks.push({ from: this.#end, bytes: Buffer.allocUnsafeSlow(size) });
    this.#room = this.#end + size;
  }

  #release(): void {
    const { oldest } = this;
    for (let first = this.#chunks[0]; first; first = this.#chunks[0]) {
      if (first.from + first.bytes.byteLength > oldest) return;
      this.#chunks.shift();
    }
  }
}
