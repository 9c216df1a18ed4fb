// Reads a server set from left to right, and says where it cannot go on. Knows characters, not what they mean.
import { FleettyError } from "../errors.ts";

const BLANKS = /[ \t\r\n]*/y;
/** A term as it is shown: up to a separator that stands in no bracket. */
const TERM = /^(?:\[[^\] \t\r\n]*\]?|[^, \t\r\n])*/;
const SHOWN_MAX = 80;

export class Scanner {
  readonly text: string;
  /** The next character, in UTF-16 units. */
  at = 0;
  #termAt = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, "" at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  /** A term begins here: refusals show it. */
  beginTerm(): void {
    this.#termAt = this.at;
  }

  /** Steps over `literal` if it comes next. */
  take(literal: string): boolean {
    const isNext = this.text.startsWith(literal, this.at);
    if (isNext) this.at += literal.length;
    return isNext;
  }

  /** Steps over what a sticky pattern matches here, "" if nothing. */
  run(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [found = ""] = pattern.exec(this.text) ?? [];
    this.at += found.length;
    return found;
  }

  blanks(): void {
    this.run(BLANKS);
  }

  /** Throws `invalid_selector {at, expected, term}`. */
  expected(what: string, at = this.at): never {
    throw invalidSelector({ at, expected: what, term: this.#term() });
  }

  #term(): string {
    return TERM.exec(this.text.slice(this.#termAt, this.#termAt + SHOWN_MAX))?.[0] ?? "";
  }
}

/** The refusal of a set: where in its text, what was expected there, and the term that this is about. */
export function invalidSelector(where: { at: number; expected: string; term: string }): FleettyError {
  const about = where.term === "" ? "" : ` (${JSON.stringify(where.term)})`;
  const message = `the server set cannot be read at character ${where.at}${about}: expected ${where.expected}`;
  return new FleettyError("invalid_selector", message, where);
}
