// Decides whether and where output, or the rows of a screen, match regular expressions from outside: linear time, each
// byte looked at as it comes. A pattern is held against one line at a time; `^` and `$` are its ends, and no match holds
// a newline. Knows no session and no clock.
import { FleettyError } from "@fleetty/protocol/errors";
import { invariant } from "@fleetty/protocol/invariant";
import type { RenderedLine } from "../output/rendered-line.ts";
import { RenderedText } from "../output/rendered-text.ts";
import { PatternTrack, UNDECIDED } from "./pattern-track.ts";
import { compileProgram, type Program } from "./program.ts";

/** Patterns of one wait (public limits). */
const PATTERNS_MAX = 16;
/** Text and each group of a match are cut to so many bytes of UTF-8 (public limits). */
const MATCH_MAX_BYTES = 1024;

export interface PatternInput {
  readonly regex: string;
  /** `i`: upper and lower case are the same. */
  readonly flags?: "i" | undefined;
}

/** A compiled pattern; `index` is its place in the request. */
export interface Pattern {
  readonly index: number;
  readonly program: Program;
}

type Found = {
  /** Index of the pattern in the request. */
  readonly pattern: number;
  readonly text: string;
  /** Capture groups without the whole; null: took no part. */
  readonly groups: (string | null)[];
};

/** A match in output; `from` and `to` are the offsets of the bytes that its text came from. */
export type OutputMatch = Found & { readonly from: number; readonly to: number };

/** A match on a screen; `col` counts characters of the row, from 0. */
export type ScreenMatch = Found & { readonly row: number; readonly col: number };

/** Compiles 1…16 patterns. Throws `invalid_pattern` for syntax, size, and what cannot be matched in linear time. */
export function compilePatterns(inputs: readonly PatternInput[]): Pattern[] {
  if (inputs.length < 1 || inputs.length > PATTERNS_MAX) {
    throw new FleettyError("invalid_pattern", `${inputs.length} patterns given; a wait takes 1 to ${PATTERNS_MAX}`);
  }
  return inputs.map((input, index) => ({ index, program: compileProgram(input, index) }));
}

/**
 * Looks for the first match in output that comes in any pieces; the pieces make no difference. A match counts as soon as
 * no further text of its line can change it; else when the line ends or the cursor leaves it. The pattern that is known
 * first wins, then the one given first.
 */
export class PatternScan {
  readonly #patterns: readonly Pattern[];
  readonly #tracks: readonly PatternTrack[];
  readonly #text: RenderedText;
  #match: OutputMatch | null = null;

  /** `from`: offset of the first byte that will be fed. */
  constructor(patterns: readonly Pattern[], from: number) {
    this.#patterns = patterns;
    this.#tracks = patterns.map(({ program }) => new PatternTrack(program));
    this.#text = new RenderedText(
      {
        printed: (line, start, end) => this.#printed(line, start, end),
        left: (line, col) => this.#left(line, col),
        completed: (line) => this.#completed(line),
      },
      from,
    );
  }

  /** The first match; null as long as there is none. */
  get match(): OutputMatch | null {
    return this.#match;
  }

  /** Offset of the next byte that is expected. */
  get offset(): number {
    return this.#text.offset;
  }

  /** Work done so far in steps of the automata: at most a fixed number for each byte. */
  get steps(): number {
    return this.#tracks.reduce((sum, track) => sum + track.steps, 0);
  }

  feed(bytes: Uint8Array): void {
    if (!this.#match) this.#text.feed(bytes);
  }

  /**
   * The match if nothing more came: `$` holds at the present end of the line. For a program that stands still, as at a
   * prompt; the caller decides when that is. Changes nothing: the line may go on.
   */
  matchAtPause(): OutputMatch | null {
    if (this.#match) return this.#match;
    const { line } = this.#text;
    return line.length === 0 ? null : this.#matchOf(line);
  }

  #printed(line: RenderedLine, from: number, to: number): void {
    if (this.#match) return;
    let end = to;
    let first: Pattern | null = null;
    for (const [index, track] of this.#tracks.entries()) {
      const col = track.advance(line, from, end);
      if (col === UNDECIDED) continue;
      first = this.#patterns[index] as Pattern;
      end = col - 1;
      if (end < from) break;
    }
    if (first) this.#match = matchIn(line, end + 1, first);
  }

  #left(line: RenderedLine, col: number): void {
    if (this.#match) return;
    const index = this.#tracks.findIndex((track) => track.hasMatched);
    if (index >= 0) this.#match = matchIn(line, col, this.#patterns[index] as Pattern);
  }

  #completed(line: RenderedLine): void {
    if (this.#match) return;
    this.#match = this.#matchOf(line);
    for (const track of this.#tracks) track.restart();
  }

  #matchOf(line: RenderedLine): OutputMatch | null {
    const index = this.#tracks.findIndex((track) => track.matches(line));
    return index < 0 ? null : matchIn(line, line.length, this.#patterns[index] as Pattern);
  }
}

/** The first match on a screen, whose rows are plain text: the topmost row, then the pattern given first. */
export function matchRows(patterns: readonly Pattern[], rows: readonly string[]): ScreenMatch | null {
  for (const [row, text] of rows.entries()) {
    for (const pattern of patterns) {
      if (!pattern.program.regex.test(text)) continue;
      const { found, start } = find(pattern, text);
      return { ...found, row, col: start };
    }
  }
  return null;
}

/** The match in the first `length` cells of a line in which the automaton has seen one. */
function matchIn(line: RenderedLine, length: number, pattern: Pattern): OutputMatch {
  const { found, start, end } = find(pattern, line.text(0, length));
  return { ...found, ...line.bytes(start, end) };
}

/** `start` and `end` count characters. */
function find({ index, program }: Pattern, text: string): { found: Found; start: number; end: number } {
  const match = program.regex.exec(text) as ((string | undefined)[] & { 0: string; index: number }) | null;
  invariant(match, `pattern ${index} has a match where its automaton has seen one`);
  const [whole, ...groups] = match;
  const start = characters(text.slice(0, match.index));
  const found = {
    pattern: index,
    text: cut(whole),
    groups: groups.map((group) => (group === undefined ? null : cut(group))),
  };
  return { found, start, end: start + characters(whole) };
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const cutEncoder = new TextEncoder();
const cutBuffer = new Uint8Array(MATCH_MAX_BYTES);

/** The beginning of a text, whole characters only. */
function cut(text: string): string {
  return text.slice(0, cutEncoder.encodeInto(text, cutBuffer).read);
}
