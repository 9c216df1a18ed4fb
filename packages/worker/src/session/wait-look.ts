// One waiting call on a live session, as the session's Waits look at it: idle, or a wait for one of several conditions.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Screen } from "@fleetty/protocol/schemas/common";
import { isAsking } from "../attention/verdict.ts";
import { IdleWait } from "../waits/idle.ts";
import { SessionWait } from "../waits/wait.ts";
import { questionOf } from "./prompt.ts";
import { readScreen } from "./screen-answer.ts";
import type { Session } from "./session.ts";
import { screenAsked, waitAnswer } from "./wait-answer.ts";

/** The answer, or the instant of the next look in ms on the monotonic clock. */
export type Verdict<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly lookAtMs: number };

export interface Look<T> {
  /** Throws the refusal. */
  look(nowMs: number): Verdict<T>;
}

/** Silence; the screen of the answer is that of the moment of decision. */
export class IdleLook implements Look<OperationOutput<"sessions.idle">> {
  readonly #session: Session;
  readonly #format: "styled" | "plain";
  readonly #wait: IdleWait;

  constructor(session: Session, input: OperationInput<"sessions.idle">) {
    this.#session = session;
    this.#format = input.format ?? "styled";
    const query = {
      timeoutMs: input.timeout_ms,
      maxWaitMs: input.max_wait_ms,
      lastGeneration: input.last_generation,
      isFresh: input.fresh,
    };
    const nowMs = performance.now();
    this.#wait = new IdleWait(query, activityOf(session, nowMs), nowMs);
  }

  look(nowMs: number): Verdict<OperationOutput<"sessions.idle">> {
    const verdict = this.#wait.look(nowMs, {
      ...activityOf(this.#session, nowMs),
      hasExited: this.#session.end !== null,
    });
    if (verdict.is === "waiting") return { done: false, lookAtMs: verdict.lookAtMs };
    if (verdict.is === "deadline") throw this.#timedOut();
    return { done: true, value: this.#answer() };
  }

  #answer(): OperationOutput<"sessions.idle"> {
    const screen = readScreen(this.#session, { format: this.#format }) as Screen;
    const { end, attention } = this.#session;
    return {
      screen,
      scrollback_lines: screen.total_lines,
      generation: screen.generation,
      last_activity_ms: this.#session.quietMs(),
      attention: attention.current.attention,
      ...(end && { state: "exited", exit: end.exit }),
    };
  }

  #timedOut(): FleettyError {
    const message = "the session did not become idle in time; wait again, or look at its screen";
    return new FleettyError("idle_timeout", message, {
      generation: this.#session.generation,
      last_activity_ms: this.#session.quietMs(),
      attention: this.#session.attention.current.attention,
    });
  }
}

/** Its end, that of a command, what it wants, a pattern or quiet, after a position. */
export class WaitLook implements Look<OperationOutput<"sessions.wait">> {
  readonly #session: Session;
  readonly #input: OperationInput<"sessions.wait">;
  readonly #wait: SessionWait;

  constructor(session: Session, input: OperationInput<"sessions.wait">) {
    this.#session = session;
    this.#input = input;
    const subject = {
      get generation() {
        return session.generation;
      },
      get lastActivityAtMs() {
        return session.lastActivityAtMs;
      },
      get exit() {
        return session.end?.exit ?? null;
      },
      ring: session.ring,
      attention: session.attention,
      commands: session.runs,
      echoes: session.shell.echoes,
      isOfCommand: (from: number) => session.shell.isOfCommand(from),
      rows: () => session.caughtUp().read("plain").lines as string[],
    };
    this.#wait = new SessionWait(subject, input, performance.now());
  }

  look(nowMs: number): Verdict<OperationOutput<"sessions.wait">> {
    const verdict = this.#wait.look(nowMs);
    if (verdict.is === "waiting") return { done: false, lookAtMs: verdict.lookAtMs };
    const session = this.#session;
    const asked = screenAsked(this.#input.screen);
    const screen = asked ? readScreen(session, asked) : undefined;
    const { server } = session.spec;
    const { name } = session.labels;
    const at = { name, server, id: session.id, ...session.position(), epoch: session.caughtUp().look() };
    const { outcome } = verdict;
    const question = isAsking(outcome.attention) && { question: questionOf(session) };
    return { done: true, value: { ...waitAnswer(at, outcome, screen), ...question } };
  }
}

/** Its shell at its prompt, its end, or the deadline. */
export class ReadyLook implements Look<void> {
  readonly #session: Session;
  readonly #deadlineMs: number;

  constructor(session: Session, deadlineMs: number) {
    this.#session = session;
    this.#deadlineMs = deadlineMs;
  }

  look(nowMs: number): Verdict<void> {
    const { attention, end } = this.#session;
    if (attention.current.attention === "ready" || end || nowMs >= this.#deadlineMs) {
      return { done: true, value: undefined };
    }
    return { done: false, lookAtMs: this.#deadlineMs };
  }
}

/** Output that the screen has not taken yet is activity that goes on. */
function activityOf(session: Session, nowMs: number) {
  return { generation: session.generation, lastAtMs: session.hasBacklog ? nowMs : session.lastActivityAtMs };
}
