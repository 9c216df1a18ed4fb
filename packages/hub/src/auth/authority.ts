// Knows every credential of this server: the root token, named tokens, tickets and browser tokens. Decides which text stands for which of
// them, and how each is made and taken back. Knows no request and no file.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Secret } from "@fleetty/protocol/secret";
import { type BrowserToken, BrowserTokens } from "./browser-tokens.ts";
import { type Credential, rootCredential } from "./credential.ts";
import type { NamedTokens } from "./named-tokens.ts";
import { Tickets } from "./tickets.ts";

/** The root token and where it comes from. */
export interface RootToken {
  readonly secret: Secret;
  /** Makes another and keeps it where the next start finds it. Null for a token that an operator brings. */
  readonly renew: (() => Secret) | null;
  /** Where it came from, for messages: `--token-file`, `the state folder`. */
  readonly from: string;
}

export interface AuthorityOptions {
  readonly root: RootToken;
  /** Those that an operator gave away; none when they are not given. */
  readonly named?: Pick<NamedTokens, "find">;
  /** The clock, in ms since 1970; the system's when it is not given. */
  readonly nowMs?: () => number;
  /** One that nobody sets, for what is counted by time. */
  readonly steadyMs?: () => number;
}

const SECOND_MS = 1_000;
/** Limits and lives of the public contract; as many browser tokens as named ones. */
export const WS_TICKETS = { lifeMs: 30 * SECOND_MS, max: 1_024 } as const;
export const LOGIN_TICKETS = { lifeMs: 120 * SECOND_MS, max: 64 } as const;
export const BROWSER_TOKENS = { lifeMs: 12 * 3_600 * SECOND_MS, max: 1_000 } as const;

export class Authority {
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly #renew: RootToken["renew"];
  readonly #rootFrom: string;
  readonly #named: AuthorityOptions["named"];
  readonly #wsTickets = new Tickets(WS_TICKETS);
  readonly #loginTickets = new Tickets(LOGIN_TICKETS);
  readonly #browserTokens = new BrowserTokens(BROWSER_TOKENS);
  #root: { readonly secret: Secret; readonly credential: Credential };

  constructor({ root, named, nowMs = Date.now, steadyMs = () => performance.now() }: AuthorityOptions) {
    this.nowMs = nowMs;
    this.steadyMs = steadyMs;
    this.#named = named;
    this.#renew = root.renew;
    this.#rootFrom = root.from;
    this.#root = { secret: root.secret, credential: rootCredential() };
  }

  get rootToken(): Secret {
    return this.#root.secret;
  }

  /** What a bearer token stands for. */
  ofToken(token: string): Credential | null {
    if (this.#root.secret.equals(token)) return this.#root.credential;
    return this.#browserTokens.find(token, this.nowMs()) ?? this.#named?.find(token) ?? null;
  }

  /** What a WebSocket ticket stands for, this once. */
  ofWsTicket(ticket: string): Credential | null {
    return this.#wsTickets.redeem(ticket, this.nowMs());
  }

  /** Throws `resource_limit_reached`. */
  issueWsTicket(credential: Credential): string {
    return this.#wsTickets.issue(credential, this.nowMs()) ?? tooMany("ws_tickets", this.#wsTickets.max);
  }

  /** Throws `resource_limit_reached`. */
  issueLoginTicket(credential: Credential): string {
    return this.#loginTickets.issue(credential, this.nowMs()) ?? tooMany("login_tickets", this.#loginTickets.max);
  }

  /** The browser token that a login ticket is exchanged for; null when it is none. Throws `resource_limit_reached`. */
  exchange(ticket: string): BrowserToken | null {
    const nowMs = this.nowMs();
    if (!this.#browserTokens.hasRoom(nowMs)) tooMany("browser_tokens", this.#browserTokens.max);
    const source = this.#loginTickets.redeem(ticket, nowMs);
    return source && this.#browserTokens.issue(source, nowMs);
  }

  /** Takes a browser token back. Throws `invalid_request` for any other credential. */
  endBrowserToken(credential: Credential): void {
    if (this.#browserTokens.has(credential)) return credential.end();
    const message = `${credential.facts.principal} did not come with a browser token; fleetty token rotate ends the root token, fleetty tokens rm a named one`;
    throw new FleettyError("invalid_request", message);
  }

  /** Replaces the root token; the old one ends with all that came from it. Throws `invalid_request` when it was brought. */
  rotateRoot(): Secret {
    if (!this.#renew) {
      const message = `the root token comes from ${this.#rootFrom}; change it there and start the server again`;
      throw new FleettyError("invalid_request", message);
    }
    const secret = this.#renew();
    const { credential } = this.#root;
    this.#root = { secret, credential: rootCredential() };
    credential.end();
    return secret;
  }
}

function tooMany(limit: string, max: number): never {
  const message = `${max} are out already (${limit}); use or end one, then try again`;
  throw new FleettyError("resource_limit_reached", message, { limit, max });
}
