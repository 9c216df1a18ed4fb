// Decides when one of several conditions of a session holds after a position, and says which and how sure that is: its
// end, a pattern in its output or on its screen, quiet. Pure: the caller brings the clock (monotonic milliseconds),
// looks again when told and after whatever happens to the session, and adds what only it knows of the session.
//
//   look ──output since the position not all seen──► waiting (look again at once)
//     ├──a condition holds (exit, pattern, idle: in this order)──► decided
//     ├──deadline──► decided: timeout
//     └──else──► waiting until the next instant at which something can be true by time alone
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Confidence, Exit } from "@fleetty/protocol/schemas/common";
import { deadlineMs } from "./idle.ts";
import { OutputWatch, type WatchedOutput } from "./output-watch.ts";
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
  /** The screen now, as plain text from the top; asked only by waits that name it. */
  rows(): readonly string[];
}

/** The members of a WaitResult that the conditions decide; session, position and screen are added by the session. */
export interface WaitOutcome {
  readonly reason: "exit" | "pattern" | "idle" | "timeout";
  readonly confidence: Confidence | null;
  readonly timed_out: boolean;
  readonly attention: "unknown";
  readonly exit: Exit | null;
  /** With reason `exit` only; null: ended by a signal, or not known. */
  readonly exit_code?: number | null;
  readonly match?: OutputMatch | ScreenMatch;
  /** Output after the position that was gone before it could be searched. */
  readonly gap?: { readonly from: number; readonly to: number; readonly reason: "expired" };
}

/** `waiting`: look again at `lookAtMs` (which may be now), or as soon as anything happens to the session. */
export type WaitVerdict =
  | { readonly is: "decided"; readonly outcome: WaitOutcome }
  | { readonly is: "waiting"; readonly lookAtMs: number };

/** One call that waits, from its arrival to its outcome. */
export class SessionWait {
  readonly #subject: WaitSubject;
  readonly #deadlineMs: number;
  readonly #wantsExit: boolean;
  readonly #output: OutputWatch | null;
  readonly #screen: ScreenWatch | null;
  readonly #quiet: QuietSince | null;

  /** Throws `invalid_pattern`. */
  constructor(subject: WaitSubject, query: WaitQuery, arrivedAtMs: number) {
    const { until = { exit: true }, since } = query;
    const { onOutput, onScreen } = compile(until.pattern);
    this.#subject = subject;
    this.#deadlineMs = deadlineMs(arrivedAtMs, query.max_wait_ms);
    this.#wantsExit = until.exit === true;
    const offset = since?.offset ?? subject.ring.end;
    const from = { offset, printedAtMs: subject.lastActivityAtMs };
    this.#output = onOutput.length > 0 ? new OutputWatch(onOutput, subject.ring, from) : null;
    this.#screen = onScreen.length > 0 ? new ScreenWatch(onScreen) : null;
    this.#quiet = until.idle ? new QuietSince(until.idle.timeout_ms, { since, subject, arrivedAtMs }) : null;
  }

  look(nowMs: number): WaitVerdict {
    const { exit } = this.#subject;
    if (exit && this.#wantsExit) return this.#ended(exit);
    const isLast = exit !== null || nowMs >= this.#deadlineMs;
    const output = this.#output?.look(nowMs, isLast);
    const screen = this.#screen?.look(nowMs, isLast, this.#subject);
    const match = firstGiven(output?.match, screen?.match);
    if (match) return this.#decided({ reason: "pattern", confidence: "heuristic", timed_out: false, match });
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

  #decided(outcome: Omit<WaitOutcome, "attention" | "exit" | "gap">): WaitVerdict {
    const gap = this.#output?.gap;
    const common = { attention: "unknown", exit: this.#subject.exit } as const;
    return { is: "decided", outcome: { ...outcome, ...common, ...(gap && { gap: { ...gap, reason: "expired" } }) } };
  }
}

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
