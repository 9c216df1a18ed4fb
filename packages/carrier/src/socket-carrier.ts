// Puts a WebSocket under an end of a link. What is sent within one turn of the event loop goes to the kernel together:
// each write wakes the other process, which costs more than a frame. Knows frames only as bytes and text.
import type { Socket } from "node:net";
import type { Carrier } from "@fleetty/protocol/link";
import { SOCKET_HIGH_BYTES } from "@fleetty/protocol/stream/output-sender";
import type { RawData, WebSocket } from "ws";

export interface CarrierParts {
  readonly webSocket: WebSocket;
  /** The socket below it, which whoever dialled or was dialled has in hand. */
  readonly socket: Socket;
  /** A socket that held too much has sent enough of it: streams and long messages stopped at the same mark. */
  readonly onDrained: () => void;
}

export function carrierOver({ webSocket, socket, onDrained }: CarrierParts): Carrier {
  let isCorked = false;
  let isHigh = false;
  const uncork = () => {
    isCorked = false;
    socket.uncork();
  };
  const sent = () => {
    if (!isHigh || webSocket.bufferedAmount >= SOCKET_HIGH_BYTES) return;
    isHigh = false;
    onDrained();
  };
  return {
    send: (data) => {
      if (!isCorked) {
        isCorked = true;
        socket.cork();
        setImmediate(uncork);
      }
      webSocket.send(data, sent);
      isHigh ||= webSocket.bufferedAmount >= SOCKET_HIGH_BYTES;
    },
    bufferedBytes: () => webSocket.bufferedAmount,
    close: (code, reason) => webSocket.close(code, reason),
  };
}

/** What came in, as the ends of a link take it. `ws` hands text over as bytes and says that it is text. */
export function received(data: RawData, isBinary: boolean): string | Uint8Array {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  return isBinary ? bytes : bytes.toString("utf8");
}
