// Decides which error a call ends with: the server's own refusal by its code, or an honest word about an answer that never
// came. Knows no operation beyond whether it reads.
import { type ErrorCode, errorFromWire, FleettyError, type MayHaveRun, type WireError } from "@fleetty/protocol/errors";
import type { FailureReason, HttpAnswer, TransportFailure } from "./transport.ts";

/** What has to be known of a call to be honest about its failure. */
export interface CallNature {
  /** Whether it changes nothing. */
  readonly reads: boolean;
}

/** The refusal in an answer. Something between that is not a fleetty server becomes `server_unavailable`. */
export function errorFromAnswer(answer: HttpAnswer, { reads }: CallNature): FleettyError {
  const wire = readEnvelope(answer.body);
  if (wire) return errorFromWire(wire);
  const details = { status: answer.status, ...(!reads && { may_have_run: "unknown" }) };
  return new FleettyError(
    "server_unavailable",
    `the answer (HTTP ${answer.status}) is not one of a fleetty server; look at the address and what stands before it`,
    details,
  );
}

function readEnvelope(body: Uint8Array): WireError | undefined {
  const value = parse(new TextDecoder().decode(body));
  const error = isObject(value) ? value["error"] : undefined;
  if (!isObject(error) || typeof error["code"] !== "string") return undefined;
  const { code, message, details } = error;
  return { code, message: String(message), ...(isObject(details) && { details }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

const codes: Readonly<Record<FailureReason, ErrorCode>> = {
  unreachable: "server_unavailable",
  untrusted: "server_unavailable",
  connection_lost: "server_unavailable",
  timeout: "server_timeout",
  cancelled: "cancelled",
  untold: "server_unavailable",
};

const messages: Readonly<Record<FailureReason, (address: string) => string>> = {
  unreachable: (address) => `no server answers at ${address}; start one with "fleetty server"`,
  untrusted: (address) =>
    `the certificate of ${address} is not one that is trusted for this name; give its authority with --ca-file (option ca)`,
  connection_lost: (address) => `the connection to ${address} was lost before the answer came; look, then try again`,
  timeout: (address) => `${address} did not answer in time; look, then try again`,
  cancelled: () => "the call was cancelled",
  untold: (address) =>
    `the browser got no answer from ${address} for this page: no server is there, the connection was lost, or the server does not know the page (--allow-origin); look, then try again`,
};

/** No answer came. `may_have_run` is false only when nothing can have happened. */
export function errorFromFailure(failure: TransportFailure, call: CallNature & { address: string }): FleettyError {
  const mayHaveRun: MayHaveRun = call.reads || !failure.sent ? false : "unknown";
  const details = { server: call.address, reason: failure.reason, may_have_run: mayHaveRun };
  return new FleettyError(codes[failure.reason], messages[failure.reason](call.address), details, { cause: failure });
}

/** The caller's signal aborted. */
export function cancelled(reason: unknown): FleettyError {
  return new FleettyError("cancelled", messages.cancelled(""), undefined, { cause: reason });
}
