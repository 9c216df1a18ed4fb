// Splits the text of one large message into binary parts and puts it together again. Decides the bounds: what is cut,
// how many messages may be open, how long one may become; and whose part is next. Knows nothing of what the text says.
import { type BinaryFrame, FLAG_LAST, HEADER_BYTES } from "./binary-frames.ts";
import { MalformedFrame } from "./text-frames.ts";

/** A text longer than this goes in parts, so that a keystroke behind it waits for one part only. */
export const PART_BYTES = 256 * 1024;
/** Longest message in parts: an output answer of 1 MiB in base64 with room for every escape. */
export const MESSAGE_MAX_BYTES = 32 * 1024 * 1024;
/** Messages in parts that one link may have open. */
export const OPEN_MAX = 8;

/** The parts of a message, in order; the last one carries the flag. */
export function* split(channel: number, text: Uint8Array): Generator<BinaryFrame> {
  const step = PART_BYTES - HEADER_BYTES;
  for (let offset = 0; offset < text.byteLength; offset += step) {
    const payload = text.subarray(offset, offset + step);
    const last = offset + step >= text.byteLength;
    yield { type: "part", flags: last ? FLAG_LAST : 0, channel, offset, payload };
  }
}

interface Open {
  readonly pieces: Uint8Array[];
  bytes: number;
}

/** Messages that take turns; the one more that may be open is for one that nothing comes between. */
const TURNS_MAX = OPEN_MAX - 1;

/** Messages that go out part by part, so that others go between: some take turns, those after them wait. */
export class Outgoing {
  readonly #messages: Iterator<BinaryFrame>[] = [];
  #nextChannel = 1;

  /** All parts of one that nothing comes between. */
  whole(text: Uint8Array): Iterable<BinaryFrame> {
    return split(this.#nextChannel++, text);
  }

  add(text: Uint8Array): void {
    this.#messages.push(split(this.#nextChannel++, text));
  }

  /** The next part to go out, of the message whose turn it is; null when all have gone. */
  next(): BinaryFrame | null {
    const message = this.#messages.shift();
    const part = message?.next().value as BinaryFrame | undefined;
    if (!message || !part) return null;
    if ((part.flags & FLAG_LAST) === 0) this.#messages.splice(TURNS_MAX - 1, 0, message);
    return part;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  clear(): void {
    this.#messages.length = 0;
  }
}

/** Gathers parts by channel. Throws MalformedFrame for a hole, a message too long or too many open ones. */
export class Assembler {
  readonly #open = new Map<number, Open>();

  /** The whole text, in UTF-8, when `part` was the last one of its message, else null. */
  take(part: BinaryFrame): Uint8Array | null {
    const open = this.#openFor(part.channel);
    if (part.offset !== open.bytes) throw new MalformedFrame("a hole in a message in parts");
    if (open.bytes + part.payload.byteLength > MESSAGE_MAX_BYTES) throw new MalformedFrame("a message over 32 MiB");
    open.pieces.push(part.payload.slice());
    open.bytes += part.payload.byteLength;
    if ((part.flags & FLAG_LAST) === 0) return null;
    this.#open.delete(part.channel);
    return joined(open);
  }

  #openFor(channel: number): Open {
    const open = this.#open.get(channel) ?? { pieces: [], bytes: 0 };
    if (!this.#open.has(channel) && this.#open.size >= OPEN_MAX) {
      throw new MalformedFrame(`more than ${OPEN_MAX} messages in parts at once`);
    }
    this.#open.set(channel, open);
    return open;
  }
}

function joined(open: Open): Uint8Array {
  const whole = new Uint8Array(open.bytes);
  let at = 0;
  for (const piece of open.pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
