// Says what the client needs of whatever carries it: one request, one answer, and one socket of frames. Knows no operation.
import type { HttpMethod } from "@fleetty/protocol/operations/operation";

/** One HTTP request; `path` is absolute and encoded, `body` undefined when there is none. */
export interface HttpRequest {
  readonly method: HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long the answer may take, in ms. */
  readonly deadlineMs: number;
}

/** Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A request whose answer comes for as long as it takes, until `signal` aborts. */
export interface StreamedRequest extends Pick<HttpRequest, "method" | "path" | "headers"> {
  readonly signal: AbortSignal;
  readonly body?: string | undefined;
  /** Whether the answer is soon whole, so that its connection may be kept for the next request. */
  readonly isBrief?: boolean;
}

export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Throws when the connection is lost. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** What a stream socket tells its owner: `opened` before any frame, `closed` last, and nothing when it was refused. */
export interface SocketEvents {
  opened(socket: StreamSocket): void;
  frame(data: string | Uint8Array): void;
  closed(code: number, reason: string): void;
}

/** An open WebSocket as the stream sees it. Sending after it has closed does nothing: its owner sends again later. */
export interface StreamSocket {
  send(data: string | Uint8Array): void;
  close(): void;
}

export interface SocketRequest {
  readonly path: string;
  /** Sub-protocol; null: none. */
  readonly protocol: string | null;
  readonly events: SocketEvents;
  readonly signal: AbortSignal;
}

export interface Transport {
  /** The address for messages: `/run/…/default.http.sock` or `https://hub-1:7337`. */
  readonly address: string;
  /** Throws TransportFailure, or FleettyError when nothing may be sent at all. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Resolves when the head of the answer is there, whatever its status. Throws as `request` does. */
  stream(request: StreamedRequest): Promise<StreamedAnswer>;
  /**
   * Resolves with nothing once the socket is open, or with the answer that refused the upgrade. Throws as `request` does,
   * `untold` where there may have been such an answer.
   */
  openSocket(request: SocketRequest): Promise<HttpAnswer | undefined>;
  close(): void;
}

/**
 * Why there is no answer. `untrusted`: the certificate of whoever answered there does not convince. `untold`: a browser
 * keeps it from its page, which may also have been refused.
 */
export type FailureReason = "unreachable" | "untrusted" | "connection_lost" | "timeout" | "cancelled" | "untold";

/** No answer came; `sent` is whether the other end may have seen the request. */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly reason: FailureReason;
  readonly sent: boolean;

  constructor(reason: FailureReason, sent: boolean, options?: { cause?: unknown }) {
    super(`no answer: ${reason}`, options);
    this.reason = reason;
    this.sent = sent;
  }
}
