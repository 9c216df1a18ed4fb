// Decides which numbered inputs of a client are written: each number once and in order, whatever is sent again after a
// lost connection; and remembers where each was typed, so that one that is sent again gets the answer of its first attempt.
// Lives as long as the session. Knows no terminal and no link.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Position } from "@fleetty/protocol/schemas/common";

/**
 * What to do with an input. `hole`: an earlier number is missing, so the channel must end. `failed`: its first attempt was
 * refused, or cut short, so that nobody can say what of it is in the terminal; it is never typed again.
 */
export type LedgerVerdict = "write" | "duplicate" | "failed" | "hole";

interface Account {
  /** The number that is expected. */
  next: number;
  /** Why each of them was not written, by number. */
  readonly failed: Map<number, FleettyError>;
  /** The session's position just before each input of late, by number. */
  readonly places: Map<number, Position>;
  /** The same of the first input of all. */
  first: Position | null;
}

/** Clients remembered per session; beyond it the one that typed longest ago is forgotten. */
const CLIENTS_MAX = 1024;
/** Failures remembered per client: more than it can have under way when its connection is lost. */
const FAILED_MAX = 64;
/** Places remembered per client, for the same reason; a paste counts as one for each 64 KiB. */
const PLACES_MAX = 128;

export class InputLedger {
  /** By client; the order of the keys is the order of their last input. */
  readonly #accounts = new Map<string, Account>();

  /** The number that is expected from `client`: 1 at first. */
  next(client: string): number {
    return this.#accounts.get(client)?.next ?? 1;
  }

  take(client: string, number: number): LedgerVerdict {
    const account = this.#accounts.get(client) ?? newAccount();
    if (number < account.next) return account.failed.has(number) ? "failed" : "duplicate";
    if (number > account.next) return "hole";
    account.next = number + 1;
    this.#accounts.delete(client);
    this.#accounts.set(client, account);
    dropOldest(this.#accounts, CLIENTS_MAX);
    return "write";
  }

  /** That number is being typed at this position. */
  typed(client: string, number: number, at: Position): void {
    const account = this.#accounts.get(client);
    if (!account) return;
    account.first ??= at;
    account.places.set(number, at);
    dropOldest(account.places, PLACES_MAX);
  }

  /**
   * Where that number was typed, or an earlier place when that was long ago: who looks for its effect from there on misses
   * nothing. Null for a client that has typed nothing.
   */
  placeOf(client: string, number: number): Position | null {
    const account = this.#accounts.get(client);
    return account?.places.get(number) ?? account?.first ?? null;
  }

  /** What is to be said of one that failed, also when it is sent again. */
  failureOf(client: string, number: number): FleettyError | undefined {
    return this.#accounts.get(client)?.failed.get(number);
  }

  /** That number was taken, and its bytes are not all in the terminal. */
  failed(client: string, number: number, failure: FleettyError): void {
    const failed = this.#accounts.get(client)?.failed;
    failed?.set(number, failure);
    if (failed) dropOldest(failed, FAILED_MAX);
  }
}

function newAccount(): Account {
  return { next: 1, failed: new Map(), places: new Map(), first: null };
}

function dropOldest<Key>(
  kept: { readonly size: number; keys(): Iterator<Key>; delete(key: Key): boolean },
  max: number,
) {
  if (kept.size <= max) return;
  const { value } = kept.keys().next();
  kept.delete(value as Key);
}
