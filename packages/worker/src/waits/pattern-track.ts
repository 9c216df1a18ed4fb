// Follows one pattern over the line that is being printed, also when the cursor goes back and characters are replaced:
// only what is printed is looked at, never the line again. Knows no other line and finds no groups.
import type { RenderedLine } from "../output/rendered-line.ts";
import { Automaton, type State } from "./automaton.ts";
import type { Program } from "./program.ts";

/** A state is kept every so many columns: going back costs at most so many steps again, and a line few states. */
const KEPT_EVERY = 64;

/** What `advance` says when the text does not decide the match. */
export const UNDECIDED = -1;

export class PatternTrack {
  readonly program: Program;
  readonly #automaton: Automaton;
  /** States before the columns 0, 64, 128, …; those up to `#at` are valid. */
  readonly #kept: State[] = [];
  #state: State;
  /** Column before which everything has been looked at. */
  #at = 0;

  constructor(program: Program) {
    this.program = program;
    this.#automaton = new Automaton(program);
    this.#state = this.#automaton.start;
  }

  /** Work done so far; at most a fixed number for each byte of output. */
  get steps(): number {
    return this.#automaton.steps;
  }

  /** Cells from…to have been printed. The column at which the match is known whatever follows, or UNDECIDED. */
  advance(line: RenderedLine, from: number, to: number): number {
    this.#goBack(line, from);
    return this.#run(line, to);
  }

  /** Whether what was printed last holds a match, though more text could have changed it. */
  get hasMatched(): boolean {
    return this.#state.hasMatched;
  }

  /** Whether the line as it is shown now has a match, if it ends here. Leaves the track where it is. */
  matches(line: RenderedLine): boolean {
    const [state, at] = [this.#state, this.#at];
    this.#goBack(line, Math.min(at, line.length));
    this.#run(line, line.length);
    const found = this.#automaton.matchesAtEnd(this.#state);
    this.#state = state;
    this.#at = at;
    return found;
  }

  /** A new line begins. */
  restart(): void {
    this.#state = this.#automaton.start;
    this.#at = 0;
  }

  #goBack(line: RenderedLine, col: number): void {
    if (col >= this.#at) return;
    const index = Math.floor(col / KEPT_EVERY);
    this.#at = index * KEPT_EVERY;
    this.#state = this.#kept[index] as State;
    this.#run(line, col);
  }

  #run(line: RenderedLine, to: number): number {
    const { cells } = line;
    for (; this.#at < to; this.#at += 1) {
      if (this.#state.isDecided) return this.#at;
      if (this.#at % KEPT_EVERY === 0) this.#kept[this.#at / KEPT_EVERY] = this.#state;
      this.#state = this.#automaton.step(this.#state, cells[this.#at] as number);
    }
    return this.#state.isDecided ? this.#at : UNDECIDED;
  }
}
