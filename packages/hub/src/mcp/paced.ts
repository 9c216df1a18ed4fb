// Passes news on at once, and while more of the same comes no oftener than once per interval. Knows not what it is about.

export class Paced {
  readonly #intervalMs: number;
  readonly #tell: () => void;
  #timer: NodeJS.Timeout | null = null;
  #hasMore = false;

  constructor(intervalMs: number, tell: () => void) {
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  news(): void {
    if (this.#timer) this.#hasMore = true;
    else this.#pass();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#hasMore = false;
  }

  #pass(): void {
    this.#tell();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#hasMore) return;
      this.#hasMore = false;
      this.#pass();
    }, this.#intervalMs);
  }
}
