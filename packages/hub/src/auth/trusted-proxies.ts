// Decides what a proxy's headers say of a request: who really asks and over what. They count only as far as the addresses
// that wrote them are trusted, from the nearest one back; everything beyond could be the caller's own invention. Pure.
import { BlockList, isIP } from "node:net";
import { plainAddress } from "./peer-address.ts";

export interface Forwarded {
  readonly peer: string | undefined;
  /** X-Forwarded-For as it came: the nearest proxy wrote its end. */
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
}

export class TrustedProxies {
  readonly #trusted = new BlockList();
  readonly #isEmpty: boolean;

  /** Addresses and CIDR networks. Throws RangeError naming one that is neither. */
  constructor(texts: readonly string[]) {
    this.#isEmpty = texts.length === 0;
    for (const text of texts) this.#add(text);
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
    if (this.#isEmpty) return false;
    const plain = plainAddress(address ?? "");
    const family = isIP(plain);
    return family !== 0 && this.#trusted.check(plain, family === 6 ? "ipv6" : "ipv4");
  }

  #add(text: string): void {
    const [address = "", bits, ...rest] = text.split("/");
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    const length = bits === undefined ? longest : Number(bits);
    const isUsable = family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits ?? "0") && length <= longest;
    if (!isUsable) throw new RangeError(`${JSON.stringify(text)} is no address and no network such as 10.0.0.0/8`);
    this.#trusted.addSubnet(address, length, family === 6 ? "ipv6" : "ipv4");
  }
}
