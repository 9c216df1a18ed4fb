// A wait for one session of a member, which outlives the loss of the link to it: it is asked again with the same position when
// the member is back, and refused only when it is still away at the deadline of the wait.
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Fleet } from "../fleet/fleet.ts";
import type { Member } from "../fleet/member.ts";
import { requireHealthy } from "../fleet/member-health.ts";
import { askUntilAnswered, cancelled } from "./asking.ts";
import { BLOCKING_EXTRA_MS, cutMs, WAIT_DEFAULT_MS, waitMsOf } from "./wait-parts.ts";

type WaitName = "sessions.wait" | "sessions.idle" | "sessions.run";

/** What can be asked again when the link to its session was lost meanwhile: a command to be run has an id, and is typed once. */
export function isAwaited(name: string): name is WaitName {
  return name === "sessions.wait" || name === "sessions.idle" || name === "sessions.run";
}

export interface OneWaitParts {
  readonly fleet: Fleet;
  readonly member: Member;
  /** What the caller may see there. */
  readonly port: WorkerPort;
  readonly call: Call;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
}

export async function waitForOne<Name extends WaitName>(
  name: Name,
  input: OperationInput<Name>,
  parts: OneWaitParts,
): Promise<OperationOutput<Name>> {
  const wait = new OneWait(name, input, parts);
  try {
    return await wait.answer();
  } finally {
    wait.end();
  }
}

class OneWait<Name extends WaitName> {
  readonly #name: Name;
  readonly #input: OperationInput<Name>;
  readonly #parts: OneWaitParts;
  readonly #untilMs: number;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #leave = () => this.#stop.abort();
  #isAway = false;
  /** Has been asked to its end before. */
  #isAskedAgain = false;

  constructor(name: Name, input: OperationInput<Name>, parts: OneWaitParts) {
    const waitMs = waitMsOf(name, input);
    this.#name = name;
    this.#input = input;
    this.#parts = parts;
    this.#untilMs = performance.now() + waitMs;
    this.#timer = setTimeout(() => this.#isAway && this.#stop.abort(), waitMs);
    parts.gone.addEventListener("abort", this.#leave, { once: true });
    if (parts.gone.aborted) this.#leave();
  }

  async answer(): Promise<OperationOutput<Name>> {
    const { gone, member } = this.#parts;
    try {
      const first = await this.#position();
      return "answer" in first ? first.answer : await this.#ask({ ...this.#input, ...first });
    } catch (thrown) {
      if (gone.aborted) throw cancelled();
      if (this.#stop.signal.aborted) requireHealthy(member);
      throw thrown;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#parts.gone.removeEventListener("abort", this.#leave);
  }

  /** Where output is looked at from, which has to be known when the question is asked again; or the answer that there is at once. */
  async #position(): Promise<{ answer: OperationOutput<Name> } | { since?: object }> {
    const { until, since } = this.#input as OperationInput<"sessions.wait">;
    if (this.#name !== "sessions.wait" || !looksBack(until) || since?.offset !== undefined) return {};
    const answer = await this.#ask({ ...this.#input, max_wait_ms: 0 }, 0);
    const { timed_out: isOpen, offset, attention_seq } = answer as OperationOutput<"sessions.wait">;
    return isOpen && this.#untilMs > performance.now() ? { since: { attention_seq, ...since, offset } } : { answer };
  }

  #ask(input: OperationInput<Name>, onlyMs?: number): Promise<OperationOutput<Name>> {
    const { fleet, member, port, call } = this.#parts;
    const { signal } = this.#stop;
    return askUntilAnswered<OperationOutput<Name>>(
      () => {
        const leftMs = Math.max(0, Math.ceil(this.#untilMs - performance.now()));
        const waitMs = onlyMs ?? (this.#isAskedAgain ? leftMs : cutMs(input.max_wait_ms ?? WAIT_DEFAULT_MS));
        this.#isAskedAgain = onlyMs === undefined;
        const asked = { ...input, max_wait_ms: waitMs };
        return port.call(this.#name, asked, { ...call, deadlineMs: leftMs + BLOCKING_EXTRA_MS, signal });
      },
      {
        fleet,
        member,
        port,
        signal,
        untilMs: this.#untilMs,
        onAway: (isAway) => {
          this.#isAway = isAway;
        },
      },
    );
  }
}

/** Whether something may come between two questions that would not be there any more: all but its end and its quiet. */
function looksBack(until: OperationInput<"sessions.wait">["until"]): boolean {
  return until === undefined || ["pattern", "command", "attention"].some((one) => one in until);
}
