// How a socket becomes that of a link where it is dialled: who asks for one, and what its WebSocket is. Knows not who may have one.
import type { IncomingMessage } from "node:http";
import { FRAME_MAX_BYTES, LINK_PROTOCOL } from "@fleetty/protocol/link";
import { WebSocketServer } from "ws";

/** Whether the dialler speaks the link: the sub-protocol is required. */
export function offersLink({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",");
  return offered.some((one) => one.trim() === LINK_PROTOCOL);
}

/** Makes WebSockets of what a server of the caller's upgrades: no compression, no frame that is longer than those of links. */
export function linkSockets(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(LINK_PROTOCOL) ? LINK_PROTOCOL : false),
  });
}
