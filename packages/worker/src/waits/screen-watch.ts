// Decides when the screen is held against the patterns of one wait: at once, then as things happen, but ever less often while
// they go on happening, so that a prompt is seen as it comes and a flood is not read for each of its pieces. Pure.
import { matchRows, type Pattern, type ScreenMatch } from "./pattern.ts";

/** Between looks at a flood: finer than anyone can tell. */
export const SCREEN_EVERY_MS = 50;
/** Between the first two looks: what a program prints in one go comes within it. Each look doubles the time to the next. */
const FIRST_MS = 1;
/** So long without a look, and what comes is no flood. */
const CALM_MS = 2 * SCREEN_EVERY_MS;

export interface ScreenLook {
  readonly match: ScreenMatch | null;
  /** When to look again although nothing may have happened since; absent: no need. */
  readonly lookAtMs?: number | undefined;
}

export class ScreenWatch {
  readonly #patterns: readonly Pattern[];
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #pauseMs = FIRST_MS;

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns;
  }

  /** `isLast`: there may be no other look, so this one is not put off. */
  look(nowMs: number, isLast: boolean, screen: { rows(): readonly string[] }): ScreenLook {
    const lookAtMs = this.#lookedAtMs + this.#pauseMs;
    if (!isLast && nowMs < lookAtMs) return { match: null, lookAtMs };
    const isCalm = nowMs - this.#lookedAtMs > CALM_MS;
    this.#pauseMs = isCalm ? FIRST_MS : Math.min(2 * this.#pauseMs, SCREEN_EVERY_MS);
    this.#lookedAtMs = nowMs;
    return { match: matchRows(this.#patterns, screen.rows()) };
  }
}
