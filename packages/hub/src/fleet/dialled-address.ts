// Decides where a member is dialled: at an address like everybody's, or at a unix socket of this machine, which the operator
// alone can name. Gives sockets one normal form, too, so that two spellings are one member. Looks at no file.
import { FleettyError } from "@fleetty/protocol/errors";
import { SOCKET_PATH_MAX_BYTES } from "@fleetty/protocol/runtime-paths";
import { type MemberAddress, readMemberAddress } from "./member-address.ts";

export interface SocketAddress {
  readonly scheme: "unix";
  /** Absolute, without a `.`, `..` or nothing between slashes. */
  readonly path: string;
  /** The one normal form, by which addresses are compared: `unix:/path/link.sock`. */
  readonly text: string;
}

export type DialledAddress = MemberAddress | SocketAddress;

const EXAMPLE = "unix:/run/fleetty/link.sock";
/** `unix:/path`, also spelled `unix:///path`. */
const FORM = /^unix:(?:\/\/(?=\/))?(.*)$/is;

/** Throws `invalid_request` for the field `address`, as `readMemberAddress` does for all but sockets. */
export function readDialledAddress(text: string): DialledAddress {
  const path = FORM.exec(text)?.[1];
  if (path === undefined) return readMemberAddress(text);
  const problem = pathProblem(path);
  if (problem !== null) throw new FleettyError("invalid_request", `address ${problem}`, { field: "address" });
  const normal = `/${segmentsOf(path).join("/")}`;
  return Object.freeze({ scheme: "unix", path: normal, text: `unix:${normal}` });
}

/** Null for what is no address. */
export function asAddress(reference: string): DialledAddress | null {
  if (!/^(https?|unix):/i.test(reference)) return null;
  try {
    return readDialledAddress(reference);
  } catch {
    return null;
  }
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}

/** What leads elsewhere than it seems to is refused, not repaired. */
function pathProblem(path: string): string | null {
  if (!path.startsWith("/")) return `names the socket by no absolute path; write it as ${EXAMPLE}`;
  if (path.startsWith("//")) return `names a machine before the socket's path; write it as ${EXAMPLE}`;
  if (/[\s\p{Cc}\\]/u.test(path)) return "holds a blank, a control character or a backslash; leave it out";
  if (path.split("/").includes("..")) return "holds .. in the socket's path; write where it really lies";
  if (/\/\.?$/.test(path)) return `ends as a folder does; name the socket in it, as in ${EXAMPLE}`;
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX_BYTES) return null;
  return `names a socket by more than ${SOCKET_PATH_MAX_BYTES} bytes, which no kernel takes; move it to a shorter path`;
}
