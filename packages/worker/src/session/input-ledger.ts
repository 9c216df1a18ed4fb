// Decides which numbered inputs of a client are written: each number once and in order, whatever is sent again after a
// lost connection. Lives as long as the session. Knows no terminal and no link.

/**
 * What to do with an input. `hole`: an earlier number is missing, so the channel must end. `failed`: its first attempt was
 * cut short, so nobody can say what of it is in the terminal, and it is never typed again.
 */
export type LedgerVerdict = "write" | "duplicate" | "failed" | "hole";

interface Account {
  /** The number that is expected. */
  next: number;
  readonly failed: Set<number>;
}

/** Clients remembered per session; beyond it the one that typed longest ago is forgotten. */
const CLIENTS_MAX = 1024;
/** Failures remembered per client: more than it can have under way when its connection is lost. */
const FAILED_MAX = 64;

export class InputLedger {
  /** By client; the order of the keys is the order of their last input. */
  readonly #accounts = new Map<string, Account>();

  /** The number that is expected from `client`: 1 at first. */
  next(client: string): number {
    return this.#accounts.get(client)?.next ?? 1;
  }

  take(client: string, number: number): LedgerVerdict {
    const account = this.#accounts.get(client) ?? { next: 1, failed: new Set() };
    if (number < account.next) return account.failed.has(number) ? "failed" : "duplicate";
    if (number > account.next) return "hole";
    account.next = number + 1;
    this.#accounts.delete(client);
    this.#accounts.set(client, account);
    dropOldest(this.#accounts, CLIENTS_MAX);
    return "write";
  }

  /** That number was taken, and its bytes are not all in the terminal. */
  failed(client: string, number: number): void {
    const failed = this.#accounts.get(client)?.failed;
    failed?.add(number);
    if (failed) dropOldest(failed, FAILED_MAX);
  }
}

function dropOldest<Key>(
  kept: { readonly size: number; keys(): Iterator<Key>; delete(key: Key): boolean },
  max: number,
) {
  if (kept.size <= max) return;
  const { value } = kept.keys().next();
  kept.delete(value as Key);
}
