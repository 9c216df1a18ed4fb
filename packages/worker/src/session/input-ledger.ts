// Decides which numbered inputs of a client are written: each number once and in order, whatever is sent again after a
// lost connection. Lives as long as the session. Knows no terminal and no link.

/** What to do with an input. `hole`: an earlier number is missing, so the channel must end. */
export type LedgerVerdict = "write" | "duplicate" | "hole";

/** Clients remembered per session; beyond it the one that typed longest ago is forgotten. */
const CLIENTS_MAX = 1024;

export class InputLedger {
  /** The next number by client; the order of the keys is the order of their last input. */
  readonly #next = new Map<string, number>();

  /** The number that is expected from `client`: 1 at first. */
  next(client: string): number {
    return this.#next.get(client) ?? 1;
  }

  take(client: string, number: number): LedgerVerdict {
    const next = this.next(client);
    if (number < next) return "duplicate";
    if (number > next) return "hole";
    this.#next.delete(client);
    this.#next.set(client, next + 1);
    this.#forgetOldest();
    return "write";
  }

  #forgetOldest(): void {
    if (this.#next.size <= CLIENTS_MAX) return;
    const oldest = this.#next.keys().next().value;
    if (oldest !== undefined) this.#next.delete(oldest);
  }
}
