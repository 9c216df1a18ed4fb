// Says that a caller has gone, to whoever asks. Most calls are answered before anybody would, so the signal is made when it
// is first asked for: making one costs as much as routing a request.

export class Gone {
  #controller: AbortController | null = null;
  #isGone = false;

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Aborts when the caller has gone; aborted already when it went before. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isGone) this.#controller.abort();
    return this.#controller.signal;
  }

  went(): void {
    this.#isGone = true;
    this.#controller?.abort();
  }
}
