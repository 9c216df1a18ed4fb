// Opens the WebSocket of a stream with what the platform has. Decides when an upgrade has taken too long. A browser neither
// tells why one was refused nor can ask a silent connection whether it is still there; the server asks every 30 s, which it
// answers by itself. Knows no frame.
import { type SocketRequest, type StreamSocket, TransportFailure } from "../transport.ts";

/** Longest upgrade: a server that is frozen answers nothing. */
const HANDSHAKE_MAX_MS = 15_000;

/** Resolves once the socket is open. Throws TransportFailure, `untold` where it was refused. */
export async function openWebSocket(url: string, { protocol, events, signal }: SocketRequest): Promise<undefined> {
  if (signal.aborted) throw new TransportFailure("cancelled", false);
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = dial(url, protocol);
  const leave = () => socket.close(1000);
  const timer = setTimeout(leave, HANDSHAKE_MAX_MS);
  let isOpen = false;
  signal.addEventListener("abort", leave, { once: true });
  socket.onopen = () => {
    isOpen = true;
    clearTimeout(timer);
    events.opened(new OpenSocket(socket));
    resolve(undefined);
  };
  socket.onmessage = ({ data }) => events.frame(typeof data === "string" ? data : new Uint8Array(data));
  // Follows every error too, and no opening when that failed.
  socket.onclose = ({ code, reason }) => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    if (isOpen) events.closed(code, reason);
    else reject(new TransportFailure(signal.aborted ? "cancelled" : "untold", false));
  };
  return promise;
}

/** A browser refuses at once what the page may not dial at all, such as ws from https. */
function dial(url: string, protocol: string | null): WebSocket {
  try {
    const socket = new WebSocket(url, protocol === null ? [] : [protocol]);
    socket.binaryType = "arraybuffer";
    return socket;
  } catch (cause) {
    throw new TransportFailure("untold", false, { cause });
  }
}

class OpenSocket implements StreamSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
  }

  close(): void {
    this.#socket.close(1000);
  }
}
