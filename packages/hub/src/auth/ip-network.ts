// Holds an address or a network as an operator writes it, and tells which addresses lie in it. The two families stay apart:
// `::/0` is all of IPv6 and nothing of IPv4, and an IPv4 address written as IPv6 is the IPv4 one on both sides. Pure.
import { BlockList, isIP } from "node:net";
import { plainAddress } from "./peer-address.ts";

/** Bits before the IPv4 address in a mapped one (RFC 4291, 2.5.5.2). */
const MAPPED_BITS = 96;

export class IpNetwork {
  /** As it was written. */
  readonly text: string;
  readonly #family: "ipv4" | "ipv6";
  readonly #network = new BlockList();

  /** An address or a network in CIDR form. Throws RangeError naming a text that is neither. */
  constructor(text: string) {
    const [written = "", bits, ...rest] = text.split("/");
    const longest = isIP(written) === 6 ? 128 : 32;
    const length = bits === undefined ? longest : Number(bits);
    const isUsable =
      isIP(written) !== 0 &&
      !written.includes("%") &&
      rest.length === 0 &&
      /^\d{1,3}$/.test(bits ?? "0") &&
      length <= longest;
    if (!isUsable) throw new RangeError(`${JSON.stringify(text)} is no address and no network such as 10.0.0.0/8`);
    const isMapped = isIP(written) !== isIP(plainAddress(written)) && length >= MAPPED_BITS;
    this.text = text;
    this.#family = longest === 32 || isMapped ? "ipv4" : "ipv6";
    this.#network.addSubnet(
      isMapped ? plainAddress(written) : written,
      isMapped ? length - MAPPED_BITS : length,
      this.#family,
    );
  }

  /** False for a text that is no address. */
  contains(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
    // BlockList takes an IPv4 address for the mapped one, which `::/0` holds; and throws for what is no address.
    return isIP(plain) !== 0 && family === this.#family && this.#network.check(plain, family);
  }
}
