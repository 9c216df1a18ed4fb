// Decides what the consumer of a session's output is sent next: bytes in order from a source that keeps only the newest,
// bounded by what the consumer has credited and by what its socket still holds; a gap and a snapshot once the bytes it
// needs are gone. Used on both hops (session host to hub, hub to viewer). Knows no socket, no ring and no screen.
//
//   live ──needed bytes are gone──► behind ──repaint(snapshot)──► live
//     │                                └──resumeAt(offset): the owner fetched older bytes──► live
//     └──finish(): everything sent──► finished

/** Where the bytes come from. */
export interface OutputSource {
  /** Offset after the newest byte. */
  readonly end: number;
  /** Up to `maxBytes` bytes from `from` (empty at the end), or null when they are not held (any more). */
  read(from: number, maxBytes: number): Uint8Array | null;
}

export interface OutputSink {
  output(offset: number, bytes: Uint8Array): void;
  gap(from: number, to: number): void;
  /** Bytes that the socket holds unsent. */
  bufferedBytes(): number;
  /** The bytes from `position` on are not in the source: answer with `repaint` or by filling the source, then `pump`. */
  behind(position: number): void;
  /** The newest bytes begin a character whose rest has not come: call `pump` again with `split` in 10 ms at the latest. */
  heldBack(): void;
  /** Everything up to the end of the source has been sent, and `finish` was called. */
  finished(offset: number): void;
}

export interface OutputSenderOptions {
  readonly source: OutputSource;
  readonly sink: OutputSink;
  readonly from: number;
  /** Bytes that may be under way beyond the last credit; null for consumers that do not credit. */
  readonly window: number | null;
}

/** One frame carries at most this much: a keystroke behind it waits for no more. */
const CHUNK_BYTES = 64 * 1024;
const CHARACTER_MAX_BYTES = 4;
/** More is sent only while the socket holds less than this (worker contract, streams). */
export const SOCKET_HIGH_BYTES = 256 * 1024;

export class OutputSender {
  readonly #options: OutputSenderOptions;
  #position: number;
  #limit: number;
  #isBehind = false;
  #isBlocked = false;
  #isFinishing = false;
  #isFinished = false;

  constructor(options: OutputSenderOptions) {
    this.#options = options;
    this.#position = options.from;
    this.#limit = options.window === null ? Number.POSITIVE_INFINITY : options.from + options.window;
  }

  /** The next byte to send. */
  get position(): number {
    return this.#position;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Absolute and repeatable: the consumer has taken everything below `upto`. */
  credit(upto: number): void {
    if (this.#options.window === null) return;
    this.#limit = Math.max(this.#limit, upto + this.#options.window);
    this.unblock();
  }

  /** The socket has sent what it held: goes on if that, or credit, was what it waited for. */
  unblock(): void {
    if (this.#isBlocked) this.pump();
  }

  /**
   * Sends what may be sent now. Called after output. The beginning of a
   * character at the end of the source waits for its rest, unless `split` says that it has waited long enough.
   */
  pump(split = false): void {
    const { source, sink } = this.#options;
    while (!this.#isBehind && this.#position < source.end && this.#mayBeSent()) {
      const room = Math.min(CHUNK_BYTES, this.#limit - this.#position);
      const bytes = source.read(this.#position, room);
      if (bytes === null) return this.#fallBehind();
      const isNewest = this.#position + bytes.byteLength >= source.end;
      const whole = split || this.#isFinishing ? bytes : bytes.subarray(0, bytes.byteLength - unfinishedBytes(bytes));
      const piece = whole.byteLength > 0 || isNewest ? whole : this.#joined(bytes);
      if (piece.byteLength === 0) return sink.heldBack();
      sink.output(this.#position, piece);
      this.#position += piece.byteLength;
    }
    this.#isBlocked = this.#position < source.end;
    if (this.#isFinishing && !this.#isFinished && !this.#isBehind && this.#position >= source.end) {
      this.#isFinished = true;
      sink.finished(this.#position);
    }
  }

  /** The owner has a picture of the screen at `offset` and sends it now: declares what is skipped, goes on from there. */
  repaint(offset: number, send: () => void): void {
    if (offset > this.#position) this.#options.sink.gap(this.#position, offset);
    this.#position = offset;
    if (this.#options.window !== null) this.#limit = Math.max(this.#limit, offset);
    send();
    this.#isBehind = false;
    this.pump();
  }

  /** The owner has made the source hold what was missing, or knows that nothing before `offset` is wanted. */
  resumeAt(offset: number): void {
    this.#position = offset;
    this.#isBehind = false;
    this.pump();
  }

  /** No more output will come: after the last byte the sink is told. */
  finish(): void {
    this.#isFinishing = true;
    this.pump();
  }

  /** The beginning of a character, which a piece of the source ends with, and its rest from the next piece. */
  #joined(beginning: Uint8Array): Uint8Array {
    const rest = this.#options.source.read(this.#position + beginning.byteLength, CHARACTER_MAX_BYTES);
    if (!rest) return beginning;
    const joined = new Uint8Array(beginning.byteLength + rest.byteLength);
    joined.set(beginning);
    joined.set(rest, beginning.byteLength);
    return joined.subarray(0, joined.byteLength - unfinishedBytes(joined));
  }

  #mayBeSent(): boolean {
    return this.#position < this.#limit && this.#options.sink.bufferedBytes() < SOCKET_HIGH_BYTES;
  }

  #fallBehind(): void {
    this.#isBehind = true;
    this.#options.sink.behind(this.#position);
  }
}

/** Bytes at the end that begin a UTF-8 character of more bytes (RFC 3629, section 3). */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
