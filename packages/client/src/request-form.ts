// Turns the input of a call into a request, and an answer of raw bytes into its members. Where each member travels is the
// shared decision of http-form; this only writes it down. Knows rows and no operation.

import { type HttpForm, httpForm } from "@fleetty/protocol/http-form";
import { invariant } from "@fleetty/protocol/invariant";
import type { AnyOperation } from "@fleetty/protocol/operations";
import { bytesFromBase64 } from "./base64.ts";
import type { Members } from "./call.ts";
import type { HttpAnswer, HttpRequest } from "./transport.ts";

type Form = Pick<HttpRequest, "method" | "path" | "headers" | "body">;

/** Headers `fleetty-…` that say something of the request rather than of its answer. */
const OF_THE_REQUEST = new Set(["fleetty-request-id", "fleetty-server", "fleetty-ignored"]);

export function formOf(row: AnyOperation): HttpForm {
  const form = httpForm(row);
  invariant(form, `${row.name} is public and has an HTTP form`);
  return form;
}

export function requestForm(row: AnyOperation, input: Members): Form {
  const form = formOf(row);
  const { method } = form;
  const path = pathOf(form, input);
  const rest = Object.entries(input).filter(([name, value]) => value !== undefined && !form.pathMembers.includes(name));
  switch (form.rest) {
    case "query":
      return { method, path: path + query(rest), headers: {}, body: undefined };
    case "json": {
      const body = JSON.stringify(Object.fromEntries(rest));
      return { method, path, headers: { "content-type": "application/json" }, body };
    }
    case "octets": {
      const raw = row.octets?.body;
      const headers = { "content-type": "application/octet-stream" };
      const inQuery = rest.filter(([name]) => name !== raw);
      return { method, path: path + query(inQuery), headers, body: bytesOf(input[raw ?? ""]) };
    }
  }
}

function pathOf({ segments }: HttpForm, input: Members): string {
  const parts = segments.map((one) => ("text" in one ? one.text : encodeURIComponent(String(input[one.member]))));
  return `/${parts.join("/")}`;
}

/** A list is one parameter with commas; everything else is written as it prints. */
function query(members: readonly (readonly [string, unknown])[]): string {
  const pairs = members.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : bytesFromBase64(String(value ?? ""));
}

/** The answer of an operation that came as raw bytes: its other members are headers, all but texts as JSON. */
export function octetsAnswer(row: AnyOperation, { headers, body }: HttpAnswer): Record<string, unknown> {
  const members = Object.entries(headers)
    .filter(([name]) => name.startsWith("fleetty-") && !OF_THE_REQUEST.has(name))
    .map(([name, value]) => [name.slice("fleetty-".length), told(value)]);
  return { ...Object.fromEntries(members), [row.octets?.answer ?? ""]: body };
}

function told(header: string): unknown {
  try {
    return JSON.parse(header);
  } catch {
    return header;
  }
}
