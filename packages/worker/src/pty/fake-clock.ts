// A clock that a test moves: those who sleep by it wake when their time has come, and no sooner. Starts with the system's, so
// that its times can be compared with those that real parts note.
import type { Clock } from "./clock.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  nowMs(): number {
    return performance.now() + this.#aheadMs;
  }

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { untilMs: this.nowMs() + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Resolves when those who woke have looked. */
  async advance(ms: number): Promise<void> {
    this.#aheadMs += ms;
    const nowMs = this.nowMs();
    for (const sleeper of [...this.#sleepers].filter(({ untilMs }) => untilMs <= nowMs)) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
