// Decides where a client dials: a unix socket, as only Node can open one, or a URL.
import type { ConnectOptions } from "../connect-options.ts";
import { type TcpAddress, tcpAddress } from "../tcp-address.ts";

export interface UnixAddress {
  readonly kind: "unix";
  /** Absolute path of the socket. */
  readonly socket: string;
}

export type Address = UnixAddress | TcpAddress;

/** Throws as `tcpAddress` does. */
export function addressOf(options: ConnectOptions): Address {
  return "socket" in options ? { kind: "unix", socket: options.socket } : tcpAddress(options);
}
