// Chooses by chance, always the same for a seed. Knows nothing of what is chosen.
import { randomFrom } from "./random.ts";

export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** True in that share of all cases, 0 to 1. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** One of them. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** What one of these makes: the others are not asked. */
  ofThese<T>(...makers: readonly (() => T)[]): T {
    return this.of(makers)();
  }

  /** Some of them, in their order; each with that chance. */
  some<T>(choices: readonly T[], share = 0.5): T[] {
    return choices.filter(() => this.chance(share));
  }

  /** All of them in another order. */
  shuffled<T>(choices: readonly T[]): T[] {
    return choices
      .map((choice) => [this.#random(), choice] as const)
      .sort(([a], [b]) => a - b)
      .map(([, choice]) => choice);
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}
