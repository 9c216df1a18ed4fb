// Decodes UTF-8 byte by byte and tells which bytes each character came from. What is not UTF-8 becomes U+FFFD, one for
// each longest beginning of a character (Unicode, section 3.9; as TextDecoder does). Knows nothing of terminals.

const REPLACEMENT = 0xfffd;

/** Called with a code point and the offsets of its first byte and of the byte after its last. */
export type CharacterTaker = (character: number, from: number, to: number) => void;

export class Utf8Characters {
  readonly #taker: CharacterTaker;
  /** Bytes that are missing of the character at hand; 0 between characters. */
  #missing = 0;
  #character = 0;
  #from = 0;
  /** Range of the next byte: narrower after some first bytes, so that no form is overlong and no surrogate passes. */
  #lowest = 0x80;
  #highest = 0xbf;

  constructor(taker: CharacterTaker) {
    this.#taker = taker;
  }

  /** Whether a character has begun and its rest is still to come. */
  get isWithin(): boolean {
    return this.#missing > 0;
  }

  /** Takes the byte at `offset`. */
  take(byte: number, offset: number): void {
    if (this.#missing > 0 && this.#continue(byte, offset)) return;
    if (byte < 0x80) this.#taker(byte, offset, offset + 1);
    else if (byte >= 0xc2 && byte <= 0xf4) this.#begin(byte, offset);
    else this.#taker(REPLACEMENT, offset, offset + 1);
  }

  /** False when the byte does not continue the character: then its beginning has become U+FFFD. */
  #continue(byte: number, offset: number): boolean {
    if (byte < this.#lowest || byte > this.#highest) {
      this.#missing = 0;
      this.#taker(REPLACEMENT, this.#from, offset);
      return false;
    }
    this.#character = (this.#character << 6) | (byte & 0x3f);
    this.#lowest = 0x80;
    this.#highest = 0xbf;
    this.#missing -= 1;
    if (this.#missing === 0) this.#taker(this.#character, this.#from, offset + 1);
    return true;
  }

  #begin(byte: number, offset: number): void {
    this.#from = offset;
    this.#missing = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    this.#character = byte & (0x3f >> this.#missing);
    this.#lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  }
}
