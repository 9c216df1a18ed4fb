// Bounds how many are being greeted at once who have not proved who they are: what they may cost before that. Pure.

/** Over all addresses, and from one (link protocol). */
const ALL_MAX = 64;
const ADDRESS_MAX = 8;

export class HalfOpen {
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  /** How to give the place back; null when there is none. */
  take(address: string): (() => void) | null {
    const count = this.#byAddress.get(address) ?? 0;
    if (this.#all >= ALL_MAX || count >= ADDRESS_MAX) return null;
    this.#all += 1;
    this.#byAddress.set(address, count + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#all -= 1;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, left);
    };
  }
}
