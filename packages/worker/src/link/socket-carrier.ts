// Puts a WebSocket under an end of a link. Knows frames only as bytes and text.
import type { Carrier } from "@fleetty/protocol/link";
import type { RawData, WebSocket } from "ws";

export function carrierOver(socket: WebSocket): Carrier {
  return {
    send: (data) => socket.send(data),
    bufferedBytes: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
  };
}

/** What came in, as the ends of a link take it. `ws` hands text over as bytes and says that it is text. */
export function received(data: RawData, isBinary: boolean): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  return isBinary ? bytes : bytes.toString("utf8");
}
