// Decides who a request comes from and whether it may be heard at all: the name it was made to, the page it was made from,
// the credential it carries, and how often. Knows no operation; what a caller may do is for the hub to say.
//
//   host and origin ─► failed attempts of this address ─► credential ─► rate of its principal      refusals in this order
import { isIP } from "node:net";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Attempt, Caller } from "../calls.ts";
import type { Authority } from "./authority.ts";
import { type Credential, localCredential, rootCredential } from "./credential.ts";
import type { CrossOrigin } from "./cross-origin.ts";
import type { FailedAttempts } from "./failed-attempts.ts";
import { isLoopback, plainAddress } from "./peer-address.ts";
import type { RequestRate } from "./request-rate.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** What of a request decides. */
export interface RequestFacts {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** `?ticket=` of an upgrade; undefined for every other request. */
  readonly ticket: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
  /** Face for the audit: `http` or `ws`. */
  readonly face: string;
}

export interface Admission {
  /** Throws `host_not_allowed` or `origin_not_allowed`; before any credential is looked at. */
  checkSource(facts: RequestFacts): void;
  /** Headers for the page that asks, where it is one of another origin that may. */
  crossOrigin(facts: RequestFacts): Readonly<Record<string, string>> | null;
  /** What a browser is told that asks beforehand for such a page. */
  readonly preflightHeaders: Readonly<Record<string, string>>;
  /** Throws `rate_limited`, `auth_required` or `auth_invalid`. */
  callerOf(facts: RequestFacts): Caller;
  /** How a credential is looked at that came in a body: counted as those in headers are. */
  attempt(facts: RequestFacts): Attempt;
  /** Of the caller's machine, as far as proxies are believed; undefined on the unix socket. */
  addressOf(facts: RequestFacts): string | undefined;
  /** Whether nobody on the way could read it: it came over TLS, or from this machine. */
  isPrivate(facts: RequestFacts): boolean;
  /** `https://host:port` as the request was made to; null on the unix socket. */
  reachedAt(facts: RequestFacts): string | null;
}

const local = localCredential();

/** Whoever can open the socket is its user: no token, all verbs. A page cannot open it, so an Origin never passes. */
export const unixAdmission: Admission = {
  checkSource: ({ origin }) => {
    if (origin !== undefined) throw foreignOrigin(origin);
  },
  crossOrigin: () => null,
  preflightHeaders: {},
  callerOf: ({ face }) => ({
    actor: { principal: "local", kind: "human", admin: true, face },
    verbs: local.facts.verbs,
    transport: "unix",
    isPrivate: true,
    credential: local,
  }),
  attempt: () => (look) => look(),
  addressOf: () => undefined,
  isPrivate: () => true,
  reachedAt: () => null,
};

export interface TcpAdmissionOptions {
  readonly authority: Authority;
  readonly hostname: string;
  /** Further names that requests may be made to, in lower case. */
  readonly allowedHosts: readonly string[];
  readonly crossOrigin: CrossOrigin;
  readonly proxies: TrustedProxies;
  /** One for all listeners: an address is one whichever way it comes. */
  readonly failures: FailedAttempts;
  /** Null where requests are not counted. */
  readonly rate: RequestRate | null;
  /** Whether this listener speaks TLS itself. */
  readonly isEncrypted: boolean;
  /** Whether everybody is let in (`--no-auth`, on loopback alone). */
  readonly isOpen: boolean;
}

/** TCP wants a credential, on loopback too; and a name that a page of a stranger cannot point here. */
export class TcpAdmission implements Admission {
  readonly #options: TcpAdmissionOptions;
  readonly #names: ReadonlySet<string>;
  /** Who comes in where everybody may: no rotation ends it. */
  readonly #anybody = rootCredential();

  constructor(options: TcpAdmissionOptions) {
    this.#options = options;
    this.#names = new Set(["localhost", options.hostname.toLowerCase(), ...options.allowedHosts]);
  }

  get preflightHeaders() {
    return this.#options.crossOrigin.preflightHeaders;
  }

  checkSource(facts: RequestFacts): void {
    const { host, origin } = facts;
    if (host === undefined || !this.#isOwnName(nameOf(host))) {
      const message = `this server is not called ${JSON.stringify((host ?? "").slice(0, 200))}; use its address, localhost, its hostname, or a name given with --allow-host`;
      throw new FleettyError("host_not_allowed", message);
    }
    if (origin === undefined || this.#options.crossOrigin.allows(origin)) return;
    if (origin !== this.reachedAt(facts)) throw foreignOrigin(origin);
  }

  crossOrigin({ origin }: RequestFacts) {
    return this.#options.crossOrigin.headersFor(origin);
  }

  callerOf(facts: RequestFacts): Caller {
    const credential = this.#credentialOf(facts);
    const { principal, kind, verbs } = credential.facts;
    const waitMs = this.#options.rate?.take(principal, this.#options.authority.steadyMs()) ?? 0;
    if (waitMs > 0) throw rateLimited(`${principal} asks too often`, waitMs);
    const address = this.addressOf(facts);
    const admin = verbs.has("admin") && ({ admin: true } as const);
    const actor = { principal, kind, ...admin, face: facts.face, ...(address !== undefined && { address }) };
    return { actor, verbs, transport: "tcp", isPrivate: this.isPrivate(facts), credential };
  }

  /** Looks only while the address may try, and counts what was looked at in vain. */
  attempt(facts: RequestFacts): Attempt {
    return (look) => {
      const { failures, authority } = this.#options;
      const address = this.addressOf(facts) ?? "";
      const waitMs = failures.retryAfterMs(address, authority.steadyMs());
      if (waitMs > 0) throw rateLimited("too many wrong credentials came from your address", waitMs);
      const found = look();
      if (found === null) failures.failed(address, authority.steadyMs());
      return found;
    };
  }

  isPrivate(facts: RequestFacts): boolean {
    const address = this.addressOf(facts);
    return this.reachedAt(facts)?.startsWith("https:") === true || (address !== undefined && isLoopback(address));
  }

  /** A default port is not written, as browsers do not write it either. */
  reachedAt({ host, remoteAddress: peer, forwardedFor, forwardedProto }: RequestFacts): string | null {
    const forwarded = this.#options.proxies.schemeOf({ peer, forwardedFor, forwardedProto });
    const scheme = forwarded ?? (this.#options.isEncrypted ? "https" : "http");
    return URL.parse(`${scheme}://${host}`)?.origin ?? null;
  }

  addressOf({ remoteAddress: peer, forwardedFor, forwardedProto }: RequestFacts): string | undefined {
    const address = this.#options.proxies.callerOf({ peer, forwardedFor, forwardedProto });
    return address === undefined ? undefined : plainAddress(address);
  }

  #credentialOf(facts: RequestFacts): Credential {
    if (this.#options.isOpen) return this.#anybody;
    const { authorization, ticket } = facts;
    const { authority } = this.#options;
    const attempt = this.attempt(facts);
    if (authorization !== undefined) {
      const token = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
      const credential = attempt(() => (token === undefined ? null : authority.ofToken(token)));
      if (credential) return credential;
      throw new FleettyError("auth_invalid", "this token is not valid here; fleetty token shows the root token");
    }
    if (ticket !== undefined) {
      const credential = attempt(() => authority.ofWsTicket(ticket));
      if (credential) return credential;
      throw new FleettyError("auth_required", "this ticket is unknown, used or expired; make another one");
    }
    // Whoever may not try is told so, with a credential or without.
    attempt(() => NOTHING_SHOWN);
    throw new FleettyError("auth_required", "a token is needed; send it as Authorization: Bearer …, never in the URL");
  }

  /** A rebinding attack always arrives under a name of the attacker's, so addresses are safe. */
  #isOwnName(name: string): boolean {
    return isIP(name) !== 0 || this.#names.has(name);
  }
}

const NOTHING_SHOWN = true;

/** Without port and brackets. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

function foreignOrigin(origin: string): FleettyError {
  return new FleettyError(
    "origin_not_allowed",
    `pages of ${JSON.stringify(origin.slice(0, 200))} may not speak to this server`,
  );
}

function rateLimited(fact: string, waitMs: number): FleettyError {
  const retryAfterMs = Math.ceil(waitMs);
  const message = `${fact}; try again in ${Math.ceil(retryAfterMs / 1_000)} s`;
  return new FleettyError("rate_limited", message, { retry_after_ms: retryAfterMs });
}
