// The transport where a browser runs the client; `#transport` of package.json names it. Decides which ways in a page has not.
import { FleettyError } from "@fleetty/protocol/errors";
import type { ConnectOptions } from "../connect-options.ts";
import { tcpAddress } from "../tcp-address.ts";
import type { Transport } from "../transport.ts";
import { FetchTransport } from "./fetch-transport.ts";

/** Throws `unsupported` for what only Node can do, and `invalid_request` for an address or a token that is none. */
export function openTransport(options: ConnectOptions): Transport {
  if ("socket" in options) throw nodeOnly("a page cannot open a unix socket; give the server's url");
  if (options.ca !== undefined) throw nodeOnly("the browser decides whom it trusts; leave ca out");
  return new FetchTransport(tcpAddress(options));
}

function nodeOnly(message: string): FleettyError {
  return new FleettyError("unsupported", message, { may_have_run: false });
}
