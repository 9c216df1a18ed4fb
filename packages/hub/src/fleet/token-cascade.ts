// Decides which token a member is sent when it is dialled: its own, else the one that several share, where the operator has
// listed it and nobody on the way can read it; else none. Pure. This server's own token is not known here.
import type { Secret } from "@fleetty/protocol/secret";
import { IpNetwork } from "../auth/ip-network.ts";
import { isLoopback } from "../auth/peer-address.ts";
import type { MemberAddress } from "./member-address.ts";

/** A hostname, or all below one: `*.build.example`. */
const NAME = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** A connection that is open, as the one who dials knows it. */
export interface Contact {
  readonly address: MemberAddress;
  /** The IP address that was contacted. */
  readonly contacted: string;
}

export class SharedToken {
  readonly #secret: Secret;
  readonly #networks: readonly IpNetwork[];
  readonly #names: readonly string[];

  /** `listed`: addresses, networks, and names as members are registered by. Throws RangeError naming the bad one. */
  constructor(secret: Secret, listed: readonly string[]) {
    const lower = listed.map((text) => text.toLowerCase());
    this.#secret = secret;
    this.#names = lower.filter(isName);
    this.#networks = lower.filter((text) => !isName(text)).map(networkOf);
  }

  /** Null for whoever is not listed, and where it would go beyond this machine in plain text. */
  for({ address, contacted }: Contact): Secret | null {
    const isListed =
      this.#names.some((name) => isNamed(address.host, name)) ||
      this.#networks.some((network) => network.contains(contacted));
    const isUnread = address.scheme === "https" || isLoopback(contacted);
    return isListed && isUnread ? this.#secret : null;
  }
}

/** The first of the cascade that there is. `own`: the member's; null or empty is none. */
export function tokenFor(own: Secret | null, shared: SharedToken | null, contact: Contact): Secret | null {
  return own !== null && own.reveal() !== "" ? own : (shared?.for(contact) ?? null);
}

/** Digits and dots alone, or a colon, are an address or a bad one. */
function isName(text: string): boolean {
  return NAME.test(text) && !/^[\d.]+$/.test(text);
}

function isNamed(host: string, name: string): boolean {
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name;
}

function networkOf(text: string): IpNetwork {
  try {
    return new IpNetwork(text);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const problem = `${JSON.stringify(text)} is no address, no network such as 10.0.1.0/24, and no name such as *.build.example`;
    throw new RangeError(problem, { cause });
  }
}
