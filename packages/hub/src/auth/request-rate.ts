// Decides whether a principal asks too often: a bucket of tokens for each, filled at a steady rate. Pure: the caller brings
// the clock, which nobody sets. Bounded: a bucket that is full again is forgotten.

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Buckets are looked through for full ones when there are so many. */
const SWEEP_AT = 1_000;

export class RequestRate {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  /** `perSecond` requests in the long run, twice as many at once. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#burst = 2 * perSecond;
  }

  /** Takes one request's token; the answer is 0, or how long until there is one. */
  take(principal: string, nowMs: number): number {
    const tokens = this.#tokensOf(this.#buckets.get(principal), nowMs);
    if (tokens < 1) return Math.ceil(((1 - tokens) / this.#perSecond) * 1_000);
    if (this.#buckets.size >= SWEEP_AT) this.#sweep(nowMs);
    this.#buckets.set(principal, { tokens: tokens - 1, atMs: nowMs });
    return 0;
  }

  #tokensOf(bucket: Bucket | undefined, nowMs: number): number {
    if (!bucket) return this.#burst;
    const filled = ((nowMs - bucket.atMs) / 1_000) * this.#perSecond;
    return Math.min(this.#burst, bucket.tokens + filled);
  }

  #sweep(nowMs: number): void {
    for (const [principal, bucket] of this.#buckets) {
      if (this.#tokensOf(bucket, nowMs) >= this.#burst) this.#buckets.delete(principal);
    }
  }
}
