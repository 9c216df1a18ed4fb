// Says how TCP listeners let callers in, and makes the admission of each: the rules are the operator's and the same for
// all, but what is counted by default depends on who can reach the address. Opens nothing.
import { TcpAdmission } from "../auth/admission.ts";
import type { Authority } from "../auth/authority.ts";
import { CrossOrigin } from "../auth/cross-origin.ts";
import { FailedAttempts } from "../auth/failed-attempts.ts";
import { isLoopback } from "../auth/peer-address.ts";
import { RequestRate } from "../auth/request-rate.ts";
import type { TrustedProxies } from "../auth/trusted-proxies.ts";

/** A certificate chain and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface AccessRules {
  /** Names beside the server's own that requests may be made to, in lower case. */
  readonly allowedHosts: readonly string[];
  /** Origins beside the server's own whose pages may speak to it. */
  readonly allowedOrigins: readonly string[];
  readonly proxies: TrustedProxies;
  /** Path below which every route lies: `""` or `/base`. */
  readonly basePrefix: string;
  /** Whether TCP is open to everybody; the operator's word, on loopback alone. */
  readonly isOpen: boolean;
  /** Requests per second and principal on TCP; null for the default. */
  readonly rateLimit: number | null;
  /** TCP connections at once, over all listeners. */
  readonly connectionsMax: number;
  /** With it TCP speaks TLS. */
  readonly certificate: Certificate | null;
}

/** Where others than this machine's own programs can reach the server (public contract, authentication). */
const RATE_BEYOND_LOOPBACK = 100;

export interface TcpAdmissionParts {
  readonly authority: Authority;
  readonly hostname: string;
  readonly access: AccessRules;
}

/** Makes the admission of each listener by its host; what is counted by address or principal is counted over all of them. */
export function tcpAdmissions({ authority, hostname, access }: TcpAdmissionParts): (host: string) => TcpAdmission {
  const { rateLimit, allowedHosts, proxies, isOpen, certificate } = access;
  const failures = new FailedAttempts();
  const crossOrigin = new CrossOrigin(access.allowedOrigins);
  const rate = new RequestRate(rateLimit ?? RATE_BEYOND_LOOPBACK);
  return (host) =>
    new TcpAdmission({
      authority,
      hostname,
      allowedHosts,
      crossOrigin,
      proxies,
      failures,
      rate: rateLimit === null && isLoopback(host) ? null : rate,
      isEncrypted: certificate !== null,
      isOpen,
    });
}
