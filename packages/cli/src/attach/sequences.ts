// Cuts a terminal's byte stream into text and whole control sequences (ECMA-48), across chunks. Knows where a sequence
// ends, not what it means. Bytes stand as characters of the same code (latin1), so that patterns can be read.

/** `long` is part of a string too long to gather, such as an image. */
export interface Piece {
  readonly kind: "text" | "sequence" | "long";
  readonly latin1: string;
}

/** Longest string that is gathered before anything of it is passed on: queries are a few bytes. */
const GATHER_MAX_CHARACTERS = 1024;

// ESC, or a C1 control in UTF-8 (C2 90…9F). CAN and SUB abort a sequence; other C0 controls inside one do not end it.
const TEXT = /(?:[^\x1b\xc2]|\xc2(?![\x90\x98\x9a-\x9f])(?=[\s\S]))+/y;
const CSI = /(?:\x1b\[|\xc2\x9b)[\x00-\x17\x19\x1c-\x3f\x7f]*[\x40-\x7e\x18\x1a]/y;
const STRING_START = /(?:\x1b[PX\]^_]|\xc2[\x90\x98\x9d-\x9f])/y;
const STRING =
  /(?:\x1b[PX\]^_]|\xc2[\x90\x98\x9d-\x9f])[^\x07\x1b\x18\x1a\xc2]*(?:\xc2(?!\x9c)[^\x07\x1b\x18\x1a\xc2]*)*(?:\x07|\x1b\\|\xc2\x9c|\x18|\x1a|\x1b(?=[^\\]))/y;
const ESCAPE = /\x1b[\x20-\x2f]*[\x30-\x4f\x51-\x57\x59\x5a\x5c\x60-\x7e]|\xc2[\x9a\x9c]/y;
/** The beginning of any of these, at the end of what is there. */
const PARTIAL =
  /(?:\x1b|\xc2|(?:\x1b\[|\xc2\x9b)[\x00-\x17\x19\x1c-\x3f\x7f]*|\x1b[\x20-\x2f]+|(?:\x1b[PX\]^_]|\xc2[\x90\x98\x9d-\x9f])[^\x07\x18\x1a]*)$/y;
const STRING_END = /\x07|\x1b\\|\xc2\x9c|\x18|\x1a/g;

export class SequenceCutter {
  #held = "";
  #isInLong = false;

  /** Pieces of `bytes`, in order; what is not whole yet is kept for the next chunk. */
  cut(bytes: Uint8Array): Piece[] {
    const text = this.#held + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    this.#held = "";
    const pieces: Piece[] = [];
    let at = 0;
    while (at < text.length) {
      const piece = this.#isInLong ? this.#long(text, at) : this.#short(text, at);
      if (piece === null) {
        this.#held = text.slice(at);
        break;
      }
      pieces.push(piece);
      at += piece.latin1.length;
    }
    return pieces;
  }

  /** Null when what stands at `at` is not whole. */
  #short(text: string, at: number): Piece | null {
    const plain = match(TEXT, text, at);
    if (plain) return { kind: "text", latin1: plain };
    const sequence = match(CSI, text, at) ?? match(STRING, text, at) ?? match(ESCAPE, text, at);
    if (sequence) return { kind: "sequence", latin1: sequence };
    if (!match(PARTIAL, text, at)) return { kind: "text", latin1: text.charAt(at) };
    if (!match(STRING_START, text, at) || text.length - at <= GATHER_MAX_CHARACTERS) return null;
    this.#isInLong = true;
    return this.#long(text, at);
  }

  /** Up to the end of the string, or all there is but the first half of a terminator. */
  #long(text: string, at: number): Piece | null {
    STRING_END.lastIndex = at + 1;
    const end = STRING_END.exec(text);
    if (end) {
      this.#isInLong = false;
      return { kind: "long", latin1: text.slice(at, STRING_END.lastIndex) };
    }
    const whole = /[\x1b\xc2]$/.test(text) ? text.length - 1 : text.length;
    return whole > at ? { kind: "long", latin1: text.slice(at, whole) } : null;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
