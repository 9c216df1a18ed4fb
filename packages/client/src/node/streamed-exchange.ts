// One HTTP request by node:http(s) whose answer is handed over as it comes, on a connection of its own. Node only. Knows no
// operation; whether to ask again is its caller's decision.
import type { ClientRequest, RequestOptions } from "node:http";
import { type StreamedAnswer, TransportFailure } from "../transport.ts";
import { isDistrust } from "./distrust.ts";
import { plainHeaders } from "./exchange.ts";

/** Resolves when the head of the answer is there. Throws TransportFailure; the body throws when the connection is lost. */
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
  request.once("socket", (socket) => {
    // Over TLS nothing is sent before both have shaken hands.
    socket.once("encrypted" in socket ? "secureConnect" : "connect", () => {
      isSent = true;
    });
  });
  request.on("error", (cause) => {
    const unheard = isDistrust(cause) ? "untrusted" : "unreachable";
    const reason = signal.aborted ? "cancelled" : isSent ? "connection_lost" : unheard;
    reject(new TransportFailure(reason, isSent, { cause }));
  });
  request.once("close", () => reject(new TransportFailure(signal.aborted ? "cancelled" : "connection_lost", true)));
  request.once("response", (response) => {
    resolve({ status: response.statusCode ?? 0, headers: plainHeaders(response.headers), body: response });
  });
  request.end(body);
  return promise;
}
