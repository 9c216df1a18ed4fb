// One HTTP request and its answer by node:http(s). Decides whether the other end may have seen a request that failed:
// it may as soon as there is a connection. Knows no operation and no retry.
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { type FailureReason, type HttpAnswer, type HttpRequest, TransportFailure } from "../transport.ts";
import { isDistrust } from "./distrust.ts";

type RequestFunction = (options: RequestOptions) => ClientRequest;

/** A connection that was kept open and turned out to be closed: the request can be tried on a new one if it reads. */
export class StaleConnection extends TransportFailure {}

export class Exchange {
  readonly #request: ClientRequest;
  readonly #result = Promise.withResolvers<HttpAnswer>();
  #sent = false;
  #reason: FailureReason = "connection_lost";

  constructor(send: RequestFunction, options: RequestOptions, body: HttpRequest["body"]) {
    this.#request = send(options);
    this.#request.on("socket", (socket) => {
      // Over TLS nothing is sent before both have shaken hands.
      if (!socket.connecting) this.#sent = true;
      else socket.once("encrypted" in socket ? "secureConnect" : "connect", () => (this.#sent = true));
    });
    this.#request.on("response", (response) => this.#read(response));
    this.#request.on("error", (error) => this.#fail(error));
    this.#request.end(body);
  }

  /** Throws TransportFailure. */
  async run(deadlineMs: number, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const cancel = () => this.#stop("cancelled");
    const timer = setTimeout(() => this.#stop("timeout"), deadlineMs);
    signal?.addEventListener("abort", cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      return await this.#result.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    }
  }

  #stop(reason: FailureReason): void {
    this.#reason = reason;
    this.#request.destroy();
    this.#fail(undefined);
  }

  #read(response: IncomingMessage): void {
    const chunks: Uint8Array[] = [];
    response.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    response.on("error", (error) => this.#fail(error));
    response.on("end", () => {
      const { statusCode = 0, headers } = response;
      this.#result.resolve({ status: statusCode, headers: plainHeaders(headers), body: Buffer.concat(chunks) });
    });
  }

  #fail(cause: unknown): void {
    if (this.#reason !== "connection_lost") {
      this.#result.reject(new TransportFailure(this.#reason, this.#sent, { cause }));
    } else if (!this.#sent) {
      const reason = isDistrust(cause) ? "untrusted" : "unreachable";
      this.#result.reject(new TransportFailure(reason, false, { cause }));
    } else {
      const Failure = this.#request.reusedSocket ? StaleConnection : TransportFailure;
      this.#result.reject(new Failure("connection_lost", true, { cause }));
    }
  }
}

/** One text for each header. */
export function plainHeaders(headers: IncomingMessage["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]));
}
