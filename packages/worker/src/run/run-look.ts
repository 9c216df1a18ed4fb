// One `run` as the session's Waits look at it: answers when the command has ended, when it asks for something, when the session
// has ended, or at the deadline; with what the command has printed.
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { isAsking } from "../attention/verdict.ts";
import { budgeted } from "../output/budgeted.ts";
import { readBytes } from "../output/read-bytes.ts";
import { questionOf } from "../session/prompt.ts";
import { readScreen } from "../session/screen-answer.ts";
import type { Session } from "../session/session.ts";
import { screenAsked } from "../session/wait-answer.ts";
import type { Look, Verdict } from "../session/wait-look.ts";
import { deadlineMs } from "../waits/idle.ts";
import { LOST_AFTER_MS, type RunState } from "./runs.ts";

type Input = OperationInput<"sessions.run">;
type Answer = OperationOutput<"sessions.run">;

const DEFAULT_MAX_BYTES = 16 * 1024;
/** Of the budget, for the beginning. */
const HEAD_SHARE = 4;
/** What only looks as if it waited for keys, as what draws a spinner does, is believed when it has printed nothing for so long. */
const DOUBTFUL_QUIET_MS = 2_000;

type Decision = Pick<Answer, "reason" | "confidence" | "timed_out">;

/** A command that has been typed, now or by an earlier call. */
export interface TypedRun {
  readonly id: string;
  readonly isDuplicate: boolean;
}

export class RunLook implements Look<Answer> {
  readonly #session: Session;
  readonly #input: Input;
  readonly #id: string;
  readonly #isDuplicate: boolean;
  readonly #deadlineMs: number;

  constructor(session: Session, input: Input, { id, isDuplicate }: TypedRun) {
    this.#session = session;
    this.#input = input;
    this.#id = id;
    this.#isDuplicate = isDuplicate;
    this.#deadlineMs = deadlineMs(performance.now(), input.max_wait_ms);
  }

  /** Throws `command_not_found`. */
  look(nowMs: number): Verdict<Answer> {
    const run = this.#session.runs.state(this.#id);
    const decision = this.#decide(run, nowMs);
    if (decision) return { done: true, value: this.#answer(run, decision) };
    return { done: false, lookAtMs: Math.min(this.#deadlineMs, this.#quietAtMs(run, nowMs)) };
  }

  /** When it will have been quiet for so long that something is known by that. */
  #quietAtMs(run: RunState, nowMs: number): number {
    const quietForMs = this.#asks(run) ? DOUBTFUL_QUIET_MS : LOST_AFTER_MS;
    const atMs = this.#session.lastActivityAtMs + quietForMs;
    return atMs > nowMs ? atMs : Number.POSITIVE_INFINITY;
  }

  #decide(run: RunState, nowMs: number): Decision | null {
    if (run.to !== null) return { reason: "command", confidence: run.confidence, timed_out: false };
    const { end } = this.#session;
    if (end) return { reason: "exit", confidence: "unknown" in end.exit ? "strong" : "exact", timed_out: false };
    const asks = this.#asks(run);
    if (asks && (!isDoubtful(asks) || this.#session.quietMs() >= DOUBTFUL_QUIET_MS)) {
      return { reason: asks.attention, confidence: asks.confidence, timed_out: false };
    }
    return nowMs >= this.#deadlineMs ? { reason: "timeout", confidence: null, timed_out: true } : null;
  }

  /** What is wanted since the command was typed, or since it was answered last. */
  #asks({ typedAt }: RunState) {
    const { attention } = this.#session;
    const { current } = attention;
    const { stop_on: stopOn = ["needs_input", "needs_secret"] } = this.#input;
    if (!isAsking(current.attention)) return null;
    const isSince = current.generation > typedAt.generation;
    return isSince && stopOn.includes(current.attention) ? { ...current, attention: current.attention } : null;
  }

  #answer(run: RunState, decision: Decision): Answer {
    const session = this.#session;
    const { end, spec, labels, attention } = session;
    const asked = screenAsked(this.#input.screen);
    const epoch = session.caughtUp().look();
    const sessionCode = end && "code" in end.exit ? end.exit.code : null;
    return {
      session: labels.name,
      server: spec.server,
      id: session.id,
      command: run.id,
      ...decision,
      exit_code: decision.reason === "exit" ? sessionCode : run.exitCode,
      exit: end?.exit ?? null,
      duration_ms: run.durationMs,
      cwd: run.cwd,
      ...this.#printed(run),
      attention: attention.current.attention,
      ...(isAsking(decision.reason) && { question: questionOf(session) }),
      ...session.position(),
      epoch,
      ...(asked && { screen: readScreen(session, asked) }),
      ...(this.#isDuplicate && { duplicate: true as const }),
    };
  }

  #printed(run: RunState): Pick<Answer, "output" | "tail" | "omitted" | "from" | "to"> {
    const { ring } = this.#session;
    const { max_bytes: maxBytes = DEFAULT_MAX_BYTES, since } = this.#input;
    const { head_bytes: headBytes = Math.floor(maxBytes / HEAD_SHARE) } = this.#input;
    const to = run.to ?? ring.end;
    const from = Math.min(Math.max(since ?? run.from, run.from), to);
    const kept = Math.min(Math.max(from, ring.oldest), to);
    const part = { bytes: readBytes(ring, { from: kept, to }), from: kept };
    if (kept === from) return { ...budgeted(part, { maxBytes, headBytes }), from, to };
    // Its beginning is not kept any more: what there is, is its end.
    const { output, tail = output, omitted } = budgeted(part, { maxBytes, headBytes: 0 });
    const end = omitted?.to ?? kept;
    return { output: "", tail, omitted: { bytes: end - from, from, to: end }, from, to };
  }
}

/** The shell's own hidden reading could be its prompt, but not while it runs a command of ours. */
function isDoubtful({ confidence, rule }: { readonly confidence: string; readonly rule: string }): boolean {
  return confidence === "heuristic" && rule !== "K1";
}
