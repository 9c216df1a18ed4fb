// Reads the body of a request within its bound, and JSON within its depth. Knows no operation.
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { FleettyError } from "@fleetty/protocol/errors";

/** Largest body (public limits). */
export const BODY_MAX_BYTES = 1_048_576;
/** Deeper JSON is refused before it is parsed (public contract, requests). */
const DEPTH_MAX = 64;

/** The whole body. Rejects with `body_too_large` without reading on, and with `cancelled` when the caller has gone. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_MAX_BYTES) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      bytes += piece.byteLength;
      if (bytes > BODY_MAX_BYTES) return reject(tooLarge());
      pieces.push(piece);
    });
    request.once("end", () => resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)));
    request.once("error", () => reject(new FleettyError("cancelled", "the caller has gone")));
  });
}

/** A JSON object; an empty body is an empty one. Throws `unsupported_media_type`, `invalid_json`, `invalid_body`. */
export function parseJsonBody(body: Buffer, contentType: string | undefined): Members {
  if (body.byteLength === 0 && contentType === undefined) return {};
  requireJson(contentType);
  const value = body.byteLength === 0 ? {} : parseJson(textOf(body));
  if (isMembers(value)) return value;
  const issues = [{ path: [], message: "is to be an object" }];
  throw new FleettyError("invalid_body", "the body is to be a JSON object", { issues });
}

/** Any JSON value. Throws `unsupported_media_type`, `invalid_json`. */
export function jsonOf(body: Buffer, contentType: string | undefined): unknown {
  requireJson(contentType);
  return parseJson(textOf(body));
}

function requireJson(contentType: string | undefined): void {
  if (/^application\/json\s*(;|$)/i.test(contentType ?? "")) return;
  throw new FleettyError("unsupported_media_type", "send the body as Content-Type: application/json");
}

function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString("utf8");
  throw invalidJson("is not UTF-8");
}

/** Throws `invalid_json`. */
export function parseJson(text: string, what = "the body"): unknown {
  if (depthOf(text) > DEPTH_MAX) throw invalidJson(`is nested deeper than ${DEPTH_MAX} levels`, what);
  try {
    return JSON.parse(text);
  } catch {
    throw invalidJson("is not JSON", what);
  }
}

/** Deepest nesting of brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth -= 1;
  }
  return deepest;
}

export type Members = Record<string, unknown>;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalidJson(problem: string, what = "the body"): FleettyError {
  return new FleettyError("invalid_json", `${what} ${problem}; mend it, then send it again`);
}

function tooLarge(): FleettyError {
  return new FleettyError("body_too_large", `the body is over ${BODY_MAX_BYTES} bytes; send it in pieces`, {
    max: BODY_MAX_BYTES,
  });
}
