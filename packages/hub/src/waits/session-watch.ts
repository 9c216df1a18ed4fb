// Watches one session of many for what a wait is about, on its own server, from one event to the next: looks once at the
// position where it is to begin, then waits there; after an event waits for new activity before it looks again. A link that is
// lost for a while costs nothing: the same question is asked again with the same position.
//
//   look once ──nothing──► wait ──event──► wait for activity ──► wait ──…──► ended
//       └──event──────────────────────────────┘      (its exit is always told, and is the last event)
import { type FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { Fleet } from "../fleet/fleet.ts";
import type { SeenSession } from "../fleet/fleet-sessions.ts";
import { askUntilAnswered } from "./asking.ts";
import { BLOCKING_EXTRA_MS, WAIT_MAX_MS } from "./wait-parts.ts";

export type WaitEvent = OperationOutput<"sessions.wait">;
type Since = NonNullable<OperationInput<"sessions.wait">["since"]>;

export interface SessionWatchParts {
  readonly fleet: Fleet;
  readonly session: SeenSession;
  /** Absent: here and now. */
  readonly since: Since | undefined;
  readonly until: OperationInput<"sessions.wait">["until"];
  readonly screen: "none" | "plain" | undefined;
  readonly call: () => Call;
  readonly onEvent: (event: WaitEvent) => void;
  /** It has been looked at once, or cannot be just now; or that has changed. */
  readonly onLooked: () => void;
  /** It cannot be waited for: its server says why. */
  readonly onRefused: (refusal: FleettyError) => void;
}

/** A position that is further behind than this may leave what is kept of the output, half a megabyte say, before it is asked for again. */
const BEHIND_MAX_BYTES = 512 * 1024;

export class SessionWatch {
  readonly #parts: SessionWatchParts;
  readonly #stop = new AbortController();
  #isLooked = false;
  #isAway = false;

  constructor(parts: SessionWatchParts) {
    this.#parts = parts;
    void this.#run();
  }

  get isLooked(): boolean {
    return this.#isLooked || this.#isAway;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    try {
      await this.#watch();
    } catch (thrown) {
      const refusal = toFleettyError(thrown);
      if (!this.#stop.signal.aborted) this.#parts.onRefused(refusal);
    } finally {
      this.#looked();
    }
  }

  async #watch(): Promise<void> {
    let { since, until } = this.#parts;
    for (let waitMs = 0; ; waitMs = WAIT_MAX_MS) {
      const result = await this.#wait(since, until, waitMs);
      if (!result.timed_out) this.#parts.onEvent(result);
      this.#looked();
      if (result.reason === "exit") return;
      const { generation, offset, attention_seq } = result;
      if (result.exit) {
        // What it has become quiet with, or printed last, has been told: only its end is left.
        until = { exit: true };
      } else if (!result.timed_out) {
        await this.#activityAfter(generation);
        since = { generation, offset, attention_seq };
      } else if (since?.offset === undefined || offset - since.offset > BEHIND_MAX_BYTES) {
        // What was not said stays unsaid: quiet is measured from when it is waited for.
        since = { attention_seq, ...since, offset };
      }
    }
  }

  #wait(since: Since | undefined, until: SessionWatchParts["until"], waitMs: number): Promise<WaitEvent> {
    const { screen } = this.#parts;
    const input = {
      session: this.#parts.session.info.id,
      max_wait_ms: waitMs,
      ...(until && { until }),
      ...(since && { since }),
      ...(screen && { screen }),
    };
    return this.#ask("sessions.wait", input, waitMs) as Promise<WaitEvent>;
  }

  /** Resolves when something has happened since, its end among it. */
  async #activityAfter(generation: number): Promise<void> {
    const { id: session } = this.#parts.session.info;
    const input = { session, timeout_ms: 0, last_generation: generation, format: "plain" as const };
    for (;;) {
      try {
        await this.#ask("sessions.idle", { ...input, max_wait_ms: WAIT_MAX_MS }, WAIT_MAX_MS);
        return;
      } catch (thrown) {
        const { code } = toFleettyError(thrown);
        // Its screen was lost with it: the wait says how it ended.
        if (code === "parser_unavailable") return;
        if (code !== "idle_timeout") throw thrown;
      }
    }
  }

  #ask<Name extends "sessions.wait" | "sessions.idle">(name: Name, input: OperationInput<Name>, waitMs: number) {
    const { fleet, session, call } = this.#parts;
    const { signal } = this.#stop;
    return askUntilAnswered<OperationOutput<Name>>(
      (port) => port.call(name, input, { ...call(), deadlineMs: waitMs + BLOCKING_EXTRA_MS, signal }),
      { fleet, member: session.member, signal, onAway: (isAway) => this.#away(isAway) },
    );
  }

  #away(isAway: boolean): void {
    this.#isAway = isAway;
    this.#parts.onLooked();
  }

  #looked(): void {
    if (this.#isLooked) return;
    this.#isLooked = true;
    this.#parts.onLooked();
  }
}
