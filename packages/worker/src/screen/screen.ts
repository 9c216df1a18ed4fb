// The screen of a session: the grid that its output makes, as of every byte fed. Answers what it looks like now, what has
// changed since an epoch, and how to repaint it elsewhere; answers the program's queries. Knows no session, socket or
// clock; its offsets count the bytes that it was fed.
import { bound } from "./bounds.ts";
import { Changes, type Frame } from "./changes.ts";
import { HeldLines, type HeldRange } from "./held-lines.ts";
import { PRINT_NUMBERS, printLine } from "./line-print.ts";
import { OtherKeys, type OtherKeysLevel } from "./other-keys.ts";
import { answerQueries } from "./queries.ts";
import { type Color, plainLine, type Span, styledLine, wholeLine } from "./rendered-line.ts";
import { lastIntroducer } from "./sequence-start.ts";
import { paintScreen } from "./snapshot.ts";
import { type TerminalModes, terminalModes } from "./terminal-modes.ts";
import { Title } from "./title.ts";
import { CharacterBorder, repairUtf8 } from "./whole-characters.ts";
import { type Core, openCore, PARSE_MAX_BYTES, parse, resizeCore, viewLine } from "./xterm-core.ts";

export type { Color, Span };

export interface ScreenModes extends TerminalModes {
  readonly otherKeys: OtherKeysLevel;
}

export type ScreenFormat = "styled" | "plain";
export type Line = Span[] | string;

/** The screen without what only its session knows (generation, offset, activity). Not to be changed: it is shared. */
export interface ScreenRead {
  readonly epoch: number;
  readonly first_line_index: number;
  readonly total_lines: number;
  /** One entry per row, top first. */
  readonly lines: Line[];
  readonly cursor: { readonly row: number; readonly col: number; readonly visible: boolean };
  readonly cols: number;
  readonly rows: number;
  readonly alternate_active: boolean;
}

/** Applied to the copy of epoch `since_epoch` it is the screen of `epoch`. */
export interface ScreenDelta extends Omit<ScreenRead, "lines"> {
  readonly since_epoch: number;
  readonly changed: { readonly row: number; readonly line: Line }[];
}

export interface ScreenUnchanged {
  readonly epoch: number;
  readonly unchanged: true;
}

export interface ScreenSnapshot {
  readonly cols: number;
  readonly rows: number;
  readonly alternate: boolean;
  /** Repaints screen, modes and cursor on a reset terminal of this size. */
  readonly vt: string;
}

export interface ScreenOptions {
  readonly cols: number;
  readonly rows: number;
  /** Lines kept above the view. */
  readonly scrollbackLines: number;
  /** Takes the answers to the queries of one `feed`, in order; called at most once per feed. Absent: nobody is answered. */
  readonly reply?: (bytes: Uint8Array) => void;
}

interface Rendered {
  readonly epoch: number;
  readonly lines: Line[];
}

/** Bytes decoded at a time: repaired, they still fit the core's buffer (each wrong byte becomes three). */
const SLICE_BYTES = PARSE_MAX_BYTES / 4;
/** Answers to one feed; a program asks for 256 colours at most (6 KiB). More is a program that does not read them. */
const ANSWERS_MAX = 16_384;

export class Screen {
  readonly #core: Core;
  readonly #title: Title;
  readonly #otherKeys: OtherKeys;
  readonly #border = new CharacterBorder();
  readonly #reply: ((bytes: Uint8Array) => void) | undefined;
  readonly #changes: Changes;
  /** Rendered lines of the last reads; the garbage collector takes them when nobody reads any more. */
  readonly #rendered: Record<ScreenFormat, WeakRef<Rendered> | undefined> = { styled: undefined, plain: undefined };
  /** Lines that somebody has not read to their end. */
  readonly #held = new Set<HeldLines>();
  #fed = 0;
  /** Offset at which the last escape sequence begins; true while the parser is within it. */
  #sequenceAt = 0;
  #answers = "";
  #isLookedAt = true;
  #faults = 0;
  #wasAlternate = false;
  #switchedTo: "alt" | "normal" | null = null;

  constructor({ reply, ...size }: ScreenOptions) {
    this.#core = openCore(size);
    this.#reply = reply;
    bound(this.#core);
    this.#title = new Title(this.#core);
    this.#otherKeys = new OtherKeys(this.#core);
    answerQueries(this.#core, (text) => {
      if (this.#answers.length + text.length <= ANSWERS_MAX) this.#answers += text;
    });
    this.#core.buffers.onBufferActivate(() => this.#onBuffer());
    this.#changes = new Changes(this.#frame(), this.#prints());
  }

  /** Bytes fed so far. */
  get fed(): number {
    return this.#fed;
  }

  /**
   * Bytes fed up to the end of the last whole escape sequence and character: where to send on from after a snapshot.
   * Control characters within an unfinished sequence have then been obeyed already.
   */
  get settled(): number {
    return this.#isBetweenSequences ? this.#fed - this.#border.heldBytes : this.#sequenceAt;
  }

  /** The title that the program set; at most 256 characters, none of them a control character. */
  get title(): string {
    return this.#title.text;
  }

  /** Times that the emulator failed over some bytes and was brought to order; what followed within 16 KiB is lost. */
  get faults(): number {
    return this.#faults;
  }

  /** Takes bytes at once: afterwards the grid shows them all. Queries among them are answered. Keeps no view of them. */
  feed(bytes: Uint8Array): void {
    const answers = this.#takeAll(bytes);
    if (answers !== "") this.#reply?.(Buffer.from(answers));
  }

  /** As `feed`, for bytes of the past: queries in them have been answered, and are not again. */
  replay(bytes: Uint8Array): void {
    this.#takeAll(bytes);
  }

  /** Fits the grid to a new size; lines of the normal buffer are wrapped anew. Columns below 2 are taken as 2. */
  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    for (const held of this.#held) held.copyAll();
    resizeCore(this.#core, cols, rows);
    this.#isLookedAt = false;
  }

  /** Which buffer the program has gone to since this was asked last; null: to none. */
  takeSwitch(): "alt" | "normal" | null {
    const switchedTo = this.#switchedTo;
    this.#switchedTo = null;
    return switchedTo;
  }

  /** The epoch of what is visible now: one more than at the last look if that looked different. */
  look(): number {
    if (this.#isLookedAt) return this.#changes.epoch;
    this.#isLookedAt = true;
    return this.#changes.look(this.#frame(), this.#prints());
  }

  read(format: ScreenFormat): ScreenRead {
    this.look();
    const { cols, rows } = this.#core;
    const { lines } = this.#core.buffers.active;
    const { isAlternate, cursorRow: row, cursorCol: col, isCursorVisible: visible } = this.#frame();
    return {
      epoch: this.#changes.epoch,
      first_line_index: Math.max(0, lines.length - rows),
      total_lines: lines.length,
      lines: this.#lines(format),
      cursor: { row, col, visible },
      cols,
      rows,
      alternate_active: isAlternate,
    };
  }

  /** Lines kept above the view, and those of the view. */
  get totalLines(): number {
    return this.#core.buffers.active.lines.length;
  }

  /** Lines as they are now, however the screen goes on. Not remembered: what is read so is seldom read again. */
  hold(range: HeldRange): HeldLines {
    const held = new HeldLines(this.#core, range, (one) => this.#held.delete(one));
    this.#held.add(held);
    return held;
  }

  /** What has changed since `epoch`, if that can be said in less than the whole screen. */
  readSince(format: ScreenFormat, epoch: number): ScreenRead | ScreenDelta | ScreenUnchanged {
    if (this.look() === epoch) return { epoch, unchanged: true };
    const whole = this.read(format);
    const { lines, ...rest } = whole;
    const changed = lines.map((line, row) => ({ row, line })).filter(({ row }) => this.#changes.hasChanged(row, epoch));
    const { epoch: now, ...view } = rest;
    const delta: ScreenDelta = { epoch: now, since_epoch: epoch, changed, ...view };
    return JSON.stringify(delta).length < JSON.stringify(whole).length ? delta : whole;
  }

  /** The cursor's line up to the cursor, in however many rows, without blanks at its end. */
  lineBeforeCursor(): string {
    const { x, y } = this.#core.buffers.active;
    return this.#lineEndingIn(y, x).text.trimEnd();
  }

  /**
   * The line that asks: the cursor's, up to it or whole; where that is blank, the last one above that is not. `row` is the one
   * that it ends in.
   */
  askingLine(extent: "up_to_cursor" | "whole"): { readonly text: string; readonly row: number } {
    const { x, y } = this.#core.buffers.active;
    for (let row = y; row >= 0; ) {
      const { text, first } = this.#lineEndingIn(row, row === y && extent === "up_to_cursor" ? x : this.#core.cols);
      if (text.trim() !== "") return { text: text.trimEnd(), row };
      row = first - 1;
    }
    return { text: "", row: y };
  }

  /** Text of the last row that is not blank, without blanks at its end. */
  lastLine(): string {
    const { active } = this.#core.buffers;
    for (let row = this.#core.rows - 1; row >= 0; row -= 1) {
      const text = wholeLine(viewLine(active, row), this.#core.cols).trimEnd();
      if (text !== "") return text;
    }
    return "";
  }

  /** True at `settled`, once the emulator has taken all that was fed. */
  snapshot(): ScreenSnapshot {
    const { cols, rows } = this.#core;
    const vt = paintScreen(this.#core, this.title) + this.#otherKeys.sequence;
    return { cols, rows, alternate: this.#isAlternate, vt };
  }

  modes(): ScreenModes {
    return { ...terminalModes(this.#core), otherKeys: this.#otherKeys.level };
  }

  /** The line that ends in a row, before a column there, with the rows above that it wraps from; `first` is the first of them. */
  #lineEndingIn(row: number, col: number): { readonly text: string; readonly first: number } {
    const { cols, buffers } = this.#core;
    let text = wholeLine(viewLine(buffers.active, row), Math.min(col, cols));
    let first = row;
    while (first > 0 && viewLine(buffers.active, first).isWrapped) {
      first -= 1;
      text = wholeLine(viewLine(buffers.active, first), cols) + text;
    }
    return { text, first };
  }

  dispose(): void {
    this.#core.dispose();
  }

  /** Returns the answers to the queries in `bytes`. */
  #takeAll(bytes: Uint8Array): string {
    for (let at = 0; at < bytes.byteLength; at += SLICE_BYTES) this.#take(bytes.subarray(at, at + SLICE_BYTES));
    const answers = this.#answers;
    this.#answers = "";
    return answers;
  }

  #take(bytes: Uint8Array): void {
    const from = this.#fed - this.#border.heldBytes;
    const whole = this.#border.take(bytes);
    this.#fed += bytes.byteLength;
    this.#isLookedAt = false;
    try {
      parse(this.#core, repairUtf8(whole));
    } catch {
      this.#core._inputHandler._parser.reset();
      this.#faults += 1;
    }
    const introducer = this.#isBetweenSequences ? -1 : lastIntroducer(whole);
    if (introducer >= 0) this.#sequenceAt = from + introducer;
  }

  get #isBetweenSequences(): boolean {
    return this.#core._inputHandler._parser.currentState === 0;
  }

  /** The core tells also of a buffer that was active before (a reset). */
  #onBuffer(): void {
    const isAlternate = this.#isAlternate;
    if (isAlternate !== this.#wasAlternate) this.#switchedTo = isAlternate ? "alt" : "normal";
    this.#wasAlternate = isAlternate;
  }

  get #isAlternate(): boolean {
    return this.#core.buffers.active === this.#core.buffers.alt;
  }

  #frame(): Frame {
    const { cols, rows, buffers, coreService } = this.#core;
    const { x, y } = buffers.active;
    return {
      cols,
      rows,
      isAlternate: this.#isAlternate,
      cursorRow: y,
      cursorCol: Math.min(x, cols - 1),
      isCursorVisible: !coreService.isCursorHidden,
    };
  }

  #prints(): Int32Array {
    const { cols, rows, buffers } = this.#core;
    const prints = new Int32Array(rows * PRINT_NUMBERS);
    for (let row = 0; row < rows; row += 1) printLine(viewLine(buffers.active, row), cols, prints, row);
    return prints;
  }

  /** The rows as of the present epoch; those that have not changed since the last read are taken from it. */
  #lines(format: ScreenFormat): Line[] {
    const epoch = this.#changes.epoch;
    const kept = this.#rendered[format]?.deref();
    if (kept?.epoch === epoch) return kept.lines;
    const { cols, rows, buffers } = this.#core;
    const render = format === "styled" ? styledLine : plainLine;
    const lines = Array.from({ length: rows }, (_, row) => {
      const old = kept && !this.#changes.hasChanged(row, kept.epoch) ? kept.lines[row] : undefined;
      return old ?? render(viewLine(buffers.active, row), cols);
    });
    this.#rendered[format] = new WeakRef({ epoch, lines });
    return lines;
  }
}
