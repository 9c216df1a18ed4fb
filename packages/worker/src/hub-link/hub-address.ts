// Decides what is the address of a hub that a worker dials, in both spellings, and gives it one normal form. Beyond this
// machine there is none without TLS. Pure; resolves nothing.
import { BlockList, isIP } from "node:net";
import { FleettyError } from "@fleetty/protocol/errors";

export interface HubAddress {
  /** `https://hub-1:7337/prefix`, without a slash at its end. */
  readonly text: string;
  /** The WebSocket that is dialled. */
  readonly url: string;
}

const SCHEMES: Readonly<Record<string, "http" | "https">> = {
  "http:": "http",
  "https:": "https",
  "ws:": "http",
  "wss:": "https",
};

const thisMachine = new BlockList();
thisMachine.addSubnet("127.0.0.0", 8);
thisMachine.addAddress("::1", "ipv6");

/** `https://hub:7337`, also as the WebSocket itself: `wss://hub:7337/workers`. Throws `invalid_request`. */
export function readHubAddress(text: string): HubAddress {
  const url = URL.parse(text);
  const scheme = SCHEMES[url?.protocol ?? ""];
  if (!url || !scheme || url.hostname === "") throw unusable(text, "write it as https://hub-1:7337");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw unusable(`${scheme}://${url.host}`, "leave out everything but host, port and a path");
  }
  if (scheme === "http" && !isThisMachine(url.hostname)) {
    throw unusable(text, "a hub on another machine is dialled by https:// alone");
  }
  const path = url.pathname.replace(/\/+$/, "");
  const prefix = url.protocol.startsWith("ws") ? path.replace(/\/workers$/, "") : path;
  const place = `${url.host}${prefix}`;
  return { text: `${scheme}://${place}`, url: `${scheme === "http" ? "ws" : "wss"}://${place}/workers` };
}

function isThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(host);
  return family === 0 ? host === "localhost" : thisMachine.check(host, family === 6 ? "ipv6" : "ipv4");
}

function unusable(text: string, advice: string): FleettyError {
  const message = `${JSON.stringify(text.slice(0, 200))} is no address of a hub; ${advice}`;
  return new FleettyError("invalid_request", message, { field: "join" });
}
