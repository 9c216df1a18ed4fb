// Waits for the sessions of an emulated member: each is answered when its session is settled, whatever it waits for.
import { FleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

/** What is asked of one session, as far as it is looked at. */
export interface Asked {
  readonly session?: string;
  readonly max_wait_ms?: number;
}

export class EmulatedWaits {
  readonly #settled = new Set<string>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** From now on everything that waits for the session is answered; not before its time is over until `unsettle`. */
  settle({ id }: SessionInfo): void {
    this.#settled.add(id);
    for (const answer of [...(this.#waiting.get(id) ?? [])]) answer();
  }

  unsettle({ id }: SessionInfo): void {
    this.#settled.delete(id);
  }

  /** `sessions.wait`. One that does not wait is answered at once, either way. */
  async wait(info: SessionInfo, { max_wait_ms: maxWaitMs }: Asked, signal: AbortSignal): Promise<unknown> {
    if (!this.#settled.has(info.id) && maxWaitMs === 0) return outcome(info, "timeout");
    if (!this.#settled.has(info.id)) await this.#settling(info, signal);
    return outcome(info, "pattern");
  }

  /** `sessions.idle` for what follows an outcome: nothing ever does. */
  activity(_info: SessionInfo, signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(cancelled()), { once: true });
      if (signal.aborted) reject(cancelled());
    });
  }

  #settling({ id }: SessionInfo, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(answer);
        reject(cancelled());
      };
      const answer = () => {
        waiting.delete(answer);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      waiting.add(answer);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
    });
  }
}

function cancelled(): FleettyError {
  return new FleettyError("cancelled", "the caller has gone");
}

function outcome({ name: session, server, id, generation, offset, epoch, attention }: SessionInfo, reason: string) {
  const isOver = reason === "timeout";
  const confidence = isOver ? null : "exact";
  const at = { generation, offset, epoch };
  return { session, server, id, reason, confidence, timed_out: isOver, attention, exit: null, ...at };
}
