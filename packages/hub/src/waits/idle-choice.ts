// Decides what a session is to a wait for the first idle one of many: a candidate, settled at once because it has ended, or
// nothing; and which of those that are quiet already comes first. Pure.
import type { ReturnedEntry } from "./returned.ts";

/** A session as it is known. */
export interface Candidate {
  readonly id: string;
  readonly generation: number;
  /** Null while it lives; else when this hub heard of its end, in ms since 1970. */
  readonly endedAtMs: number | null;
}

export interface IdleView {
  /** Since when an end counts, in ms since 1970: what had ended before was no candidate. */
  readonly sinceMs: number;
  readonly returned: ReadonlyMap<string, ReturnedEntry>;
}

/** Whether it can still be returned: it lives, or it ended and nobody was told. */
export function isCandidate({ id, endedAtMs }: Pick<Candidate, "id" | "endedAtMs">, view: IdleView): boolean {
  // Its server may have said that it has ended before the news of that came here.
  if (view.returned.get(id)?.hasEnded) return false;
  return endedAtMs === null || endedAtMs >= view.sinceMs;
}

export interface QuietCandidate extends Candidate {
  /** For how long it has been quiet. */
  readonly quietMs: number;
}

/** Those that are settled already, the longest quiet first. */
export function settledNow<One extends QuietCandidate>(
  candidates: readonly One[],
  { timeoutMs, seenGeneration }: { timeoutMs: number; seenGeneration: (one: One) => number | undefined },
): readonly One[] {
  const isSettled = (one: One) =>
    one.endedAtMs !== null || (one.quietMs >= timeoutMs && one.generation !== seenGeneration(one));
  return candidates.filter(isSettled).sort((one, other) => other.quietMs - one.quietMs);
}
