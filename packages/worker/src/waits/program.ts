// Compiles a regular expression from outside with re2js and reads the program that re2js made of it, so that it can be
// run one character at a time. The only file that knows how re2js 2.10 lays out its programs; runs nothing itself.
import { FleettyError } from "@fleetty/protocol/errors";
import { invariant } from "@fleetty/protocol/invariant";
import { RE2JS, RE2JSSyntaxException } from "re2js";

/** Longest regular expression, in bytes of UTF-8 (public limits). */
const REGEX_MAX_BYTES = 1024;
/**
 * Most instructions of one program. No expression of 1 KiB needs more without counted repetition, and it bounds what one
 * character can cost: without it `(\w{900} ){900}` would cost a million steps for each.
 */
export const PROGRAM_MAX_SIZE = 2048;

/** What an instruction does. `assert`: goes on only where its conditions hold. `accept`: the pattern has matched. */
export type Operation = "fork" | "pass" | "assert" | "fail" | "accept" | "character";

/** Conditions of an `assert`, as bits; those of the left side are known before the next character is. */
export const Condition = {
  lineStart: 1,
  lineEnd: 2,
  textStart: 4,
  textEnd: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** A compiled expression: the instructions for stepping, and `regex` for the match and its groups once there is one. */
export interface Program {
  readonly regex: RE2JS;
  readonly start: number;
  readonly operations: readonly Operation[];
  /** Where each instruction goes on. */
  readonly next: Int32Array;
  /** Of a `fork` the less preferred way; of an `assert` its conditions. */
  readonly other: Int32Array;
  /** Whether the `character` instruction at `index` takes the code point. */
  takes(index: number, character: number): boolean;
}

/** Why and where an expression is refused; `at` is absent when re2js does not say. */
interface Refusal {
  readonly says: string;
  readonly at?: number;
}

/** Compiles one expression. `index` is its place in the request, for the message. Throws `invalid_pattern`. */
export function compileProgram(pattern: { regex: string; flags?: "i" | undefined }, index: number): Program {
  const { regex, flags } = pattern;
  const size = Buffer.byteLength(regex);
  if (size > REGEX_MAX_BYTES) throw refusal(index, { says: `has ${size} bytes; at most ${REGEX_MAX_BYTES} are taken` });
  const compiled = compile(regex, flags === "i" ? RE2JS.CASE_INSENSITIVE : 0, index);
  const steps = compiled.programSize();
  if (steps > PROGRAM_MAX_SIZE) {
    const says = `compiles to ${steps} instructions, at most ${PROGRAM_MAX_SIZE} are run; repeat less, as with {1,100}`;
    throw refusal(index, { says });
  }
  return readProgram(compiled);
}

function compile(regex: string, flags: number, index: number): RE2JS {
  try {
    return RE2JS.compile(regex, flags);
  } catch (thrown) {
    if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
    throw refusal(index, explain(thrown, regex), thrown);
  }
}

/** re2js names the text that it stumbled over, not its place; the place is told when it can only be one. */
function explain(thrown: RE2JSSyntaxException, regex: string): Refusal {
  const part = thrown.getPattern() ?? "";
  const at = part.length > 0 && part.length < regex.length ? regex.indexOf(part) : -1;
  const isOnlyPlace = at >= 0 && regex.indexOf(part, at + 1) < 0;
  const where = part.length > 0 ? ` at ${JSON.stringify(part.slice(0, 80))}` : "";
  const says = `is not usable: ${thrown.getDescription()}${where}; the syntax is RE2's: linear time, so no backreferences and no lookaround`;
  return isOnlyPlace ? { says, at } : { says };
}

function refusal(index: number, { says, at }: Refusal, cause?: unknown): FleettyError {
  const details = { pattern: index, ...(at !== undefined && { at }) };
  return new FleettyError("invalid_pattern", `pattern ${index} ${says}`, details, { cause });
}

/** The instructions of re2js 2.10.0 by number (its Inst.ALT … Inst.RUNE_ANY_NOT_NL); lookbehinds are never asked for. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  1: "fork",
  2: "fork",
  3: "pass",
  4: "assert",
  5: "fail",
  6: "accept",
  7: "pass",
  8: "character",
  9: "character",
  10: "character",
  11: "character",
};

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  matchRune(character: number): boolean;
}

function readProgram(regex: RE2JS): Program {
  const { inst, start } = regex.re2().prog as { inst: readonly Instruction[]; start: number };
  const operations = inst.map((one) => {
    const operation = OPERATIONS[one.op];
    invariant(operation, `every instruction of re2js is known, ${one.op} too`);
    return operation;
  });
  return {
    regex,
    start,
    operations,
    next: Int32Array.from(inst, (one) => one.out),
    other: Int32Array.from(inst, (one) => one.arg),
    takes: (index, character) => (inst[index] as Instruction).matchRune(character),
  };
}
