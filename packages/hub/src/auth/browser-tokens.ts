// Holds browser tokens: bearer tokens of a few hours that end with the credential they came from. In memory alone (a server
// that starts knows none), bounded, and given the time.
import type { Credential } from "./credential.ts";
import { fingerprint, randomAlphanumerics } from "./fingerprint.ts";

export interface BrowserTokensOptions {
  readonly lifeMs: number;
  readonly max: number;
}

export interface BrowserToken {
  /** `ftb_…`: shown once, kept nowhere. */
  readonly token: string;
  readonly credential: Credential;
}

const PREFIX = "ftb_";
/** 43 characters of 62: 256 bits. */
const LENGTH = 43;

export class BrowserTokens {
  readonly #options: BrowserTokensOptions;
  readonly #credentials = new Map<string, Credential>();

  constructor(options: BrowserTokensOptions) {
    this.#options = options;
  }

  get max(): number {
    return this.#options.max;
  }

  /** Whether there is room for another one. */
  hasRoom(nowMs: number): boolean {
    for (const credential of this.#credentials.values()) if (!credential.isValid(nowMs)) credential.end();
    return this.#credentials.size < this.#options.max;
  }

  /** A token of the rights of `source`, which lives no longer than that one. */
  issue(source: Credential, nowMs: number): BrowserToken {
    const token = PREFIX + randomAlphanumerics(LENGTH);
    const key = fingerprint(token);
    const endMs = nowMs + this.#options.lifeMs;
    const credential = source.derived(Math.min(endMs, source.facts.expiresAtMs ?? endMs));
    credential.onEnd(() => this.#credentials.delete(key));
    this.#credentials.set(key, credential);
    return { token, credential };
  }

  /** The credential of a token that is known and still valid. */
  find(token: string, nowMs: number): Credential | null {
    if (!token.startsWith(PREFIX)) return null;
    const credential = this.#credentials.get(fingerprint(token));
    return credential?.isValid(nowMs) ? credential : null;
  }

  /** Whether `credential` is that of a browser token. */
  has(credential: Credential): boolean {
    return [...this.#credentials.values()].includes(credential);
  }
}
