// Carries requests by `fetch`, and streams by the WebSocket of the platform: what a browser has. Decides nothing about what
// may be sent again: it sends nothing twice. Knows of operations the one that lets a page open a socket.
import { operations } from "@fleetty/protocol/operations";
import { requestForm } from "../request-form.ts";
import { type TcpAddress, webSocketUrl } from "../tcp-address.ts";
import {
  type HttpAnswer,
  type HttpRequest,
  type SocketRequest,
  type StreamedAnswer,
  type StreamedRequest,
  type Transport,
  TransportFailure,
} from "../transport.ts";
import { openWebSocket } from "./web-socket.ts";

export class FetchTransport implements Transport {
  readonly #target: TcpAddress;
  readonly #closed = new AbortController();

  constructor(target: TcpAddress) {
    this.#target = target;
  }

  get address(): string {
    return this.#target.url.origin;
  }

  async request({ signal, deadlineMs, ...request }: HttpRequest): Promise<HttpAnswer> {
    if (signal?.aborted) throw new TransportFailure("cancelled", false);
    const deadline = AbortSignal.timeout(deadlineMs);
    const ends = [deadline, this.#closed.signal, ...(signal ? [signal] : [])];
    try {
      const response = await this.#fetch(request, AbortSignal.any(ends));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes };
    } catch (cause) {
      if (signal?.aborted || this.#closed.signal.aborted) throw new TransportFailure("cancelled", true, { cause });
      if (deadline.aborted) throw new TransportFailure("timeout", true, { cause });
      // A page is not told whether anything was sent, or refused for its origin.
      throw new TransportFailure("untold", true, { cause });
    }
  }

  async stream({ signal, ...request }: StreamedRequest): Promise<StreamedAnswer> {
    if (signal.aborted) throw new TransportFailure("cancelled", false);
    try {
      const ends = AbortSignal.any([signal, this.#closed.signal]);
      const { status, headers, body } = await this.#fetch({ body: undefined, ...request }, ends);
      return { status, headers: Object.fromEntries(headers), body: body ? piecesOf(body) : noPieces() };
    } catch (cause) {
      const isOurs = signal.aborted || this.#closed.signal.aborted;
      throw new TransportFailure(isOurs ? "cancelled" : "untold", true, { cause });
    }
  }

  /** A page can send no header with an upgrade: a ticket, good for this one, stands for the token. */
  async openSocket(request: SocketRequest): Promise<HttpAnswer | undefined> {
    const { signal } = request;
    if (this.#target.token === undefined) return openWebSocket(webSocketUrl(this.#target, request.path), request);
    const row = operations["auth.ws_ticket"];
    const answer = await this.request({ ...requestForm(row, {}), signal, deadlineMs: row.deadlineMs + WAY_MS });
    const ticket = answer.status === row.status ? ticketIn(answer) : undefined;
    if (ticket === undefined) return answer;
    const mark = request.path.includes("?") ? "&" : "?";
    return openWebSocket(webSocketUrl(this.#target, `${request.path}${mark}ticket=${ticket}`), request);
  }

  #fetch(
    { method, path, headers, body }: Pick<HttpRequest, "method" | "path" | "headers" | "body">,
    signal: AbortSignal,
  ): Promise<Response> {
    const { url, prefix, token } = this.#target;
    return fetch(url.origin + prefix + path, {
      method,
      headers: { ...headers, ...(token && { authorization: `Bearer ${token.reveal()}` }) },
      ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
      signal,
      // Neither cookies nor a redirect to somewhere else: the server has none of them.
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
    });
  }

  /** As with kept connections that are closed: requests under way end. */
  close(): void {
    this.#closed.abort();
  }
}

/** Time for the way there and back. */
const WAY_MS = 5_000;

/** Not every browser iterates over a stream by itself. */
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    reader.releaseLock();
  }
}

async function* noPieces(): AsyncGenerator<Uint8Array, void, undefined> {}

/** Undefined when whatever answered is no fleetty server. */
function ticketIn({ body }: HttpAnswer): string | undefined {
  try {
    const { ticket } = JSON.parse(new TextDecoder().decode(body));
    return typeof ticket === "string" ? encodeURIComponent(ticket) : undefined;
  } catch {
    return undefined;
  }
}
