// Decides which addresses this server may dial, by the operator's allow and block lists. There is no built-in list: what is
// private or dangerous, the operator knows. Pure: whoever asks has resolved the name, and connects to nothing else.

import { isIP } from "node:net";
import { invariant } from "@fleetty/protocol/invariant";
import { IpNetwork } from "../auth/ip-network.ts";
import { isUnspecified, plainAddress, reachedAddress } from "../auth/peer-address.ts";

export interface IpAccessLists {
  /** Empty: every address that is not blocked. */
  readonly allowlist: readonly string[];
  readonly blocklist: readonly string[];
}

export interface Denial {
  readonly kind: "denied";
  /** As it was resolved. */
  readonly address: string;
  readonly rule: "unspecified" | "blocklist" | "allowlist";
  /** Entry of the blocklist that holds it; null under the other rules. */
  readonly network: string | null;
}

export type Verdict = { readonly kind: "allowed" } | Denial;

/** Translators' own addresses are never compared with the allowlist, so there an entry of them would mean nothing. */
const NAT64 = new IpNetwork("64:ff9b::/96");

export class IpAccess {
  readonly #allowed: readonly IpNetwork[];
  readonly #blocked: readonly IpNetwork[];

  /** Throws RangeError naming list and entry. */
  constructor({ allowlist, blocklist }: IpAccessLists) {
    this.#allowed = allowlist.map((text) => entry("allowlist", text));
    this.#blocked = blocklist.map((text) => entry("blocklist", text));
    const useless = this.#allowed.find(({ text }) => NAT64.contains(text.split("/")[0] as string));
    if (useless) {
      throw new RangeError(`allowlist: ${useless.text} stands for IPv4 addresses; write the IPv4 network instead`);
    }
  }

  /** Judges all addresses of one name: a single bad one denies it, so that the order of an answer decides nothing. */
  judge(addresses: readonly string[]): Verdict {
    for (const address of addresses) invariant(isIP(address) !== 0, `${address} is an IP address`);
    for (const address of addresses) {
      if (isUnspecified(address)) return { kind: "denied", address, rule: "unspecified", network: null };
    }
    for (const address of addresses) {
      const network = this.#blocked.find((one) => isIn(one, address));
      if (network) return { kind: "denied", address, rule: "blocklist", network: network.text };
    }
    const outside = addresses.find((address) => !this.#isAllowed(address));
    if (outside !== undefined) return { kind: "denied", address: outside, rule: "allowlist", network: null };
    return { kind: "allowed" };
  }

  #isAllowed(address: string): boolean {
    return this.#allowed.length === 0 || this.#allowed.some((network) => network.contains(reachedAddress(address)));
  }
}

/** What an operator is told: the address, and the rule that it meets. */
export function tellDenial({ address, rule, network }: Denial): string {
  if (rule === "unspecified") return `${address} stands for no machine`;
  return rule === "blocklist" ? `${address} is in ${network} of the blocklist` : `${address} is outside the allowlist`;
}

/** Both what is contacted and what it leads to are blocked. */
function isIn(network: IpNetwork, address: string): boolean {
  return network.contains(plainAddress(address)) || network.contains(reachedAddress(address));
}

function entry(list: keyof IpAccessLists, text: string): IpNetwork {
  try {
    return new IpNetwork(text);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${list}: ${cause.message}`, { cause });
  }
}
