// Runs a compiled expression over one line, character by character, and knows at each character whether it has matched
// and whether more text could change that match. Leftmost match, first alternative preferred, as re2js finds it: a state
// is the ordered list of threads that are alive (Russ Cox, "Regular Expression Matching: the Virtual Machine Approach"
// and "in the Wild"), made when first met and kept. Never looks back; knows no line, no offset and no groups.
import { Condition, type Program } from "./program.ts";

/**
 * Room for the states of one pattern, in numbers held. What is met in ordinary output needs a few hundred; above this
 * all are dropped and made again, so an expression with endlessly many costs time in proportion and no memory.
 */
export const ROOM = 64 * 1024;
/** Numbers that a state holds beside its threads: chiefly the table of its ASCII followers. */
const STATE_COST = 160;
/** The same for a follower by another character. */
const FOLLOWER_COST = 6;

const LEFT = Condition.lineStart | Condition.textStart;
const AT_END = Condition.lineEnd | Condition.textEnd;
const ASCII = 128;

/** Where the run is after some text. */
export interface State {
  /** Instructions that wait for the next character, the preferred first: `character` and `assert` ones. */
  readonly threads: readonly number[];
  /** Some text up to here has matched; threads that are left would give a better match. */
  readonly hasMatched: boolean;
  /** The match is known, and no further text of the line can change it. */
  readonly isDecided: boolean;
  readonly isAtStart: boolean;
  /** Told only where an `assert` waits for it. */
  readonly isAfterWord: boolean;
  /** Followers by character, as far as they have been met. */
  ascii: (State | null)[];
  others: Map<number, State>;
  /** Whether there is a match if the line ends here; null until asked. */
  matchesAtEnd: boolean | null;
}

const isWord = (character: number): boolean =>
  (character >= 0x30 && character <= 0x39) ||
  (character >= 0x41 && character <= 0x5a) ||
  character === 0x5f ||
  (character >= 0x61 && character <= 0x7a);

/** Threads of one moment in order of preference, each instruction once. Used again and again. */
class Threads {
  readonly list: number[] = [];
  hasMatched = false;
  hasAsserts = false;
  readonly #seenIn: Uint32Array;
  #round = 0;

  constructor(size: number) {
    this.#seenIn = new Uint32Array(size);
  }

  clear(): void {
    this.list.length = 0;
    this.hasMatched = false;
    this.hasAsserts = false;
    this.#round += 1;
  }

  /** Whether the instruction is new here; it is not from now on. */
  meet(index: number): boolean {
    if (this.#seenIn[index] === this.#round) return false;
    this.#seenIn[index] = this.#round;
    return true;
  }
}

export class Automaton {
  readonly #program: Program;
  readonly #states = new Map<string, State>();
  readonly #here: Threads;
  readonly #after: Threads;
  readonly #stack: number[] = [];
  #room = ROOM;
  #steps = 0;
  /** The state before the first character of a line. */
  readonly start: State;

  constructor(program: Program) {
    this.#program = program;
    this.#here = new Threads(program.operations.length);
    this.#after = new Threads(program.operations.length);
    this.#after.clear();
    this.#follow(this.#after, program.start, Condition.lineStart | Condition.textStart, null);
    this.start = this.#state(this.#after, { isAtStart: true, isAfterWord: false });
  }

  /** Work done so far: characters taken and instructions visited. The cost law is about this number. */
  get steps(): number {
    return this.#steps;
  }

  /** States held now; bounded whatever the expression and the text. */
  get states(): number {
    return this.#states.size;
  }

  step(state: State, character: number): State {
    this.#steps += 1;
    const known = character < ASCII ? state.ascii[character] : state.others.get(character);
    return known ?? this.#make(state, character);
  }

  /** Whether there is a match if the line ends after the text of `state`. */
  matchesAtEnd(state: State): boolean {
    state.matchesAtEnd ??= state.hasMatched || this.#acceptsAtEnd(state);
    return state.matchesAtEnd;
  }

  #acceptsAtEnd(state: State): boolean {
    const boundary = state.isAfterWord ? Condition.wordBoundary : Condition.noWordBoundary;
    this.#resolve(state, AT_END | boundary);
    return this.#here.hasMatched;
  }

  #make(state: State, character: number): State {
    const isAfterWord = isWord(character);
    this.#resolve(state, isAfterWord === state.isAfterWord ? Condition.noWordBoundary : Condition.wordBoundary);
    const { list } = this.#here;
    const after = this.#after;
    after.clear();
    for (const index of list) {
      if (this.#program.takes(index, character)) this.#follow(after, this.#program.next[index] as number, 0, null);
    }
    after.hasMatched ||= this.#here.hasMatched || state.hasMatched;
    this.#follow(after, this.#program.start, 0, null);
    const next = this.#state(after, { isAtStart: false, isAfterWord });
    this.#remember(state, character, next);
    return next;
  }

  #remember(state: State, character: number, next: State): void {
    if (character < ASCII) {
      state.ascii[character] = next;
      return;
    }
    this.#room -= FOLLOWER_COST;
    if (this.#room < 0) this.#forget();
    state.others.set(character, next);
  }

  /** The threads of `state` with every `assert` settled, now that what follows is known, into `#here`. */
  #resolve(state: State, right: number): void {
    const here = this.#here;
    here.clear();
    const left = state.isAtStart ? LEFT : 0;
    for (const thread of state.threads) this.#follow(here, thread, left, right);
  }

  /**
   * Adds what is reached from `from` without taking a character. Nothing is added after a match, which no less preferred
   * thread can replace. `right` null: what follows is not known yet, so an `assert` about it waits in the list.
   */
  #follow(into: Threads, from: number, left: number, right: number | null): void {
    const { operations, next, other } = this.#program;
    const stack = this.#stack;
    stack.length = 0;
    stack.push(from);
    for (let index = stack.pop(); index !== undefined && !into.hasMatched; index = stack.pop()) {
      this.#steps += 1;
      if (!into.meet(index)) continue;
      const operation = operations[index];
      if (operation === "character") into.list.push(index);
      else if (operation === "accept") into.hasMatched = true;
      else if (operation === "fork") stack.push(other[index] as number, next[index] as number);
      else if (operation === "pass") stack.push(next[index] as number);
      else if (operation === "assert") this.#assert(into, index, left, right);
    }
  }

  #assert(into: Threads, index: number, left: number, right: number | null): void {
    const conditions = this.#program.other[index] as number;
    if ((conditions & LEFT & ~left) !== 0) return;
    if ((conditions & ~LEFT & ~(right ?? 0)) === 0) this.#stack.push(this.#program.next[index] as number);
    else if (right === null) {
      into.list.push(index);
      into.hasAsserts = true;
    }
  }

  #state(threads: Threads, context: { isAtStart: boolean; isAfterWord: boolean }): State {
    const { list, hasMatched } = threads;
    const { isAtStart } = context;
    const isAfterWord = context.isAfterWord && threads.hasAsserts;
    const key = `${hasMatched}${isAtStart}${isAfterWord}${list.join()}`;
    const known = this.#states.get(key);
    if (known) return known;
    const cost = STATE_COST + list.length;
    if (this.#room < cost) this.#forget();
    this.#room -= cost;
    const isDecided = hasMatched && list.length === 0;
    const state: State = {
      threads: [...list],
      hasMatched,
      isDecided,
      isAtStart,
      isAfterWord,
      ...noFollowers(),
      matchesAtEnd: null,
    };
    this.#states.set(key, state);
    return state;
  }

  /** Cuts every state from its followers, so that those still in use keep no others alive. */
  #forget(): void {
    for (const state of this.#states.values()) Object.assign(state, noFollowers());
    Object.assign(this.start, noFollowers());
    this.#states.clear();
    this.#room = ROOM;
  }
}

function noFollowers(): Pick<State, "ascii" | "others"> {
  return { ascii: new Array<State | null>(ASCII).fill(null), others: new Map() };
}
