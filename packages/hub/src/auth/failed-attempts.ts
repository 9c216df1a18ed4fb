// Decides when an address has presented too many wrong credentials to be listened to. Pure: the caller brings the clock, which nobody sets.
// Bounded: of very many addresses the ones that failed longest ago are forgotten.
import { countedAs } from "./peer-address.ts";

/** Public contract, authentication. */
const PER_MINUTE = 20;
const MINUTE_MS = 60_000;
/** About 4 MB when every one of them has failed as often as it may. */
const ADDRESSES_MAX = 10_000;

export class FailedAttempts {
  readonly #max: number;
  /** Times of the last failures, oldest first; addresses in the order of their last one. */
  readonly #failures = new Map<string, number[]>();

  constructor({ addressesMax = ADDRESSES_MAX }: { addressesMax?: number } = {}) {
    this.#max = addressesMax;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /** How long nothing from `address` is looked at any more; 0 when it may try. */
  retryAfterMs(address: string, nowMs: number): number {
    const [oldest, ...others] = this.#failures.get(countedAs(address)) ?? [];
    if (oldest === undefined || others.length < PER_MINUTE - 1) return 0;
    return Math.max(0, oldest + MINUTE_MS - nowMs);
  }

  failed(address: string, nowMs: number): void {
    const key = countedAs(address);
    const times = [...(this.#failures.get(key) ?? []), nowMs].slice(-PER_MINUTE);
    this.#failures.delete(key);
    this.#failures.set(key, times);
    this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    for (const [key, times] of this.#failures) {
      const isOver = (times.at(-1) ?? 0) + MINUTE_MS <= nowMs;
      if (!isOver && this.#failures.size <= this.#max) return;
      this.#failures.delete(key);
    }
  }
}
