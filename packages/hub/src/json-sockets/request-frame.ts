// Reads what a client says on a JSON WebSocket: one request, which may name its session, and writes what it is answered.
// Knows no method.
import { FleettyError } from "@fleetty/protocol/errors";
import { jsonText } from "@fleetty/protocol/link";
import { isMembers, type Members, parseJson } from "../faces/body.ts";

export interface SocketRequest {
  /** Any JSON; undefined where there was none, or null. */
  readonly id: unknown;
  readonly method: string;
  readonly params: Members;
  /** Only where the socket is of the whole fleet. */
  readonly session: string | undefined;
  readonly server: string | undefined;
}

/** Throws `invalid_request` for what is no request; what is wrong with the rest of one is told under its id. */
export function readFrame(text: string): Members & { readonly method: string } {
  const frame = parsed(text);
  if (isMembers(frame) && typeof frame["method"] === "string") return frame as Members & { method: string };
  throw new FleettyError("invalid_request", 'a message is to be {"id"?, "method", "params"?}');
}

/** Of an id as JSON, which is kept until its request is answered. */
const ID_MAX_CHARACTERS = 1_024;

/** Throws `invalid_request`. */
export function readRequest({ id, method, params, session, server }: Members): SocketRequest {
  if (JSON.stringify(id ?? null).length > ID_MAX_CHARACTERS)
    throw unusable("id", `is ${ID_MAX_CHARACTERS} characters of JSON at most`);
  const given = params ?? {};
  if (!isMembers(given)) throw unusable("params", "is to be an object");
  return {
    id: id ?? undefined,
    method: method as string,
    params: given,
    session: textOf("session", session),
    server: textOf("server", server),
  };
}

/** The answer to a request, or its refusal, by the id and method that it came with. */
export function replyText({ id, method }: Pick<SocketRequest, "id" | "method">, said: Reply): string {
  const head = `${id === undefined || id === null ? "" : `"id":${JSON.stringify(id)},`}"method":${JSON.stringify(method)}`;
  if ("error" in said) return `{${head},"error":${JSON.stringify(said.error.toWire())}}`;
  return `{${head},"result":${jsonText(said.result ?? {})}}`;
}

export type Reply = { readonly result: unknown } | { readonly error: FleettyError };

/** What is said to a message that is no request. */
export function refusalText(error: FleettyError): string {
  return JSON.stringify({ error: error.toWire() });
}

export function unusable(field: string, problem: string): FleettyError {
  return new FleettyError("invalid_request", `${field} ${problem}`, { field });
}

function parsed(text: string): unknown {
  try {
    return parseJson(text, "the message");
  } catch (thrown) {
    throw new FleettyError("invalid_request", (thrown as FleettyError).message);
  }
}

function textOf(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw unusable(field, "is to be a text");
}
