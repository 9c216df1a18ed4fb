// Tells a request for a link from any other that wants to be upgraded. Pure.
import type { IncomingMessage } from "node:http";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";

/** Whether the dialler speaks the link: the sub-protocol is required. */
export function offersLink({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",");
  return offered.some((one) => one.trim() === LINK_PROTOCOL);
}
