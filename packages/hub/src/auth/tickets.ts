// Holds tickets: texts that stand for a credential once, for a short time. In memory alone, bounded, and given the time.
import type { Credential } from "./credential.ts";
import { fingerprint, randomAlphanumerics } from "./fingerprint.ts";

export interface TicketsOptions {
  readonly lifeMs: number;
  /** Tickets that may be pending at once. */
  readonly max: number;
}

interface Pending {
  readonly credential: Credential;
  readonly expiresAtMs: number;
}

/** 32 characters of 62: 190 bits (public contract). */
const LENGTH = 32;

export class Tickets {
  readonly #options: TicketsOptions;
  /** By fingerprint, in the order in which they expire, since all live equally long. */
  readonly #pending = new Map<string, Pending>();

  constructor(options: TicketsOptions) {
    this.#options = options;
  }

  get max(): number {
    return this.#options.max;
  }

  /** A new ticket that acts as `credential`, or null while too many are pending. */
  issue(credential: Credential, nowMs: number): string | null {
    this.#sweep(nowMs);
    if (this.#pending.size >= this.#options.max) return null;
    const ticket = randomAlphanumerics(LENGTH);
    this.#pending.set(fingerprint(ticket), { credential, expiresAtMs: nowMs + this.#options.lifeMs });
    return ticket;
  }

  /** What the ticket stands for, which it does no longer; null when it is unknown, used, expired, or its credential is. */
  redeem(ticket: string, nowMs: number): Credential | null {
    const key = fingerprint(ticket);
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    if (!pending || nowMs >= pending.expiresAtMs) return null;
    return pending.credential.isValid(nowMs) ? pending.credential : null;
  }

  #sweep(nowMs: number): void {
    for (const [key, { expiresAtMs, credential }] of this.#pending) {
      if (nowMs < expiresAtMs && credential.isValid(nowMs)) continue;
      this.#pending.delete(key);
    }
  }
}
