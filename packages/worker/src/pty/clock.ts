// The time that waiting code asks for, so that tests can bring their own. Knows no timer of anybody else.
import { setTimeout as sleep } from "node:timers/promises";

export interface Clock {
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  nowMs(): number;
  /** Rejects with the reason of `signal` when that aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
