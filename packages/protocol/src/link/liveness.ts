// Decides from message times alone whether the other end of a link is still there, and hears us. Pure: the caller brings the
// clock, which is monotonic. A link is given up when nothing comes, and when probes are not answered though something does:
// then only one direction of it is left, on which nothing can be asked.

export interface LivenessOptions {
  /** How often it is asked for a sign of life. */
  readonly probeAfterMs: number;
  /** Silence, or time that a probe is not answered, after which the link is given up. */
  readonly lostAfterMs: number;
  /** What lies between two looks at most; more means that this process was suspended, and silence counts from its waking. */
  readonly lookedAtMostEveryMs: number;
}

/** How often a link is looked at, in the time after which it is lost. */
const LOOKS = 30;

export interface Ladder extends LivenessOptions {
  /** How often the link is to be looked at. */
  readonly lookEveryMs: number;
}

/** The ladder of a link between servers (link protocol, heartbeats): by default 10 s to a probe, 30 s to the end. */
export function memberLiveness(lostAfterMs: number): Ladder {
  return {
    probeAfterMs: lostAfterMs / 3,
    lostAfterMs,
    lookedAtMostEveryMs: lostAfterMs / 2,
    lookEveryMs: lostAfterMs / LOOKS,
  };
}

/** Of a hub that says nothing of it. */
const SILENCE_MS = 30_000;
/** What hubs can be told (`--member-silence-ms`). None makes its workers look without pause, nor believe in a dead link for ever. */
const SILENCE_MIN_MS = 1_000;
const SILENCE_MAX_MS = 3_600_000;

/** Silence after which a worker gives the link up, as `policy.lost_ms` of its hub says it. */
export function silenceOf(lostMs: number | undefined): number {
  return Math.min(SILENCE_MAX_MS, Math.max(SILENCE_MIN_MS, lostMs ?? SILENCE_MS));
}

/** `probe`: ask it now. */
export type Verdict = "alive" | "probe" | "lost";

export class Liveness {
  readonly #options: LivenessOptions;
  #heardAtMs: number;
  #probedAtMs: number;
  /** When the oldest probe was sent that nobody has answered. */
  #unansweredSinceMs: number | null = null;
  #lookedAtMs: number;

  constructor(options: LivenessOptions, nowMs: number) {
    this.#options = options;
    this.#heardAtMs = nowMs;
    this.#probedAtMs = nowMs;
    this.#lookedAtMs = nowMs;
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /** A probe has been answered. */
  answered(): void {
    this.#unansweredSinceMs = null;
  }

  /** ms since it was heard last. */
  silenceMs(nowMs: number): number {
    return nowMs - this.#heardAtMs;
  }

  verdict(nowMs: number): Verdict {
    const { probeAfterMs, lostAfterMs, lookedAtMostEveryMs } = this.#options;
    const wasSuspended = nowMs - this.#lookedAtMs > lookedAtMostEveryMs;
    this.#lookedAtMs = nowMs;
    if (wasSuspended) this.#forgive(nowMs);
    const unansweredMs = nowMs - (this.#unansweredSinceMs ?? nowMs);
    if (Math.max(this.silenceMs(nowMs), unansweredMs) >= lostAfterMs) return "lost";
    if (!wasSuspended && nowMs - this.#probedAtMs < probeAfterMs) return "alive";
    this.#probedAtMs = nowMs;
    this.#unansweredSinceMs ??= nowMs;
    return "probe";
  }

  #forgive(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#unansweredSinceMs = null;
  }
}
