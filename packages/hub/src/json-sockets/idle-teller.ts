// Tells a subscriber when a session has been quiet for the time that was asked for, and when it is at work again: one of each
// for a burst of activity, in turn, beginning with how it is now.
//
//   running ──quiet for so long──► idle ──activity──► running          any ──session has ended──► over
import { toFleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { WAIT_MAX_MS } from "../waits/wait-parts.ts";
import type { ScreenTeller } from "./screen-teller.ts";
import { patiently, rest, type Telling } from "./telling.ts";

type IdleAnswer = OperationOutput<"sessions.idle">;
type IdleInput = Omit<OperationInput<"sessions.idle">, "session">;

/** It did not become quiet in the time that was given; `generation` is that of then. */
interface NotIdle {
  readonly generation: number;
}

export class IdleTeller {
  readonly #telling: Telling;
  readonly #screens: ScreenTeller;

  constructor(telling: Telling, screens: ScreenTeller) {
    this.#telling = telling;
    this.#screens = screens;
  }

  /** Until the session has ended or nobody hears any more; `onPresent` when it has been told how it is now. */
  async run(onPresent: () => void): Promise<void> {
    const { wish, events, tell } = this.#telling;
    let now = await this.#ask({ timeout_ms: wish.idleMs, max_wait_ms: 0 });
    if (now !== null) tell("screen" in now ? events.idle(now.screen) : events.running(now.generation));
    onPresent();
    while (now !== null) {
      if (!("screen" in now)) now = await this.#quiet();
      if (now !== null) now = await this.#activityAfter(now.generation);
    }
  }

  /** Tells that it is idle once it is, after all that its screen shows then. Null: it has ended. */
  async #quiet(): Promise<IdleAnswer | null> {
    const { wish, events, tell, room } = this.#telling;
    const answer = await this.#await({ timeout_ms: wish.idleMs });
    if (answer === null) return null;
    await this.#screens.caughtUp(answer.screen.epoch);
    await room();
    tell(events.idle(answer.screen));
    return answer;
  }

  /** Tells that it is at work again once it is. Null: it has ended. */
  async #activityAfter(generation: number): Promise<NotIdle | null> {
    const { events, tell, room } = this.#telling;
    const answer = await this.#await({ timeout_ms: 0, last_generation: generation, format: "plain" });
    if (answer === null) return null;
    await room();
    tell(events.running(answer.generation));
    return { generation: answer.generation };
  }

  /** Asks until it comes. Null: it has ended, or nobody hears any more. */
  async #await(input: IdleInput): Promise<IdleAnswer | null> {
    for (;;) {
      const answer = await this.#ask({ ...input, max_wait_ms: WAIT_MAX_MS });
      if (answer === null || "screen" in answer) return answer;
      // It was waited for long, unless its server says at once that it has been.
      await rest(this.#telling.signal);
    }
  }

  /** Null: it has ended, or nobody hears any more. */
  async #ask(input: IdleInput): Promise<IdleAnswer | NotIdle | null> {
    const { observed, signal, wish } = this.#telling;
    const ask = async () => {
      try {
        return await observed.ask("sessions.idle", { format: wish.format, ...input }, signal);
      } catch (thrown) {
        const { code, details } = toFleettyError(thrown);
        if (code !== "idle_timeout") throw thrown;
        return { generation: Number(details?.["generation"] ?? 0) };
      }
    };
    const answer = await patiently(ask, signal);
    return answer !== null && "state" in answer && answer.state === "exited" ? null : answer;
  }
}
