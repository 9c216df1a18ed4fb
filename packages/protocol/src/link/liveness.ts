// Decides from message times alone whether the other end of a link is still there. Pure: the caller brings the clock, which
// is monotonic. Every message is a sign of life, so that a busy end never waits on a probe to be believed.

export interface LivenessOptions {
  /** Silence after which it is asked, and asked again each time it has been so long. */
  readonly probeAfterMs: number;
  /** Silence after which the link is given up. */
  readonly lostAfterMs: number;
  /** What lies between two looks at most; more means that this process was suspended, and silence counts from its waking. */
  readonly lookedAtMostEveryMs: number;
}

/** The ladder of a link between servers (link protocol, heartbeats). */
export const MEMBER_LIVENESS: LivenessOptions = {
  probeAfterMs: 10_000,
  lostAfterMs: 30_000,
  lookedAtMostEveryMs: 15_000,
};

/** `probe`: ask it now. */
export type Verdict = "alive" | "probe" | "lost";

export class Liveness {
  readonly #options: LivenessOptions;
  #heardAtMs: number;
  #probedAtMs: number;
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

  /** ms since it was heard last. */
  silenceMs(nowMs: number): number {
    return nowMs - this.#heardAtMs;
  }

  verdict(nowMs: number): Verdict {
    const { probeAfterMs, lostAfterMs, lookedAtMostEveryMs } = this.#options;
    const wasSuspended = nowMs - this.#lookedAtMs > lookedAtMostEveryMs;
    this.#lookedAtMs = nowMs;
    if (wasSuspended) this.#heardAtMs = nowMs;
    if (this.silenceMs(nowMs) >= lostAfterMs) return "lost";
    const sinceProbeMs = nowMs - Math.max(this.#probedAtMs, this.#heardAtMs);
    if (!wasSuspended && sinceProbeMs < probeAfterMs) return "alive";
    this.#probedAtMs = nowMs;
    return "probe";
  }
}
