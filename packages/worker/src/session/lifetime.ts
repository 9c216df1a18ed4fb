// Decides when a session is over by what it was given to live: so long in all, or so long without activity and without
// anybody who watches. Looks at its session and at a clock; ends nothing by itself.
import type { Clock } from "../pty/clock.ts";

/** What a session was given to live; absent: for ever. */
export interface LifeLimits {
  readonly time_limit_ms?: number | undefined;
  readonly idle_exit_ms?: number | undefined;
}

/** What is looked at. Times are on the clock's scale. */
export interface Living {
  readonly lastActivityAtMs: number;
  /** Since when nobody watches; null while somebody does. */
  readonly unwatchedSinceMs: number | null;
}

export type LifeOver = "time_limit" | "idle_exit";

/** The longest that a timer waits (setTimeout, 2^31 - 1 ms); then it is looked again. */
const SLEEP_MAX_MS = 2 ** 31 - 1;

/** Resolves with why the session is over; never for one without limits. Rejects when `signal` aborts. */
export async function lifeOver(
  living: Living,
  limits: LifeLimits,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<LifeOver> {
  const bornAtMs = clock.nowMs();
  for (;;) {
    const nowMs = clock.nowMs();
    const inAllMs = bornAtMs + (limits.time_limit_ms ?? Number.POSITIVE_INFINITY) - nowMs;
    const idleMs = idleLeftMs(living, limits.idle_exit_ms, nowMs);
    if (inAllMs <= 0) return "time_limit";
    if (idleMs <= 0) return "idle_exit";
    await clock.sleep(Math.min(inAllMs, idleMs, SLEEP_MAX_MS), signal);
  }
}

/** How long nothing may happen yet; while somebody watches it begins again and again. */
function idleLeftMs(living: Living, limitMs: number | undefined, nowMs: number): number {
  if (limitMs === undefined) return Number.POSITIVE_INFINITY;
  const { unwatchedSinceMs, lastActivityAtMs } = living;
  return (unwatchedSinceMs === null ? nowMs : Math.max(lastActivityAtMs, unwatchedSinceMs)) + limitMs - nowMs;
}
