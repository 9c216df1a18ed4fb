// Renders raw output as text on an endless wide page, byte by byte as it comes: escape sequences are gone, and within a
// line the cursor goes back (CR, BS, CUB, CHA) so that later characters take the place of earlier ones. Moves to the
// right or to another line, colours and titles leave no trace. What is printed in the alternate buffer can be left out, as it
// is gone when its program leaves. Knows no pattern and keeps no finished line.
//
//   ground ──ESC──► escape ──[──► csi ──final──► ground
//                     ├──]──► title (OSC, ends by BEL or ST)      └─ P X ^ _ ──► string (ends by ST)
//   (ECMA-48, and the state machine of Williams, vt100.net/emu/dec_ansi_parser; C1 controls as in xterm.js)
import { LINE_MAX_CHARS, RenderedLine } from "./rendered-line.ts";
import { Utf8Characters } from "./utf8-characters.ts";

/** Follows a line as it is printed. The line is the renderer's own and is used again: take what you need at once. */
export interface LineSink {
  /** The cells from…to have been written, left to right; the cursor is at `to`. */
  printed(line: RenderedLine, from: number, to: number): void;
  /** What was printed up to cell `col` ends there: the cursor goes elsewhere, or cells are about to be erased. */
  left(line: RenderedLine, col: number): void;
  /** The line is whole: a newline, or the largest length of a line. `next`: offset at which the next one begins. */
  completed(line: RenderedLine, next: number): void;
}

type State = "ground" | "escape" | "designation" | "csi" | "title" | "string";

const BEL = 0x07;
const BS = 0x08;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const ST = 0x9c;
const SPACE = 0x20;
/** Of `CSI ?`. */
const PRIVATE = 0x3f;
/** Full reset, which shows the normal buffer. */
const RIS = 0x63;

/** What a character after ESC, or the C1 control in its place (code − 0x40), begins. */
const OPENERS: Readonly<Record<number, State>> = {
  91: "csi",
  93: "title",
  80: "string",
  88: "string",
  94: "string",
  95: "string",
};

/** Private modes that show the alternate buffer while they are set (xterm: 47, 1047, 1049). */
const ALTERNATE: ReadonlySet<number> = new Set([47, 1047, 1049]);

export interface RenderOptions {
  /** What is printed in the alternate buffer leaves no trace; the range is taken to begin outside of it. */
  readonly leavesOutAlternate?: boolean;
}

const isPlain = (byte: number): boolean => (byte >= SPACE && byte < 0x7f) || byte === TAB;

export class RenderedText {
  readonly #sink: LineSink;
  readonly #characters = new Utf8Characters((character, from, to) => this.#character(character, from, to));
  readonly #line: RenderedLine;
  #offset: number;
  #col = 0;
  #state: State = "ground";
  /** First parameter of the sequence; −1: none given. */
  #parameter = -1;
  /** The sequence has more than one number in it: no meaning of ours. */
  #isOther = false;
  /** The sequence sets or resets private modes. */
  #isPrivate = false;
  /** One of its modes shows the alternate buffer. */
  #namesAlternate = false;
  readonly #leavesOutAlternate: boolean;
  /** What comes now leaves no trace. */
  #isLeftOut = false;
  /** Cells before this one are known to be blank, so erasing twice costs nothing. */
  #blank = 0;

  /** `from`: offset of the first byte that will be fed. */
  constructor(sink: LineSink, from: number, { leavesOutAlternate = false }: RenderOptions = {}) {
    this.#sink = sink;
    this.#leavesOutAlternate = leavesOutAlternate;
    this.#offset = from;
    this.#line = new RenderedLine(from);
  }

  /** The line that is being printed. */
  get line(): RenderedLine {
    return this.#line;
  }

  /** Offset of the next byte that is expected. */
  get offset(): number {
    return this.#offset;
  }

  /** Whether no escape sequence is under way. */
  get isBetweenSequences(): boolean {
    return this.#state === "ground";
  }

  feed(bytes: Uint8Array): void {
    const base = this.#offset;
    this.#offset += bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; ) {
      if (this.#state === "ground" && !this.#characters.isWithin && isPlain(bytes[at] as number)) {
        at = this.#plainRun(bytes, at, base);
      } else {
        this.#characters.take(bytes[at] as number, base + at);
        at += 1;
      }
    }
  }

  #plainRun(bytes: Uint8Array, from: number, base: number): number {
    let end = from + 1;
    while (end < bytes.byteLength && isPlain(bytes[end] as number)) end += 1;
    for (let at = from; at < end && !this.#isLeftOut; ) {
      this.#makeRoom(base + at);
      const most = Math.min(end - at, LINE_MAX_CHARS - this.#col);
      const taken = this.#line.putAscii(this.#col, bytes, at, most, base + at);
      this.#advance(taken);
      at += taken;
    }
    return end;
  }

  #character(character: number, from: number, to: number): void {
    if (character === ESC) this.#state = "escape";
    else if (character === CAN || character === SUB) this.#state = "ground";
    else if (this.#state === "title" || this.#state === "string") this.#inString(character);
    else if (character < SPACE) this.#control(character, from, to);
    else if (character >= 0x7f && character < 0xa0) this.#c1(character);
    else if (this.#state === "ground") this.#put(character, from, to);
    else this.#inSequence(character);
  }

  #inString(character: number): void {
    if (character === ST || (character === BEL && this.#state === "title")) this.#state = "ground";
  }

  #control(character: number, from: number, to: number): void {
    if (this.#isLeftOut) return;
    if (character === CR) this.#moveTo(0);
    else if (character === BS) this.#moveTo(this.#col - 1);
    else if (character === LF) this.#complete(to);
    else if (character === TAB) this.#put(character, from, to);
  }

  #c1(character: number): void {
    if (character !== 0x7f) this.#open(OPENERS[character - 0x40] ?? "ground");
  }

  #inSequence(character: number): void {
    if (this.#state === "csi") this.#inCsi(character);
    else if (character >= 0x20 && character < 0x30) this.#state = "designation";
    else {
      if (character === RIS && this.#state === "escape") this.#isLeftOut = false;
      this.#open((this.#state === "escape" && OPENERS[character]) || "ground");
    }
  }

  #open(state: State): void {
    this.#state = state;
    this.#parameter = -1;
    this.#isOther = false;
    this.#isPrivate = false;
    this.#namesAlternate = false;
  }

  #inCsi(character: number): void {
    if (character >= 0x40) {
      this.#state = "ground";
      if (this.#isPrivate) this.#setModes(character);
      else if (character < 0x7f && !this.#isOther) this.#act(character, this.#parameter);
    } else if (character >= 0x30 && character < 0x3a) {
      this.#parameter = Math.min(Math.max(this.#parameter, 0) * 10 + character - 0x30, LINE_MAX_CHARS);
    } else this.#separate(character);
  }

  /** Of numbers one after the other only private modes mean anything here. */
  #separate(character: number): void {
    this.#isPrivate ||= character === PRIVATE && this.#parameter < 0 && !this.#isOther;
    this.#isOther = true;
    this.#namesAlternate ||= ALTERNATE.has(this.#parameter);
    if (this.#isPrivate) this.#parameter = -1;
  }

  /** DECSET and DECRST. */
  #setModes(final: number): void {
    if (!this.#leavesOutAlternate || !(this.#namesAlternate || ALTERNATE.has(this.#parameter))) return;
    if (final === 0x68) this.#isLeftOut = true;
    else if (final === 0x6c) this.#isLeftOut = false;
  }

  /** The sequences that change the text of the line: EL, CUB, CHA and its twin HPA. */
  #act(final: number, parameter: number): void {
    if (this.#isLeftOut) return;
    const count = Math.max(parameter, 1);
    if (final === 0x4b) this.#erase(parameter);
    else if (final === 0x44) this.#moveTo(this.#col - count);
    else if (final === 0x47 || final === 0x60) this.#moveTo(count - 1);
  }

  /** Only ever to the left: what has been printed pays for what has to be looked at again. */
  #moveTo(col: number): void {
    const target = Math.max(0, col);
    if (target >= this.#col) return;
    this.#sink.left(this.#line, this.#col);
    this.#col = target;
  }

  /** A line erased whole begins anew at its start, so that what follows is not behind blanks that nobody sees. */
  #erase(what: number): void {
    if (what === 1) this.#blankBefore();
    if (what === 2) this.#moveTo(0);
    if (what <= 0 || what === 2) this.#cut();
  }

  #cut(): void {
    if (this.#col === this.#line.length) return;
    this.#sink.left(this.#line, this.#col);
    this.#line.cut(this.#col);
  }

  #blankBefore(): void {
    const from = this.#blank;
    if (from >= this.#col) return;
    this.#sink.left(this.#line, this.#col);
    this.#line.blank(from, this.#col);
    this.#blank = this.#col;
    this.#sink.printed(this.#line, from, this.#col);
  }

  #put(character: number, from: number, to: number): void {
    if (this.#isLeftOut) return;
    this.#makeRoom(from);
    this.#line.put(this.#col, character, { from, to });
    this.#advance(1);
  }

  #makeRoom(offset: number): void {
    if (this.#col === LINE_MAX_CHARS) this.#complete(offset);
  }

  #advance(count: number): void {
    const from = this.#col;
    this.#blank = Math.min(this.#blank, from);
    this.#col += count;
    this.#sink.printed(this.#line, from, this.#col);
  }

  #complete(next: number): void {
    this.#sink.completed(this.#line, next);
    this.#line.restart(next);
    this.#col = 0;
    this.#blank = 0;
  }
}
