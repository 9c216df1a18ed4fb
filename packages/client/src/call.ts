// Turns a call of the table into one HTTP request and its answer into a value or a refusal: the body of a loop, which knows
// rows and no operation. Decides how long an answer may take and when an input is checked.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyOperation } from "@fleetty/protocol/operations";
import { errorFromAnswer, errorFromFailure } from "./refusals.ts";
import { octetsAnswer, requestForm } from "./request-form.ts";
import { type HttpAnswer, type HttpRequest, type Transport, TransportFailure } from "./transport.ts";

export interface CallOptions {
  /** Ends the call with `cancelled`; what it asked for may have happened all the same. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For operations that take one: however often it is asked with this key and this input within 24 h, it is done once, and
   * the first answer is given again. 1 to 128 visible ASCII characters.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Members of an input by name, of whichever operation. */
export type Members = Readonly<Record<string, unknown>>;

export interface CallParts extends CallOptions {
  readonly transport: Transport;
  readonly row: AnyOperation;
  readonly input: Members;
  readonly checksInput: boolean;
}

/** Hosts of URLs that lead nowhere else. */
const OWN_MACHINE = /^(?:localhost|127\.[\d.]+|\[::1\])$/;

/** Longest and usual time that a blocking operation waits (public limits); for others it is room to spare. */
const WAIT_MAX_MS = 300_000;
const WAIT_DEFAULT_MS = 30_000;
/** Time for the way there and back beyond what the server grants itself. */
const WAY_MS = 5_000;

/** Makes the call. Throws FleettyError only. */
export async function makeCall(parts: CallParts): Promise<unknown> {
  const { transport, row, input, signal } = parts;
  if (row.kind === "stream") throw new FleettyError("upgrade_required", `${row.name} is a stream; watch it instead`);
  if (parts.checksInput) await (await import("./check-input.ts")).checkInput(row, input);
  requirePrivate(transport.address, parts);
  const form = requestForm(row, input);
  // Where an operation can also be followed, a call asks for one answer.
  const accept = row.kind === "events" ? { accept: "application/json" } : {};
  const headers = { ...form.headers, ...accept, ...keyHeader(parts) };
  const request = { ...form, headers, deadlineMs: deadlineOf(row, input), signal };
  const reads = request.method === "GET";
  const answer = await answerTo(transport, request, reads);
  if (answer.status >= 400) throw errorFromAnswer(answer, { reads });
  return answerValue(row, answer, reads);
}

/** A secret is not even sent where it can be read on the way. Throws `forbidden {reason: "plaintext"}`. */
function requirePrivate(address: string, { row: { secretMember }, input }: CallParts): void {
  if (secretMember === undefined || input[secretMember] === undefined) return;
  const url = URL.parse(address);
  if (url?.protocol !== "http:" || OWN_MACHINE.test(url.hostname)) return;
  const message = `what is sent to ${address} can be read on the way; nothing was sent, reach it by https://`;
  throw new FleettyError("forbidden", message, { reason: "plaintext", may_have_run: false });
}

function keyHeader({ row, idempotencyKey: key }: CallParts): Record<string, string> {
  if (key === undefined) return {};
  if (row.keyed) return { "idempotency-key": key };
  throw new FleettyError("invalid_request", `${row.name} takes no idempotency key; leave it out`);
}

async function answerTo(transport: Transport, request: HttpRequest, reads: boolean): Promise<HttpAnswer> {
  try {
    return await transport.request(request);
  } catch (error) {
    if (error instanceof TransportFailure) throw errorFromFailure(error, { address: transport.address, reads });
    throw error;
  }
}

function deadlineOf(row: AnyOperation, input: Members): number {
  const asked = input["max_wait_ms"] ?? input["wait_ms"];
  const waitMs = typeof asked === "number" ? Math.min(asked, WAIT_MAX_MS) : WAIT_DEFAULT_MS;
  return row.deadlineMs + waitMs + WAY_MS;
}

function answerValue(row: AnyOperation, answer: HttpAnswer, reads: boolean): unknown {
  if (answer.status === 204) return undefined;
  const type = answer.headers["content-type"] ?? "";
  if (row.kind === "text") return new TextDecoder().decode(answer.body);
  if (row.octets?.answer && type.startsWith("application/octet-stream")) return octetsAnswer(row, answer);
  try {
    return JSON.parse(new TextDecoder().decode(answer.body));
  } catch {
    throw errorFromAnswer(answer, { reads });
  }
}
