// Decides what of a long output is shown within a budget: its beginning and its end, cut between lines where that can be, else
// between characters, and which bytes of the stream are left out between the two. Each part is the text of exactly its bytes,
// so that whoever reads the bytes that are left out gets what is missing. Pure; knows no ring and no session.
import type { RenderedLine } from "./rendered-line.ts";
import { RenderedText } from "./rendered-text.ts";
import { textOf } from "./text-of.ts";

export interface Budget {
  /** Of text, in UTF-8. */
  readonly maxBytes: number;
  /** Of the beginning, when not all fits. */
  readonly headBytes: number;
}

export interface Budgeted {
  /** All of it, or its beginning. */
  readonly output: string;
  /** Its end; only where something is left out. */
  readonly tail?: string;
  /** Offsets of the stream; `bytes` of it. */
  readonly omitted: { readonly bytes: number; readonly from: number; readonly to: number } | null;
}

/** A range of output and the offset of its first byte. */
export interface OutputPart {
  readonly bytes: Uint8Array;
  readonly from: number;
}

/** The whole range at once. One of 1 MiB takes some milliseconds; who has others to serve measures it in parts. */
export function budgeted(part: OutputPart, budget: Budget): Budgeted {
  const measure = new OutputMeasure(part.from, budget);
  measure.feed(part.bytes);
  return measure.of(part);
}

/** Where the output can be cut in two, and how much text comes before. */
interface Cut {
  readonly offset: number;
  readonly textBytes: number;
}

/** A line of more than this share of the budget is cut within, when it must be. */
const LONG_LINE_SHARE = 8;

/** Finds where to cut, in parts: it is fed the range from its beginning on, and asked when all of it has been fed. */
export class OutputMeasure {
  readonly #budget: Budget;
  readonly #from: number;
  readonly #rendered: RenderedText;
  /** Text of whole lines, in UTF-8. */
  #textBytes = 0;
  /** The beginning ends here. */
  #head: Cut;
  /** Where the end may begin, first to last; those before `#first` have too much after them. */
  #cuts: Cut[] = [];
  #first = 0;
  /** Length of the line that is being printed, when it was gone back in last. */
  #soundFrom = 0;

  constructor(from: number, budget: Budget) {
    this.#budget = budget;
    this.#from = from;
    this.#head = { offset: from, textBytes: 0 };
    const completed = (line: RenderedLine, next: number) => this.#completed(line, next);
    const left = (line: RenderedLine) => {
      this.#soundFrom = Math.max(this.#soundFrom, line.length);
    };
    const sink = { printed: () => {}, left, completed };
    this.#rendered = new RenderedText(sink, from, { leavesOutAlternate: true });
  }

  feed(bytes: Uint8Array): void {
    this.#rendered.feed(bytes);
  }

  /** What is shown of the range, all of which has been fed. */
  of({ bytes }: OutputPart): Budgeted {
    const { maxBytes } = this.#budget;
    const from = this.#from;
    const { line, offset: end } = this.#rendered;
    const total = this.#textBytes + bytesOf(line);
    if (total <= maxBytes) return { output: textOf(bytes, from), omitted: null };
    this.#cutWithin(line);
    const room = maxBytes - this.#head.textBytes;
    while ((this.#cuts[this.#first]?.textBytes ?? total) < total - room) this.#first += 1;
    const cut = { from: this.#head.offset, to: this.#cuts[this.#first]?.offset ?? end };
    return {
      output: textOf(bytes.subarray(0, cut.from - from), from),
      tail: textOf(bytes.subarray(cut.to - from), cut.to),
      omitted: { bytes: cut.to - cut.from, ...cut },
    };
  }

  #completed(line: RenderedLine, next: number): void {
    this.#cutWithin(line);
    this.#textBytes += bytesOf(line) + 1;
    // A newline can stand within a sequence, which is not cut in two.
    if (this.#rendered.isBetweenSequences) this.#canCut({ offset: next, textBytes: this.#textBytes });
  }

  /** Where nobody has gone back to: what was printed before and what after do not touch each other. */
  #cutWithin(line: RenderedLine): void {
    const sound = Math.max(1, this.#soundFrom);
    this.#soundFrom = 0;
    if (line.length * LONG_LINE_SHARE <= this.#budget.maxBytes) return;
    let textBytes = this.#textBytes;
    for (let col = 0; col < line.length; col += 1) {
      if (col >= sound) this.#canCut({ offset: line.bytes(col, col + 1).from, textBytes });
      textBytes += utf8Bytes(line.cells[col] as number);
    }
  }

  #canCut(cut: Cut): void {
    const { maxBytes, headBytes } = this.#budget;
    if (cut.textBytes <= headBytes) this.#head = cut;
    this.#cuts.push(cut);
    while ((this.#cuts[this.#first] as Cut).textBytes < cut.textBytes - maxBytes) this.#first += 1;
    if (this.#first < FORGET_FROM || this.#first * 2 < this.#cuts.length) return;
    this.#cuts.splice(0, this.#first);
    this.#first = 0;
  }
}

/** Cuts that are of no more use are let go of by so many at least. */
const FORGET_FROM = 4_096;

function bytesOf({ cells, length }: RenderedLine): number {
  let bytes = 0;
  for (let col = 0; col < length; col += 1) bytes += utf8Bytes(cells[col] as number);
  return bytes;
}

function utf8Bytes(character: number): number {
  if (character < 0x80) return 1;
  if (character < 0x800) return 2;
  return character < 0x1_0000 ? 3 : 4;
}
