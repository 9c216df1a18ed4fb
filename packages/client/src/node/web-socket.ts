// Opens the WebSocket of a stream with `ws`, over a unix socket or TCP. Node only. Decides when a silent connection is
// given up. Knows no frame.
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { type ClientOptions, WebSocket } from "ws";
import { webSocketUrl } from "../tcp-address.ts";
import { type HttpAnswer, type SocketRequest, type StreamSocket, TransportFailure } from "../transport.ts";
import type { Address } from "./address.ts";
import { isDistrust } from "./distrust.ts";

/** After so long without a word the other end is asked for one, well before routers forget a quiet connection (60 s). */
const ASK_AFTER_MS = 20_000;
/** Without an answer for so long the connection is gone: half-open, or its server is frozen. */
const ANSWER_WITHIN_MS = 10_000;
/**
 * Longest message. A snapshot is one frame: two buffers of 250 000 cells (public limits), each with two colours (35 bytes)
 * and a character with marks, come to less.
 */
const MESSAGE_MAX_BYTES = 64 * 1024 * 1024;
/** Longest upgrade: a server that is frozen answers nothing. */
const HANDSHAKE_MAX_MS = 15_000;
/** Longest closing handshake, for the same reason. */
const CLOSE_MAX_MS = 1_000;

/** Resolves once the socket is open, or with the HTTP answer that refused it. Throws TransportFailure. */
export async function openWebSocket(address: Address, request: SocketRequest): Promise<HttpAnswer | undefined> {
  if (request.signal.aborted) throw new TransportFailure("cancelled", false);
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer | undefined>();
  const socket = new WebSocket(urlOf(address, request.path), protocols(request), optionsOf(address));
  const abandon = () => socket.terminate();
  request.signal.addEventListener("abort", abandon, { once: true });
  const settled = () => request.signal.removeEventListener("abort", abandon);
  socket.on("open", () => {
    settled();
    request.events.opened(new OpenSocket(socket, request));
    resolve(undefined);
  });
  socket.on("unexpected-response", (_, response) => void readAnswer(response).then(resolve, reject));
  // `close` follows every error, and after `open` it is all that the owner needs to know.
  socket.on("error", (cause) =>
    reject(new TransportFailure(isDistrust(cause) ? "untrusted" : "unreachable", false, { cause })),
  );
  socket.on("close", () => reject(new TransportFailure("connection_lost", false)));
  return promise.finally(settled);
}

function protocols({ protocol }: SocketRequest): string[] {
  return protocol === null ? [] : [protocol];
}

class OpenSocket implements StreamSocket {
  readonly #socket: WebSocket;
  #silence: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, { events, signal }: SocketRequest) {
    this.#socket = socket;
    this.#heard();
    const end = () => this.close();
    signal.addEventListener("abort", end, { once: true });
    socket.on("ping", () => this.#heard()).on("pong", () => this.#heard());
    socket.on("message", (data: Buffer, isBinary) => {
      this.#heard();
      events.frame(isBinary ? data : data.toString("utf8"));
    });
    socket.on("close", (code, reason) => {
      clearTimeout(this.#silence);
      signal.removeEventListener("abort", end);
      events.closed(code, reason.toString("utf8"));
    });
  }

  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ask(), ASK_AFTER_MS);
  }

  #ask(): void {
    this.#socket.ping();
    this.#silence = setTimeout(() => this.#socket.terminate(), ANSWER_WITHIN_MS);
  }
}

function urlOf(address: Address, path: string): string {
  return address.kind === "unix" ? `ws://localhost${path}` : webSocketUrl(address, path);
}

function optionsOf(address: Address): ClientOptions {
  const common = {
    maxPayload: MESSAGE_MAX_BYTES,
    handshakeTimeout: HANDSHAKE_MAX_MS,
    closeTimeout: CLOSE_MAX_MS,
    perMessageDeflate: false,
  };
  if (address.kind === "unix") return { ...common, createConnection: () => connect(address.socket) };
  return {
    ...common,
    ...(address.ca !== undefined && { ca: address.ca }),
    ...(address.token !== undefined && { headers: { authorization: `Bearer ${address.token.reveal()}` } }),
  };
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: {}, body: Buffer.concat(chunks) };
}
