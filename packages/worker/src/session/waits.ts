// Holds who waits on one session, and has each of them look at the right moments: whenever something happens to the
// session, and when a quiet period or a deadline has passed. They look in the session's turns, a few at a time, so that
// many who wait on one session delay no other. The deciding lies in waits/; this owns the timers.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { RunLook, type TypedRun } from "../run/run-look.ts";
import type { SecretLook } from "./secret-look.ts";
import type { Session } from "./session.ts";
import { IdleLook, type Look, ReadyLook, WaitLook } from "./wait-look.ts";

export class Waits {
  readonly #session: Session;
  readonly #pending = new Set<Waiting>();
  /** Those who are to look, in order. */
  readonly #due = new Set<Waiting>();

  constructor(session: Session) {
    this.#session = session;
  }

  idle(input: OperationInput<"sessions.idle">, signal: AbortSignal): Promise<OperationOutput<"sessions.idle">> {
    return this.#until(new IdleLook(this.#session, input), signal);
  }

  wait(input: OperationInput<"sessions.wait">, signal: AbortSignal): Promise<OperationOutput<"sessions.wait">> {
    return this.#until(new WaitLook(this.#session, input), signal);
  }

  /** Goes on with a command that has been typed. */
  run(
    input: OperationInput<"sessions.run">,
    typed: TypedRun,
    signal: AbortSignal,
  ): Promise<OperationOutput<"sessions.run">> {
    return this.#until(new RunLook(this.#session, input, typed), signal);
  }

  /** Resolves when the session is `ready`, when it has ended, or after so long. */
  ready(maxWaitMs: number, signal: AbortSignal): Promise<void> {
    return this.#until(new ReadyLook(this.#session, performance.now() + maxWaitMs), signal);
  }

  /** Something that is decided as waits are. Rejects with `cancelled`. */
  look<T>(look: Look<T>, signal: AbortSignal): Promise<T> {
    return this.#until(look, signal);
  }

  /** Whether anybody waits. */
  get areAny(): boolean {
    return this.#pending.size > 0;
  }

  /** Types a secret once it may be; resolves when that was done. */
  secret<Written>(look: SecretLook<Promise<Written>>, signal: AbortSignal): Promise<Written> {
    return this.#until(look, signal).then((written) => written);
  }

  /** Whether somebody is to look. */
  get areDue(): boolean {
    return this.#due.size > 0;
  }

  /** Something happened to the session: everybody looks again, in its next turns. */
  lookAgain(): void {
    for (const waiting of this.#pending) this.#due.add(waiting);
    if (this.areDue) this.#session.wake();
  }

  /** Lets those look who are to, until that instant or a little later; returns whether some are left. */
  lookOn(untilMs: number): boolean {
    for (const waiting of this.#due) {
      this.#due.delete(waiting);
      waiting.look();
      if (performance.now() >= untilMs) break;
    }
    return this.areDue;
  }

  #lookSoon(waiting: Waiting): void {
    this.#due.add(waiting);
    this.#session.wake();
  }

  #until<T>(decision: Look<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting = new Waiting(decision as Look<unknown>, signal, {
        resolve: resolve as (value: unknown) => void,
        reject,
        lookSoon: () => this.#lookSoon(waiting),
        leave: () => {
          this.#pending.delete(waiting);
          this.#due.delete(waiting);
        },
      });
      this.#pending.add(waiting);
      this.#session.attention.woken();
      this.#lookSoon(waiting);
    });
  }
}

interface WaitingEnd {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly lookSoon: () => void;
  readonly leave: () => void;
}

/** One call, from its arrival to its answer, its refusal, or its caller's going. */
class Waiting {
  readonly #decision: Look<unknown>;
  readonly #signal: AbortSignal;
  readonly #end: WaitingEnd;
  readonly #cancel = () => this.#settle(() => this.#end.reject(new FleettyError("cancelled", "the caller has gone")));
  #timer: NodeJS.Timeout | undefined;

  constructor(decision: Look<unknown>, signal: AbortSignal, end: WaitingEnd) {
    this.#decision = decision;
    this.#signal = signal;
    this.#end = end;
    signal.addEventListener("abort", this.#cancel, { once: true });
  }

  look(): void {
    clearTimeout(this.#timer);
    try {
      const nowMs = performance.now();
      const verdict = this.#decision.look(nowMs);
      if (verdict.done) return this.#settle(() => this.#end.resolve(verdict.value));
      if (verdict.lookAtMs <= nowMs) return this.#end.lookSoon();
      // Timers count whole milliseconds and may fire one early: 1 ms later is never too soon.
      this.#timer = setTimeout(() => this.#end.lookSoon(), Math.ceil(verdict.lookAtMs - nowMs));
    } catch (refusal) {
      this.#settle(() => this.#end.reject(refusal));
    }
  }

  #settle(act: () => void): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#cancel);
    this.#end.leave();
    act();
  }
}
