// Decides what an IP address stands for, however it is spelled, and what of a peer's address counts as one caller: an IPv4
// address, or the /64 network of an IPv6 one, since whoever has one address there has them all (RFC 6177). Pure.
import { isIP } from "node:net";

/** Groups that stand before an IPv4 address: IPv6 sockets of one machine (RFC 4291, 2.5.5.2), and translators (RFC 6052). */
const MAPPED = "0:0:0:0:0:ffff";
const NAT64 = "64:ff9b:0:0:0:0";

/** An IPv4 address that came as IPv6 (`::ffff:10.0.0.1`) is the IPv4 one; zones are left out. */
export function plainAddress(address: string): string {
  const [bare = ""] = address.split("%");
  return embeddedIn(bare, MAPPED) ?? bare;
}

/** The address at which a connection to `address` ends: a NAT64 one (`64:ff9b::10.0.0.1`) is made to the IPv4 one. */
export function reachedAddress(address: string): string {
  const plain = plainAddress(address);
  return embeddedIn(plain, NAT64) ?? plain;
}

/** Whether `address` stands for no machine: `0.0.0.0` and `::`, which a system takes for itself. */
export function isUnspecified(address: string): boolean {
  const reached = reachedAddress(address);
  if (isIP(reached) === 6) return groupsOf(reached).every((group) => group === "0");
  return reached === "0.0.0.0";
}

/** The IPv4 address behind the six groups `before`; null in all other addresses. */
function embeddedIn(address: string, before: string): string | null {
  if (isIP(address) !== 6) return null;
  const groups = groupsOf(address);
  if (groups.slice(0, 6).join(":") !== before) return null;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join(".");
}

/** Key under which attempts from `address` are counted. */
export function countedAs(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  return `${groupsOf(plain).slice(0, 4).join(":")}::/64`;
}

/** Eight groups without leading zeros. */
function groupsOf(address: string): string[] {
  const [before = "", after] = address.split("::");
  const left = groups(before);
  if (after === undefined) return left;
  const right = groups(after);
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
}

/** An IPv4 address at the end stands for two groups. */
function groups(text: string): string[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16).toString(16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

/** Whether only this machine can reach a listener at `host`. */
export function isLoopback(host: string): boolean {
  const plain = plainAddress(host);
  if (isIP(plain) === 4) return plain.startsWith("127.");
  if (isIP(plain) === 6) return groupsOf(plain).join(":") === "0:0:0:0:0:0:0:1";
  return plain.toLowerCase() === "localhost";
}
