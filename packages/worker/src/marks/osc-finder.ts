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
/** What matters behind an ESC: another one, and whatever opens a string. */
const OPENS = new Uint8Array(256);
for (const byte of [ESC, OSC, ...STRINGS]) OPENS[byte] = 1;
/** Coloured output has an ESC every few bytes: looking by hand is cheaper there than a call into the engine. */
const NEAR_BYTES = 24;

/** Called with the text between introducer and terminator, the offset of its ESC, and the one after its last byte. */
export type TakeSequence = (text: Buffer, from: number, to: number) => void;

type State = "ground" | "escape" | "osc" | "osc_escape" | "string" | "string_escape";

export class OscFinder {
  readonly #firstBytes: readonly number[];
  readonly #take: TakeSequence;
  readonly #text = Buffer.alloc(SEQUENCE_MAX_BYTES);
  #state: State = "ground";
  /** Of the text so far, kept or not. */
  #length = 0;
  #isWanted = false;
  #from = 0;

  /** A text that begins with none of these characters is passed over. */
  constructor(firstCharacters: string, take: TakeSequence) {
    this.#firstBytes = [...Buffer.from(firstCharacters)];
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

  /** The one loop that every byte of a flood passes: most escape sequences are no strings, and are left behind at once. */
  #ground(bytes: Buffer, at: number, offset: number): number {
    for (let from = at; ; ) {
      const escapeAt = nextEscape(bytes, from);
      if (escapeAt < 0) return bytes.length;
      const next = escapeAt + 1 < bytes.length ? (bytes[escapeAt + 1] as number) : ESC;
      if (OPENS[next] === 0) {
        from = escapeAt + 2;
        continue;
      }
      this.#from = offset + escapeAt;
      this.#state = "escape";
      return escapeAt + 1;
    }
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

  #keep(bytes: Buffer, from: number, to: number): void {
    if (this.#length === 0 && to > from) this.#isWanted = this.#firstBytes.includes(bytes[from] as number);
    if (this.#isWanted && this.#length + (to - from) <= SEQUENCE_MAX_BYTES) {
      for (let at = from, place = this.#length; at < to; at += 1, place += 1) this.#text[place] = bytes[at] as number;
    }
    this.#length += to - from;
  }

  #found(to: number): void {
    this.#state = "ground";
    if (this.#length === 0 || this.#length > SEQUENCE_MAX_BYTES || !this.#isWanted) return;
    this.#take(this.#text.subarray(0, this.#length), this.#from, to);
  }
}

function nextEscape(bytes: Buffer, at: number): number {
  const near = Math.min(at + NEAR_BYTES, bytes.length);
  for (let index = at; index < near; index += 1) if (bytes[index] === ESC) return index;
  return near === bytes.length ? -1 : bytes.indexOf(ESC, near);
}
