// Finds whole OSC sequences in raw output, with their offsets, wherever the pieces were cut. Knows no meaning of any. Other
// strings (DCS, APC, PM, SOS) are passed over: what a multiplexer hands through in one, with each ESC doubled, is not said
// to this terminal. As in DEC's parser (Paul Williams, vt100.net) any other ESC begins anew, so rubbish blinds for a
// moment only.
//
//   ground ──ESC──► escape ──]──► osc ──BEL, ESC \──► found        osc, string ──CAN, SUB──► ground
//                     └──P X ^ _──► string ──ESC \──► ground       osc, string ──ESC other──► escape

/** A longer one is none of ours: the longest, a command's text or a report's, is below it. */
export const SEQUENCE_MAX_BYTES = 4096;

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const OSC = 0x5d;
const BACKSLASH = 0x5c;
const STRINGS: readonly number[] = [0x50, 0x58, 0x5e, 0x5f];
/** Coloured output has an ESC every few bytes: looking by hand is cheaper there than a call into the engine. */
const NEAR_BYTES = 24;

/** Called with the text between introducer and terminator, the offset of its ESC, and the one after its last byte. */
export type TakeSequence = (text: Buffer, from: number, to: number) => void;

type State = "ground" | "escape" | "osc" | "osc_escape" | "string" | "string_escape";

export class OscFinder {
  readonly #take: TakeSequence;
  readonly #text = Buffer.alloc(SEQUENCE_MAX_BYTES);
  #state: State = "ground";
  #length = 0;
  #from = 0;

  constructor(take: TakeSequence) {
    this.#take = take;
  }

  /** `offset` is that of the first of these bytes; they follow those of the call before. */
  feed(bytes: Buffer, offset: number): void {
    for (let at = 0; at < bytes.length; ) at = this.#step(bytes, at, offset);
  }

  /** Index of the next byte to look at. */
  #step(bytes: Buffer, at: number, offset: number): number {
    switch (this.#state) {
      case "ground":
        return this.#ground(bytes, at, offset);
      case "escape":
        return this.#escape(bytes[at] as number, at, offset);
      case "osc":
        return this.#osc(bytes, at, offset);
      case "string":
        return this.#string(bytes, at);
      default:
        return this.#afterEscape(bytes[at] as number, at, offset);
    }
  }

  #ground(bytes: Buffer, at: number, offset: number): number {
    const escapeAt = nextEscape(bytes, at);
    if (escapeAt < 0) return bytes.length;
    this.#from = offset + escapeAt;
    this.#state = "escape";
    return escapeAt + 1;
  }

  #escape(byte: number, at: number, offset: number): number {
    this.#length = 0;
    if (byte === ESC) this.#from = offset + at;
    else if (byte === OSC) this.#state = "osc";
    else this.#state = STRINGS.includes(byte) ? "string" : "ground";
    return at + 1;
  }

  #osc(bytes: Buffer, at: number, offset: number): number {
    let end = at;
    for (; end < bytes.length; end += 1) {
      const byte = bytes[end] as number;
      if (byte === ESC || byte === BEL || byte === CAN || byte === SUB) break;
    }
    this.#keep(bytes, at, end);
    if (end === bytes.length) return end;
    if (bytes[end] === ESC) this.#state = "osc_escape";
    else if (bytes[end] === BEL) this.#found(offset + end + 1);
    else this.#state = "ground";
    return end + 1;
  }

  #string(bytes: Buffer, at: number): number {
    let end = at;
    for (; end < bytes.length; end += 1) {
      const byte = bytes[end] as number;
      if (byte === ESC || byte === CAN || byte === SUB) break;
    }
    if (end === bytes.length) return end;
    this.#state = bytes[end] === ESC ? "string_escape" : "ground";
    return end + 1;
  }

  #afterEscape(byte: number, at: number, offset: number): number {
    const isOsc = this.#state === "osc_escape";
    if (byte === BACKSLASH) {
      if (isOsc) this.#found(offset + at + 1);
      this.#state = "ground";
      return at + 1;
    }
    if (byte === ESC && !isOsc) {
      this.#state = "string";
      return at + 1;
    }
    this.#from = offset + at - 1;
    this.#state = "escape";
    return at;
  }

  /** Once more than the bound has come, only that is remembered. */
  #keep(bytes: Buffer, from: number, to: number): void {
    if (this.#length + (to - from) <= SEQUENCE_MAX_BYTES) bytes.copy(this.#text, this.#length, from, to);
    this.#length += to - from;
  }

  #found(to: number): void {
    this.#state = "ground";
    if (this.#length <= SEQUENCE_MAX_BYTES) this.#take(this.#text.subarray(0, this.#length), this.#from, to);
  }
}

function nextEscape(bytes: Buffer, at: number): number {
  const near = Math.min(at + NEAR_BYTES, bytes.length);
  for (let index = at; index < near; index += 1) if (bytes[index] === ESC) return index;
  return near === bytes.length ? -1 : bytes.indexOf(ESC, near);
}
