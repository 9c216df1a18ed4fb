// Knows the named tokens: bearer tokens that an operator gave away, each with what it may do, where, and until when. Kept in
// the store by their hash, in memory while the server runs; given the time.
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { Verb } from "@fleetty/protocol/operations";
import type { Logger } from "pino";
import type { HubStore, TokenRecord } from "../store/hub-store.ts";
import { onDisk } from "../store/on-disk.ts";
import { Credential } from "./credential.ts";
import { fingerprint, randomAlphanumerics } from "./fingerprint.ts";
import { scopeOf } from "./scope.ts";

export interface NamedTokensOptions {
  readonly store: Pick<HubStore, "tokens" | "addToken" | "tokensUsed" | "removeToken">;
  readonly log: Logger;
  /** The clock, in ms since 1970; the system's when it is not given. */
  readonly nowMs?: () => number;
}

/** What a token is to be. */
export interface TokenWish extends Pick<TokenRecord, "name" | "kind" | "verbs" | "on" | "tags"> {
  readonly lifeMs: number;
}

export interface NewToken {
  readonly record: TokenRecord;
  /** `fty_…`: shown once, kept nowhere. */
  readonly token: string;
}

const PREFIX = "fty_";
/** 43 characters of 62: 256 bits. */
const LENGTH = 43;
/** Public limits. */
export const NAMED_TOKENS_MAX = 1_000;
/** When each was used last is kept so often: one write for all of them, and none per request. */
const KEEP_USES_EVERY_MS = 60_000;

interface Entry {
  record: TokenRecord;
  readonly credential: Credential;
  /** Used since that was kept. */
  isUsed: boolean;
}

export class NamedTokens {
  readonly #options: NamedTokensOptions;
  readonly #nowMs: () => number;
  readonly #byHash = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();
  readonly #keeping: NodeJS.Timeout;
  /** Being written: they count already. */
  #coming = 0;

  private constructor(options: NamedTokensOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#keeping = setInterval(() => void this.keepUses(), KEEP_USES_EVERY_MS);
    this.#keeping.unref();
  }

  /** With those that are kept. */
  static async open(options: NamedTokensOptions): Promise<NamedTokens> {
    const records = await options.store.tokens();
    const tokens = new NamedTokens(options);
    for (const record of records) tokens.#adopt(record);
    return tokens;
  }

  /** The credential of a token that is known and still valid. */
  find(token: string): Credential | null {
    if (!token.startsWith(PREFIX)) return null;
    const entry = this.#byHash.get(fingerprint(token));
    const nowMs = this.#nowMs();
    if (!entry?.credential.isValid(nowMs)) return null;
    entry.record = { ...entry.record, last_used_at: new Date(nowMs).toISOString() };
    entry.isUsed = true;
    return entry.credential;
  }

  /** Oldest first; those that have expired too. */
  list(): readonly TokenRecord[] {
    return [...this.#byId.values()].map(({ record }) => record).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** On the disk when it resolves. Throws `invalid_selector` and `resource_limit_reached`. */
  async create({ lifeMs, ...wish }: TokenWish): Promise<NewToken> {
    scopeOf(wish);
    if (this.#isFull) await this.#dropExpired();
    this.#takeRoom();
    const token = PREFIX + randomAlphanumerics(LENGTH);
    const nowMs = this.#nowMs();
    const record: TokenRecord = {
      ...wish,
      id: makeId("tok"),
      hash: fingerprint(token),
      created_at: new Date(nowMs).toISOString(),
      expires_at: new Date(nowMs + lifeMs).toISOString(),
      last_used_at: null,
    };
    try {
      await onDisk(this.#options.store.addToken(record));
    } finally {
      this.#coming -= 1;
    }
    this.#adopt(record);
    return { record, token };
  }

  /**
   * Ends one, at once: it lets nobody in any more even when the disk refuses, which is told, and then it would be back at
   * the next start. Throws `token_not_found`.
   */
  async remove(id: string): Promise<void> {
    const entry = this.#byId.get(id);
    if (!entry) {
      const message = `no token has the id ${JSON.stringify(id.slice(0, 80))}; GET /tokens lists them`;
      throw new FleettyError("token_not_found", message);
    }
    entry.credential.end();
    await onDisk(this.#options.store.removeToken(id));
    this.#byId.delete(id);
    this.#byHash.delete(entry.record.hash);
  }

  /** Has it on the disk when each was used last. Never rejects: what the disk refuses is kept later. */
  async keepUses(): Promise<void> {
    const used = [...this.#byId.values()].filter(({ isUsed }) => isUsed);
    if (used.length === 0) return;
    for (const entry of used) entry.isUsed = false;
    const uses = used.map(({ record: { id, last_used_at } }) => ({ id, last_used_at }));
    await this.#options.store.tokensUsed(uses).catch((err) => {
      for (const entry of used) entry.isUsed = true;
      this.#options.log.warn({ err }, "it could not be kept when tokens were used last");
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#keeping);
    await this.keepUses();
  }

  get #isFull(): boolean {
    return this.#byId.size + this.#coming >= NAMED_TOKENS_MAX;
  }

  /** Those that have expired make room for new ones, and until then tell why they let nobody in. */
  async #dropExpired(): Promise<void> {
    const nowMs = this.#nowMs();
    const over = [...this.#byId.values()].filter(({ credential }) => !credential.isValid(nowMs));
    await Promise.allSettled(over.map(({ record }) => this.remove(record.id)));
  }

  #takeRoom(): void {
    if (this.#isFull) {
      const message = `${NAMED_TOKENS_MAX} tokens are out already; take one back, then try again`;
      throw new FleettyError("resource_limit_reached", message, { limit: "tokens", max: NAMED_TOKENS_MAX });
    }
    this.#coming += 1;
  }

  #adopt(record: TokenRecord): void {
    const entry = { record, credential: this.#credentialOf(record), isUsed: false };
    this.#byId.set(record.id, entry);
    this.#byHash.set(record.hash, entry);
  }

  /** A token whose bounds this program cannot read lets nobody in. */
  #credentialOf({ id, name, kind, verbs, expires_at, ...bounds }: TokenRecord): Credential {
    const facts = { principal: name, kind, verbs: new Set(verbs as Verb[]), expiresAtMs: Date.parse(expires_at) };
    try {
      return new Credential({ ...facts, scope: scopeOf(bounds) });
    } catch (err) {
      this.#options.log.error(
        { token: id, err },
        "the servers that a token is bound to cannot be read; it is not valid",
      );
      const ended = new Credential({ ...facts, scope: { on: null, tags: [] } });
      ended.end();
      return ended;
    }
  }
}
