// Decides when one of several conditions of a session holds after a position, and says which and how sure that is: its
// end, that of a command, what it wants, a pattern in its output or on its screen, quiet. Pure: the caller brings the clock (monotonic milliseconds),
// looks again when told and after whatever happens to the session, and adds what only it knows of the session.
//
//   look ──output since the position not all seen──► waiting (look again at once)
//     ├──a condition holds──► decided (several at once: exit, command, needs_secret, needs_input, pattern, ready, done, idle)
//     ├──deadline──► decided: timeout
//     └──else──► waiting until the next instant at which something can be true by time alone
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Confidence, Exit } from "@fleetty/protocol/schemas/common";
import type { AttentionSince } from "../attention/attention-state.ts";
import type { AttentionWord, Certainty } from "../attention/verdict.ts";
import { deadlineMs } from "./idle.ts";
import { type KnownEchoes, OutputWatch, type WatchedOutput } from "./output-watch.ts";
import { compilePatterns, type OutputMatch, type Pattern, type PatternInput, type ScreenMatch } from "./pattern.ts";
import { QuietSince } from "./quiet-since.ts";
import { ScreenWatch } from "./screen-watch.ts";

export type { WatchedOutput } from "./output-watch.ts";

/** A request to wait, less the session that it names. */
export type WaitQuery = Omit<OperationInput<"sessions.wait">, "session" | "server">;

/** What a wait reads of its session, at every look anew. */
export interface WaitSubject {
  readonly generation: number;
  /** On the clock of `nowMs`. */
  readonly lastActivityAtMs: number;
  /** Null while the session lives; after that nothing is printed any more. */
  readonly exit: Exit | null;
  readonly ring: WatchedOutput;
  readonly echoes: KnownEchoes;
  /** Whether a range of output was printed by a command of the shell, beyond doubt. */
  isOfCommand(from: number): boolean;
  readonly attention: WatchedAttention;
  readonly commands: WatchedCommands;
  /** The screen now, as plain text from the top; asked only by waits that name it. */
  rows(): readonly string[];
}

interface Wanted {
  readonly attention: AttentionWord;
  readonly confidence: Certainty;
  /** Counts the changes of the session. */
  readonly number: number;
}

/** What a session wants, as it decides that itself. */
export interface WatchedAttention {
  readonly current: Wanted;
  /** Whether that holds by evidence from after that position, or has held since; null: it does not. */
  hasBeen(word: AttentionWord, since: AttentionSince): Wanted | null;
}

export interface EndedCommand {
  readonly id: string;
  readonly exit_code: number | null;
  readonly confidence: Certainty;
}

/** The commands of a session's shell. */
export interface WatchedCommands {
  /** The first that ended at or after that offset; null: none that is remembered. */
  endedSince(offset: number): EndedCommand | null;
  /** Null while it runs. Throws `command_not_found`. */
  ended(id: string): EndedCommand | null;
}

/** The members of a WaitResult that the conditions decide; session, position and screen are added by the session. */
export interface WaitOutcome {
  readonly reason: "exit" | "command" | "pattern" | "idle" | "timeout" | AttentionWord;
  readonly confidence: Confidence | null;
  readonly timed_out: boolean;
  readonly attention: AttentionWord;
  readonly attention_seq: number;
  readonly exit: Exit | null;
  /** With reason `exit` that of the session, with `command` that of the command; null: ended by a signal, or not known. */
  readonly exit_code?: number | null;
  readonly command?: string;
  readonly match?: OutputMatch | ScreenMatch;
  /** Output after the position that was gone before it could be searched. */
  readonly gap?: { readonly from: number; readonly to: number; readonly reason: "expired" };
}

/** `waiting`: look again at `lookAtMs` (which may be now), or as soon as anything happens to the session. */
export type WaitVerdict =
  | { readonly is: "decided"; readonly outcome: WaitOutcome }
  | { readonly is: "waiting"; readonly lookAtMs: number };

/** When nothing is asked for: whatever whoever typed something would want to hear of. */
const DEFAULT_UNTIL: NonNullable<WaitQuery["until"]> = {
  exit: true,
  command: true,
  attention: ["needs_input", "needs_secret", "ready", "done"],
};
/** What is asked of a person or agent comes before a pattern, what is over after it. */
const BEFORE_PATTERNS: readonly AttentionWord[] = ["needs_secret", "needs_input"];
const AFTER_PATTERNS: readonly AttentionWord[] = ["ready", "done", "working", "unknown"];

/** One call that waits, from its arrival to its outcome. */
export class SessionWait {
  readonly #subject: WaitSubject;
  readonly #deadlineMs: number;
  readonly #until: NonNullable<WaitQuery["until"]>;
  readonly #since: AttentionSince & { readonly offset: number };
  readonly #output: OutputWatch | null;
  readonly #screen: ScreenWatch | null;
  readonly #quiet: QuietSince | null;

  /** Throws `invalid_pattern`. */
  constructor(subject: WaitSubject, query: WaitQuery, arrivedAtMs: number) {
    const { until = DEFAULT_UNTIL, since } = query;
    const { onOutput, onScreen } = compile(until.pattern);
    this.#subject = subject;
    this.#deadlineMs = deadlineMs(arrivedAtMs, query.max_wait_ms);
    this.#until = until;
    const offset = since?.offset ?? subject.ring.end;
    this.#since = { offset, generation: since?.generation ?? subject.generation, seq: since?.attention_seq };
    const from = { offset, printedAtMs: subject.lastActivityAtMs };
    this.#output = onOutput.length > 0 ? new OutputWatch(onOutput, subject, from) : null;
    this.#screen = onScreen.length > 0 ? new ScreenWatch(onScreen) : null;
    this.#quiet = until.idle ? new QuietSince(until.idle.timeout_ms, { since, subject, arrivedAtMs }) : null;
  }

  /** Throws `command_not_found`. */
  look(nowMs: number): WaitVerdict {
    const { exit } = this.#subject;
    if (exit && this.#until.exit) return this.#ended(exit);
    const command = this.#command();
    if (command) return this.#decided(command);
    const asks = this.#wanted(BEFORE_PATTERNS);
    if (asks) return this.#decided(asks);
    const isLast = exit !== null || nowMs >= this.#deadlineMs;
    const output = this.#output?.look(nowMs, isLast);
    const screen = this.#screen?.look(nowMs, isLast, this.#subject);
    const match = firstGiven(output?.match, screen?.match);
    if (match) {
      const isSure = "from" in match && this.#subject.isOfCommand(match.from);
      return this.#decided({ reason: "pattern", confidence: isSure ? "exact" : "heuristic", timed_out: false, match });
    }
    const rests = this.#wanted(AFTER_PATTERNS);
    if (rests && !output?.isBehind) return this.#decided(rests);
    if (output?.isBehind) return { is: "waiting", lookAtMs: nowMs };
    const quietAtMs = this.#quiet?.completeAtMs(this.#subject) ?? Number.POSITIVE_INFINITY;
    if (quietAtMs <= nowMs && quietAtMs <= this.#deadlineMs) {
      return this.#decided({ reason: "idle", confidence: "heuristic", timed_out: false });
    }
    if (exit) return this.#ended(exit);
    if (isLast) return this.#decided({ reason: "timeout", confidence: null, timed_out: true });
    const next = [this.#deadlineMs, quietAtMs, output?.lookAtMs, screen?.lookAtMs];
    return { is: "waiting", lookAtMs: Math.min(...next.filter((atMs) => atMs !== undefined)) };
  }

  #command(): Decided | null {
    const { command: asked } = this.#until;
    if (asked === undefined) return null;
    const { commands } = this.#subject;
    const ended = asked === true ? commands.endedSince(this.#since.offset) : commands.ended(asked);
    if (!ended) return null;
    const { id, exit_code, confidence } = ended;
    return { reason: "command", confidence, timed_out: false, exit_code, command: id };
  }

  /** The first of the words, in this order, that is asked for and holds. */
  #wanted(order: readonly AttentionWord[]): Decided | null {
    const { attention: asked = [] } = this.#until;
    for (const word of order) {
      const held = asked.includes(word) ? this.#subject.attention.hasBeen(word, this.#since) : null;
      if (held) return { reason: word, confidence: held.confidence, timed_out: false };
    }
    return null;
  }

  /** Also when nobody asked for the end: nothing else can come after it. */
  #ended(exit: Exit): WaitVerdict {
    const isKnown = !("unknown" in exit);
    const code = "code" in exit ? exit.code : null;
    return this.#decided({
      reason: "exit",
      confidence: isKnown ? "exact" : "strong",
      timed_out: false,
      exit_code: code,
    });
  }

  #decided(outcome: Decided): WaitVerdict {
    const gap = this.#output?.gap;
    const { exit, attention } = this.#subject;
    const { attention: wants, number } = attention.current;
    const common = { attention: wants, attention_seq: number, exit };
    return { is: "decided", outcome: { ...outcome, ...common, ...(gap && { gap: { ...gap, reason: "expired" } }) } };
  }
}

type Decided = Omit<WaitOutcome, "attention" | "attention_seq" | "exit" | "gap">;

type PatternsAsked = NonNullable<WaitQuery["until"]>["pattern"];

function compile(asked: PatternsAsked): { onOutput: Pattern[]; onScreen: Pattern[] } {
  if (asked === undefined) return { onOutput: [], onScreen: [] };
  const inputs: readonly (PatternInput & { on: "output" | "screen" })[] = Array.isArray(asked) ? asked : [asked];
  const patterns = compilePatterns(inputs);
  const on = (where: "output" | "screen") => patterns.filter(({ index }) => inputs[index]?.on === where);
  return { onOutput: on("output"), onScreen: on("screen") };
}

function firstGiven(
  output: OutputMatch | null | undefined,
  screen: ScreenMatch | null | undefined,
): OutputMatch | ScreenMatch | null {
  if (output && screen) return output.pattern < screen.pattern ? output : screen;
  return output ?? screen ?? null;
}
