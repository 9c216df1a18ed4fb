// Decides when the screen is held against the patterns of one wait: at once, then as things happen, but not for each
// piece of a flood. Pure.
import { matchRows, type Pattern, type ScreenMatch } from "./pattern.ts";

/** A screen is read as text at most so often for one wait: finer than anyone can tell, and a flood costs one per piece. */
export const SCREEN_EVERY_MS = 50;

export interface ScreenLook {
  readonly match: ScreenMatch | null;
  /** When to look again although nothing may have happened since; absent: no need. */
  readonly lookAtMs?: number | undefined;
}

export class ScreenWatch {
  readonly #patterns: readonly Pattern[];
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  /** `isLast`: there may be no other look, so this one is not put off. */
  look(nowMs: number, isLast: boolean, screen: { rows(): readonly string[] }): ScreenLook {
    const lookAtMs = this.#lookedAtMs + SCREEN_EVERY_MS;
    if (!isLast && nowMs < lookAtMs) return { match: null, lookAtMs };
    this.#lookedAtMs = nowMs;
    return { match: matchRows(this.#patterns, screen.rows()) };
  }
}
