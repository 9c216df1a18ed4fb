// Decides how an input becomes a request: members named in the path, then the raw body of octets, then the query of what
// reads or deletes, then a JSON body. Knows rows and no operation.
import type { AnyOperation } from "@fleetty/protocol/operations";
import type { HttpMethod } from "@fleetty/protocol/operations/operation";
import { bytesFromBase64 } from "./base64.ts";
import type { Members } from "./call.ts";
import type { HttpAnswer, HttpRequest } from "./transport.ts";

export function pathMembers(row: AnyOperation): string[] {
  return [...(row.http ?? "").matchAll(/\{(\w+)\}/g)].map(([, member]) => member as string);
}

export function requestForm(row: AnyOperation, input: Members): Omit<HttpRequest, "signal" | "deadlineMs"> {
  const [method, template] = (row.http ?? "").split(" ") as [HttpMethod, string];
  const inPath = pathMembers(row);
  const path = template.replace(/\{(\w+)\}/g, (_, member) => encodeURIComponent(String(input[member])));
  const rest = Object.entries(input).filter(([member, value]) => value !== undefined && !inPath.includes(member));
  const raw = row.octets?.body;
  if (raw !== undefined) {
    const data = input[raw] as string | Uint8Array;
    return {
      method,
      path: path + query(rest.filter(([member]) => member !== raw)),
      headers: { "content-type": "application/octet-stream" },
      body: typeof data === "string" ? bytesFromBase64(data) : data,
    };
  }
  if (method === "GET" || method === "DELETE")
    return { method, path: path + query(rest), headers: {}, body: undefined };
  return {
    method,
    path,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(Object.fromEntries(rest)),
  };
}

function query(members: [string, unknown][]): string {
  const text = members
    .map(
      ([member, value]) =>
        `${member}=${encodeURIComponent(Array.isArray(value) ? value.join(",") : value === true ? "1" : String(value))}`,
    )
    .join("&");
  return text === "" ? "" : `?${text}`;
}

/** The answer of an operation that came as raw bytes. */
export function octetsAnswer(row: AnyOperation, answer: HttpAnswer): Record<string, unknown> {
  const members: Record<string, unknown> = { [row.octets?.answer as string]: answer.body };
  for (const [name, value] of Object.entries(answer.headers)) {
    if (!name.startsWith("fleetty-") || name === "fleetty-request-id" || name === "fleetty-server") continue;
    try {
      members[name.slice(8)] = JSON.parse(value);
    } catch {
      members[name.slice(8)] = value;
    }
  }
  return members;
}
