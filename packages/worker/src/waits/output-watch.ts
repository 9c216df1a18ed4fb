// Decides how one wait goes through the output since its position: in slices that no other session notices, across
// output that is gone, and when a program that has stopped within a line counts as pausing there. Pure.
import { type OutputMatch, type Pattern, PatternScan } from "./pattern.ts";

/**
 * A line that has not ended is held against `$` when nothing was printed for so long: longer than the pieces of one
 * write are apart, shorter than a person notices.
 */
export const PAUSE_MS = 25;
/** One look does at most so much work and is asked again: about 2 ms. */
const SLICE_BYTES = 64 * 1024;
const SLICE_STEPS = 256 * 1024;
/** The work is looked at after so many bytes: even where each costs the whole of 16 programs, a look stays short. */
const PIECE_BYTES = 128;

/** What is known of what a session's shell shows of the keys that are typed at its prompt. */
export interface KnownEchoes {
  /** The first that ends after an offset; `to` is null while the line is being typed. Null: there is none. */
  after(offset: number): { readonly from: number; readonly to: number | null } | null;
}

/** The newest output by offset, as a Ring holds it. */
export interface WatchedOutput {
  readonly end: number;
  readonly oldest: number;
  /** A view from `from`; empty at the end and beyond; null when gone. */
  read(from: number, maxBytes: number): Uint8Array | null;
}

export interface OutputLook {
  readonly match: OutputMatch | null;
  /** There is output left to look at: look again at once. */
  readonly isBehind: boolean;
  /** When a pause will have lasted long enough; absent: nothing waits for that. */
  readonly lookAtMs?: number | undefined;
}

export class OutputWatch {
  readonly #patterns: readonly Pattern[];
  readonly #ring: WatchedOutput;
  readonly #echoes: KnownEchoes;
  #scan: PatternScan;
  #gap: { from: number; to: number } | null = null;
  #printedAtMs: number;
  /** End of the output at the look before. */
  #end: number;
  /** End of the output when the deadline came: what is printed later does not count. */
  #lastEnd: number | null = null;
  /** Offset at which the present line was held against `$`. */
  #pausedAt = -1;

  constructor(
    patterns: readonly Pattern[],
    { ring, echoes }: { ring: WatchedOutput; echoes: KnownEchoes },
    from: { offset: number; printedAtMs: number },
  ) {
    this.#patterns = patterns;
    this.#ring = ring;
    this.#echoes = echoes;
    this.#scan = new PatternScan(patterns, from.offset);
    this.#printedAtMs = from.printedAtMs;
    this.#end = ring.end;
  }

  /** Output since the position that was gone before it was looked at; null: none. */
  get gap(): { readonly from: number; readonly to: number } | null {
    return this.#gap;
  }

  /** `isLast`: the session has ended or the deadline has come, so what stands there now is how it ends. */
  look(nowMs: number, isLast: boolean): OutputLook {
    if (isLast) this.#lastEnd ??= this.#ring.end;
    const end = this.#lastEnd ?? this.#ring.end;
    if (end > this.#end) this.#printedAtMs = nowMs;
    this.#end = end;
    const isHeld = this.#slice(end);
    const { match, offset } = this.#scan;
    // What is typed just now is no output; whether more comes of it is seen when the line has been entered.
    if (!match && isHeld) return { match, isBehind: false };
    if (match || offset < end) return { match, isBehind: match === null };
    const pauseAtMs = this.#printedAtMs + PAUSE_MS;
    if (isLast || nowMs >= pauseAtMs) return { match: this.#pause(), isBehind: false };
    return { match: null, isBehind: false, lookAtMs: pauseAtMs };
  }

  #pause(): OutputMatch | null {
    if (this.#pausedAt === this.#scan.offset) return null;
    this.#pausedAt = this.#scan.offset;
    return this.#scan.matchAtPause();
  }

  /** Returns whether it has come to what is being typed. */
  #slice(end: number): boolean {
    this.#skipWhatIsGone();
    let start = this.#scan.offset;
    const startSteps = this.#scan.steps;
    while (this.#scan.offset < end && this.#scan.match === null) {
      const echo = this.#echoes.after(this.#scan.offset);
      if (echo && echo.from <= this.#scan.offset) {
        if (echo.to === null) return true;
        // The line that a command begins is not the one that it prints.
        this.#scan = new PatternScan(this.#patterns, echo.to);
        start = echo.to;
        continue;
      }
      const isLongEnough = this.#scan.offset - start >= SLICE_BYTES || this.#scan.steps - startSteps >= SLICE_STEPS;
      if (isLongEnough) return false;
      const until = Math.min(end, echo?.from ?? end);
      const piece = this.#ring.read(this.#scan.offset, Math.min(PIECE_BYTES, until - this.#scan.offset));
      if (piece === null) return false;
      this.#scan.feed(piece);
    }
    return false;
  }

  /** What was printed before the gap and after it is not one line. */
  #skipWhatIsGone(): void {
    const { oldest } = this.#ring;
    if (this.#scan.offset >= oldest) return;
    this.#gap = { from: this.#gap?.from ?? this.#scan.offset, to: oldest };
    this.#scan = new PatternScan(this.#patterns, oldest);
  }
}
