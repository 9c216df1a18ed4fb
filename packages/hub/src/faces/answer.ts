// Writes answers and refusals over HTTP: one envelope, the same protective headers on every one of them. Knows no operation.
import type { ServerResponse } from "node:http";
import type { FleettyError } from "@fleetty/protocol/errors";
import { jsonBytes } from "@fleetty/protocol/link";
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
  const bytes = jsonBytes(value);
  response.writeHead(status, { ...headers, "content-type": "application/json", "content-length": bytes.byteLength });
  response.end(bytes);
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

/** A refusal; after some the connection cannot be used again, because what is left of the body was not read. */
export function answerRefusal(response: ServerResponse, error: FleettyError, headers: Headers): void {
  if (response.headersSent) return;
  answerJson(response, error.status, { error: error.toWire() }, { ...headers, ...refusalHeaders(error) });
}

export function refusalHeaders(error: FleettyError): Headers {
  if (error instanceof MethodNotAllowed) return { allow: error.allow };
  if (error.code === "auth_required") return { "www-authenticate": "Bearer" };
  if (error.code === "body_too_large" || error.code === "request_timeout") return { connection: "close" };
  return {};
}
