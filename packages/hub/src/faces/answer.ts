// Writes answers and refusals over HTTP: one envelope, the same protective headers on every one of them. Knows no operation.
import type { ServerResponse } from "node:http";
import { FleettyError } from "@fleetty/protocol/errors";
import { jsonBody, jsonBytes } from "@fleetty/protocol/link";
import { answerAndEnd } from "./last-words.ts";
import { MethodNotAllowed } from "./routes.ts";

/** On every answer (public contract, requests and responses). */
const PROTECTION = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "permissions-policy": "geolocation=(), microphone=(), camera=()",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'",
  "cache-control": "no-store",
} as const;

export type Headers = Readonly<Record<string, string | number>>;

export function headersOf(requestId: string, more: Headers): Record<string, string | number> {
  return { ...PROTECTION, "fleetty-request-id": requestId, ...more };
}

export function answerJson(response: ServerResponse, status: number, value: unknown, headers: Headers): void {
  const body = jsonBody(value);
  const length = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, "content-type": "application/json", "content-length": length });
  response.end(body);
}

export function answerText(response: ServerResponse, text: string, mediaType: string, headers: Headers): void {
  const length = Buffer.byteLength(text);
  response.writeHead(200, { ...headers, "content-type": mediaType, "content-length": length });
  response.end(text);
}

export function answerOctets(response: ServerResponse, status: number, bytes: Uint8Array, headers: Headers): void {
  response.writeHead(status, {
    ...headers,
    "content-type": "application/octet-stream",
    "content-length": bytes.byteLength,
    "content-disposition": "attachment",
  });
  response.end(bytes);
}

export function answerNothing(response: ServerResponse, headers: Headers): void {
  response.writeHead(204, headers);
  response.end();
}

/** A refusal; after some the connection cannot be used again, because what is left of the body is not waited for. */
export function answerRefusal(response: ServerResponse, error: FleettyError, headers: Headers): void {
  if (response.headersSent) return;
  const bytes = jsonBytes({ error: error.toWire() });
  const all = { ...headers, ...refusalHeaders(error), "content-type": "application/json" };
  response.writeHead(error.status, { ...all, "content-length": bytes.byteLength });
  if (response.req.complete) response.end(bytes);
  else answerAndEnd(response, bytes);
}

/** What a caller sees of an error: of a defect nothing but where the log has it. */
export function shown(error: FleettyError, requestId: string): FleettyError {
  if (error.code !== "internal_error") return error;
  const { may_have_run: mayHaveRun } = error.details ?? {};
  const details = { request_id: requestId, ...(mayHaveRun !== undefined && { may_have_run: mayHaveRun }) };
  return new FleettyError("internal_error", error.message, details);
}

export function refusalHeaders(error: FleettyError): Headers {
  if (error instanceof MethodNotAllowed) return { allow: error.allow };
  if (error.code === "rate_limited")
    return { "retry-after": Math.ceil(Number(error.details?.["retry_after_ms"]) / 1_000) };
  if (error.code === "auth_required") return { "www-authenticate": "Bearer" };
  // To what (RFC 9110, 15.5.22).
  if (error.code === "upgrade_required") return { upgrade: "websocket", connection: "upgrade, close" };
  if (error.code === "body_too_large" || error.code === "request_timeout") return { connection: "close" };
  return {};
}

/** A refusal as bytes, for sockets without a response. */
export function rawRefusal(error: FleettyError, requestId: string): string {
  const body = JSON.stringify({ error: error.toWire() });
  const headers = headersOf(requestId, {
    ...refusalHeaders(error),
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${error.status} ${error.code}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
