// Holds who waits on one session, and looks again for each of them at the right moments: whenever something happens to
// the session, and when a quiet period or a deadline has passed. The deciding lies in waits/; this owns the timers.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Session } from "./session.ts";
import { IdleLook, type Look, WaitLook } from "./wait-look.ts";

export class Waits {
  readonly #session: Session;
  readonly #pending = new Set<Waiting>();

  constructor(session: Session) {
    this.#session = session;
  }

  idle(input: OperationInput<"sessions.idle">, signal: AbortSignal): Promise<OperationOutput<"sessions.idle">> {
    return this.#until(new IdleLook(this.#session, input), signal);
  }

  wait(input: OperationInput<"sessions.wait">, signal: AbortSignal): Promise<OperationOutput<"sessions.wait">> {
    return this.#until(new WaitLook(this.#session, input), signal);
  }

  /** Something happened to the session: everybody looks again. */
  lookAgain(): void {
    for (const waiting of this.#pending) waiting.look();
  }

  #until<T>(decision: Look<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting = new Waiting(decision as Look<unknown>, signal, {
        resolve: resolve as (value: unknown) => void,
        reject,
        leave: () => this.#pending.delete(waiting),
      });
      this.#pending.add(waiting);
      waiting.look();
    });
  }
}

interface WaitingEnd {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly leave: () => void;
}

/** One call, from its arrival to its answer, its refusal, or its caller's going. */
class Waiting {
  readonly #decision: Look<unknown>;
  readonly #signal: AbortSignal;
  readonly #end: WaitingEnd;
  readonly #cancel = () => this.#settle(() => this.#end.reject(new FleettyError("cancelled", "the caller has gone")));
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(decision: Look<unknown>, signal: AbortSignal, end: WaitingEnd) {
    this.#decision = decision;
    this.#signal = signal;
    this.#end = end;
    signal.addEventListener("abort", this.#cancel, { once: true });
  }

  /** Looking may let the screen catch up, which is something happening: one look at a time. */
  look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    clearTimeout(this.#timer);
    try {
      const nowMs = performance.now();
      const verdict = this.#decision.look(nowMs);
      if (verdict.done) return this.#settle(() => this.#end.resolve(verdict.value));
      // Timers count whole milliseconds and may fire one early: 1 ms later is never too soon.
      this.#timer = setTimeout(() => this.look(), Math.max(0, Math.ceil(verdict.lookAtMs - nowMs)));
    } catch (refusal) {
      this.#settle(() => this.#end.reject(refusal));
    } finally {
      this.#isLooking = false;
    }
  }

  #settle(act: () => void): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener("abort", this.#cancel);
    this.#end.leave();
    act();
  }
}
