// One HTTP request by node:http(s) whose answer is handed over as it comes. Node only. Knows no operation; whether to ask again
// is its caller's decision.
import type { ClientRequest, RequestOptions } from "node:http";
import { type StreamedAnswer, TransportFailure } from "../transport.ts";
import { isDistrust } from "./distrust.ts";
import { plainHeaders, StaleConnection } from "./exchange.ts";

/**
 * Resolves when the head of the answer is there. Throws TransportFailure, StaleConnection where a kept connection had gone; the
 * body throws when the connection is lost.
 */
export function streamedExchange(
  send: (options: RequestOptions) => ClientRequest,
  options: RequestOptions,
  { signal, body }: { readonly signal: AbortSignal; readonly body: string | undefined },
): Promise<StreamedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamedAnswer>();
  const request = send(options);
  const stop = () => request.destroy();
  signal.addEventListener("abort", stop, { once: true });
  request.once("close", () => signal.removeEventListener("abort", stop));
  let isSent = false;
  let isAnswered = false;
  request.once("socket", (socket) => {
    if (!socket.connecting) isSent = true;
    // Over TLS nothing is sent before both have shaken hands.
    else socket.once("encrypted" in socket ? "secureConnect" : "connect", () => (isSent = true));
  });
  request.on("error", (cause) => {
    const Failure = request.reusedSocket ? StaleConnection : TransportFailure;
    const unheard = isDistrust(cause) ? "untrusted" : "unreachable";
    const reason = signal.aborted ? "cancelled" : isSent ? "connection_lost" : unheard;
    reject(new Failure(reason, isSent && !isUnwritten(cause), { cause }));
  });
  request.once("close", () => {
    if (!isAnswered) reject(new TransportFailure(signal.aborted ? "cancelled" : "connection_lost", true));
  });
  request.once("response", (response) => {
    isAnswered = true;
    resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response.headers), body: response });
  });
  request.end(body);
  return promise;
}

/** Not all of the request reached the other end, which carries out none before it is whole (POSIX, write: EPIPE). */
function isUnwritten(cause: NodeJS.ErrnoException): boolean {
  return cause.code === "EPIPE";
}
