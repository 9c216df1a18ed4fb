// Decides when a session counts as idle for one caller: quiet for so long, before a deadline. Idle is silence, never
// completion. Pure: the caller brings the clock (monotonic milliseconds), looks again when told, and takes generation
// and screen of its answer at the moment of the verdict.
//
//   for activity ──the generation moves──► for quiet ──quiet for T──► satisfied
//        └───────────D reached──► deadline ◄──D reached──┘        (an exit ends either at once)

/** Quiet periods and deadlines above this are cut, not refused (public limits). */
export const WAIT_MAX_MS = 300_000;
/** How long a call blocks when it does not say. */
export const WAIT_DEFAULT_MS = 30_000;

export interface IdleQuery {
  /** Quiet period T. */
  readonly timeoutMs: number;
  /** Deadline D, counted from arrival; absent: 30 s; 0 looks once. */
  readonly maxWaitMs?: number | undefined;
  /** The generation that the caller has seen; equal to the present one: the next activity must come first. */
  readonly lastGeneration?: number | undefined;
  /** Measure the quiet from arrival, and ignore `lastGeneration`. */
  readonly isFresh?: boolean | undefined;
}

/** What a session tells of its activity now. `lastAtMs` is on the clock of `nowMs`. */
export interface ActivityNow {
  readonly generation: number;
  readonly lastAtMs: number;
}

/** `waiting`: look again at `lookAtMs` or after any activity or exit, whichever is first. */
export type IdleVerdict =
  | { readonly is: "satisfied" }
  | { readonly is: "exited" }
  | { readonly is: "deadline" }
  | { readonly is: "waiting"; readonly for: "activity" | "quiet"; readonly lookAtMs: number };

/** A span as asked for, cut to 0…300,000 ms. */
export function cutMs(askedMs: number): number {
  return Math.min(Math.max(askedMs, 0), WAIT_MAX_MS);
}

/** The instant by which a call that arrived at `arrivedAtMs` is answered. */
export function deadlineMs(arrivedAtMs: number, maxWaitMs: number | undefined): number {
  return arrivedAtMs + cutMs(maxWaitMs ?? WAIT_DEFAULT_MS);
}

/** One call that waits for quiet, from its arrival to its verdict. */
export class IdleWait {
  readonly #timeoutMs: number;
  readonly #deadlineMs: number;
  /** No quiet is measured before this instant. */
  readonly #notBeforeMs: number;
  /** Only activity beyond this generation ends the first stage; null: there is no first stage. */
  readonly #seenGeneration: number | null;

  constructor(query: IdleQuery, activity: ActivityNow, arrivedAtMs: number) {
    const { lastGeneration, isFresh } = query;
    this.#timeoutMs = cutMs(query.timeoutMs);
    this.#deadlineMs = deadlineMs(arrivedAtMs, query.maxWaitMs);
    this.#notBeforeMs = isFresh ? arrivedAtMs : Number.NEGATIVE_INFINITY;
    this.#seenGeneration = !isFresh && lastGeneration === activity.generation ? lastGeneration : null;
  }

  /** The verdict at `nowMs`. Quiet that was complete at the deadline itself still satisfies. */
  look(nowMs: number, session: ActivityNow & { readonly hasExited?: boolean }): IdleVerdict {
    if (session.hasExited) return { is: "exited" };
    if (session.generation === this.#seenGeneration) return this.#waitOr(nowMs, "activity", Number.POSITIVE_INFINITY);
    const quietAtMs = Math.max(session.lastAtMs, this.#notBeforeMs) + this.#timeoutMs;
    if (quietAtMs <= nowMs && quietAtMs <= this.#deadlineMs) return { is: "satisfied" };
    return this.#waitOr(nowMs, "quiet", quietAtMs);
  }

  #waitOr(nowMs: number, stage: "activity" | "quiet", nextMs: number): IdleVerdict {
    if (nowMs >= this.#deadlineMs) return { is: "deadline" };
    return { is: "waiting", for: stage, lookAtMs: Math.min(nextMs, this.#deadlineMs) };
  }
}
