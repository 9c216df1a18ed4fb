// Decides what a proxy's headers say of a request: who really asks and over what. They count only as far as the addresses
// that wrote them are trusted, from the nearest one back; everything beyond could be the caller's own invention. Pure.
import { isIP } from "node:net";
import { IpNetwork } from "./ip-network.ts";
import { plainAddress } from "./peer-address.ts";

export interface Forwarded {
  readonly peer: string | undefined;
  /** X-Forwarded-For as it came: the nearest proxy wrote its end. */
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
}

export class TrustedProxies {
  readonly #trusted: readonly IpNetwork[];

  /** Addresses and CIDR networks. Throws RangeError naming one that is neither. */
  constructor(texts: readonly string[]) {
    this.#trusted = texts.map((text) => new IpNetwork(text));
  }

  /** Address of the caller: the first one from behind that is not a trusted proxy's. */
  callerOf({ peer, forwardedFor }: Forwarded): string | undefined {
    if (!this.#isTrusted(peer)) return peer;
    let address = peer;
    const before = (forwardedFor ?? "").split(",").map((one) => one.trim());
    while (this.#isTrusted(address)) {
      const next = before.pop();
      if (next === undefined || isIP(plainAddress(next)) === 0) return address;
      address = next;
    }
    return address;
  }

  /** What the caller speaks to the nearest proxy; null when none that is trusted says so. */
  schemeOf({ peer, forwardedProto }: Forwarded): "http" | "https" | null {
    if (!this.#isTrusted(peer)) return null;
    const last = forwardedProto?.split(",").at(-1)?.trim().toLowerCase();
    return last === "http" || last === "https" ? last : null;
  }

  #isTrusted(address: string | undefined): boolean {
    return address !== undefined && this.#trusted.some((network) => network.contains(address));
  }
}
