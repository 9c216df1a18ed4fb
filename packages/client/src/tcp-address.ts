// Decides where a client dials over HTTP, from what its user wrote. Runs anywhere; knows no transport.
import { FleettyError } from "@fleetty/protocol/errors";
import { Secret } from "@fleetty/protocol/secret";
import type { UrlOptions } from "./connect-options.ts";

export interface TcpAddress {
  readonly kind: "tcp";
  readonly url: URL;
  /** Path below which the server's routes lie, without a final slash: `""` or `/base`. */
  readonly prefix: string;
  readonly token: Secret | undefined;
  /** Certificates to trust instead of the system's, in PEM. */
  readonly ca: string | undefined;
}

/** Throws `invalid_request` for a URL that is none, or that carries a secret in it, and for a token that is none. */
export function tcpAddress(options: UrlOptions): TcpAddress {
  const url = URL.parse(options.url);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw refusal(`${JSON.stringify(options.url)} is not the address of a server; write http://host:port or https://…`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw refusal("a server's address carries no user, query or fragment; give the token on its own");
  }
  return { kind: "tcp", url, prefix: url.pathname.replace(/\/+$/, ""), token: tokenOf(options), ca: options.ca };
}

/** Where a WebSocket of that path is dialled. */
export function webSocketUrl({ url, prefix }: TcpAddress, path: string): string {
  return `${url.origin.replace(/^http/, "ws")}${prefix}${path}`;
}

/** What a header can carry as one word, so that what is sent is what was given. */
const TOKEN = /^[\x21-\x7e]+$/;

function tokenOf({ token }: UrlOptions): Secret | undefined {
  if (token === undefined || TOKEN.test(token)) return token === undefined ? undefined : new Secret(token);
  const fact = token === "" ? "is empty" : "has blanks or characters that no token has";
  throw new FleettyError("invalid_request", `the token ${fact}; look where it comes from`, {
    field: "token",
    may_have_run: false,
  });
}

function refusal(message: string): FleettyError {
  return new FleettyError("invalid_request", message, { field: "url", may_have_run: false });
}
