// The transport where Node runs the client; `#transport` of package.json names it. Node only.
import type { ConnectOptions } from "../connect-options.ts";
import type { Transport } from "../transport.ts";
import { addressOf } from "./address.ts";
import { HttpTransport } from "./http-transport.ts";

/** Throws `invalid_request` for an address or a token that is none. */
export function openTransport(options: ConnectOptions): Transport {
  return new HttpTransport(addressOf(options));
}
