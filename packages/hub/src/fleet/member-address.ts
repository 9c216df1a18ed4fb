// Decides what is the address of a member server, and gives it one normal form, so that two spellings are one member. It
// knows no list of who may be dialled and resolves nothing. What is odd is refused rather than repaired: URL drops tabs,
// turns backslashes and resolves dots, and whoever reads the address elsewhere may do otherwise.

import { isIP } from "node:net";
import { FleettyError } from "@fleetty/protocol/errors";
import { isLoopback, isUnspecified, plainAddress } from "../auth/peer-address.ts";

export interface MemberAddress {
  readonly scheme: "http" | "https";
  /** A name in lower case without a dot at its end, or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Path below which everything lies, without a slash at its end; empty at the root. Its case counts. */
  readonly prefix: string;
  /** The one normal form, by which addresses are compared. */
  readonly text: string;
  /** What is dialled: the WebSocket of the link. */
  readonly linkUrl: string;
  /** As it is written; where a name leads is known when it is resolved. */
  readonly isLoopback: boolean;
}

/** Longer than every useful one, and short enough for a path that names it percent-encoded. */
const TEXT_MAX_CHARACTERS = 1024;
/** Of a name (RFC 1035, 2.3.4), dots included. */
const NAME_MAX_CHARACTERS = 253;
const PORT_MAX = 65_535;
const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/** Scheme, authority, path; query and fragment when there is so much as their mark. */
const FORM = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/i;
/** Host and port of an authority. */
const AUTHORITY = /^(\[[^[\]]*\]|[^:[\]]*)(?::([^:]*))?$/;
/** Names of machines and of containers, whose names have underscores. */
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
/** What a segment may hold as it is (RFC 3986, 3.3): nothing encoded, so that there is one spelling. */
const PREFIX = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)*$/;

const EXAMPLE = "http://10.0.1.10:7337 or https://proxy.example/node-1";

/** Throws `invalid_request` for the field `address`; what might be a secret is not repeated in it. */
export function readMemberAddress(text: string | undefined): MemberAddress {
  const read = parsed(text ?? "");
  if (typeof read !== "string") return read;
  throw new FleettyError("invalid_request", `address ${read}`, { field: "address" });
}

/** The address, or what is wrong with it. */
function parsed(text: string): MemberAddress | string {
  if (text === "") return `is missing; give one such as ${EXAMPLE}`;
  if (text.length > TEXT_MAX_CHARACTERS) return `has more than ${TEXT_MAX_CHARACTERS} characters; give a shorter one`;
  if (/[\s\p{Cc}\\]/u.test(text)) return "holds a blank, a control character or a backslash; leave it out";
  const form = FORM.exec(text);
  if (!form) return schemeless(text);
  const [, written = "", authority = "", path = "", query, fragment] = form;
  const scheme = written.toLowerCase();
  if (authority.includes("@")) return "holds user information before an @; give the member's token beside the address";
  if (query !== undefined) return "holds a query; leave out everything from the ? on";
  if (fragment !== undefined) return "holds a fragment; leave out everything from the # on";
  if (scheme !== "http" && scheme !== "https") return `begins with ${scheme}:; a member is reached by http: or https:`;
  const [, hostText = "", portText] = AUTHORITY.exec(authority) ?? [];
  if (hostText === "") return hostless(authority);
  const problem = hostProblem(hostText) ?? portProblem(portText) ?? prefixProblem(path);
  if (problem !== null) return problem;
  const port = portText === undefined ? DEFAULT_PORTS[scheme] : Number(portText);
  return normal({ scheme, host: hostOf(hostText) as string, port, prefix: path.replace(/\/$/, "") });
}

function normal(parts: Pick<MemberAddress, "scheme" | "host" | "port" | "prefix">): MemberAddress {
  const { scheme, host, port, prefix } = parts;
  const bracketed = isIP(host) === 6 ? `[${host}]` : host;
  const place = `${bracketed}${port === DEFAULT_PORTS[scheme] ? "" : `:${port}`}${prefix}`;
  const linkUrl = `${scheme === "http" ? "ws" : "wss"}://${place}/link`;
  return Object.freeze({ ...parts, text: `${scheme}://${place}`, linkUrl, isLoopback: isLoopback(host) });
}

/** Offers the address that is probably meant, when it would be one. */
function schemeless(text: string): string {
  if (/^unix:/i.test(text) && text.includes("/")) return "begins with unix:; name sockets in the configuration file";
  const [, scheme = "http", rest] = /^(?:(https?):)?\/*(.*)$/i.exec(text) ?? [];
  const meant = parsed(`${scheme}://${rest}`);
  return `has no scheme; write ${typeof meant === "string" ? `one such as ${EXAMPLE}` : meant.text}`;
}

function hostless(authority: string): string {
  if (/^(:[^:]*)?$/.test(authority)) return `names no host; give one such as ${EXAMPLE}`;
  return "holds colons or brackets out of place; write IPv6 addresses as in http://[2001:db8::1]:7337";
}

/** As the URL standard reads it: numbers in any notation become an address, other scripts become ASCII. */
function hostOf(text: string): string | null {
  const hostname = URL.parse(`http://${text}/`)?.hostname;
  if (!hostname) return null;
  return plainAddress(hostname.replace(/^\[(.*)\]$/, "$1")).replace(/\.$/, "");
}

function hostProblem(text: string): string | null {
  if (text.includes("%")) return "holds a % in its host; write the host plainly, without a zone";
  const host = hostOf(text);
  const called = JSON.stringify(text.slice(0, 80));
  if (host === null) return `names the host ${called}, which is neither a name nor an address; correct it`;
  if (isIP(host) !== 0) {
    if (!isUnspecified(host)) return null;
    return `names ${called}, which stands for no machine; name the one that is meant, such as 127.0.0.1`;
  }
  const isName = host.length <= NAME_MAX_CHARACTERS && host.split(".").every((label) => LABEL.test(label));
  return isName ? null : `names the host ${called}, which is no name of a machine; correct it`;
}

function portProblem(text: string | undefined): string | null {
  if (text === undefined) return null;
  const isPort = /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= PORT_MAX;
  return isPort ? null : `has the port ${JSON.stringify(text.slice(0, 20))}; write a number from 1 to ${PORT_MAX}`;
}

function prefixProblem(path: string): string | null {
  if (PREFIX.test(path.replace(/\/$/, ""))) return null;
  return "has a path that is no prefix such as /node-1: no dots or nothing between slashes, nothing encoded; correct it";
}
