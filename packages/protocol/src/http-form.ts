// Decides how a row of the table looks over HTTP: its path's segments, and where each member of its input travels. Shared
// by the face, the client and OpenAPI; needs no schema.
import type { AnyOperation } from "./operations/index.ts";
import type { HttpMethod } from "./operations/operation.ts";

/** A piece of a path: fixed text, or the member that stands there. */
export type Segment = { readonly text: string } | { readonly member: string };

export interface HttpForm {
  readonly method: HttpMethod;
  /** As in the table: `/sessions/{session}/screen`. */
  readonly path: string;
  readonly segments: readonly Segment[];
  readonly pathMembers: readonly string[];
  /** Where members travel that are not in the path. `octets`: one of them is the raw body, the rest are in the query. */
  readonly rest: "query" | "json" | "octets";
}

/** Null for rows that have no HTTP form. */
export function httpForm(row: Pick<AnyOperation, "http" | "octets">): HttpForm | null {
  if (row.http === null) return null;
  const [method, path] = row.http.split(" ") as [HttpMethod, string];
  const segments = path.slice(1).split("/").map(segment);
  const pathMembers = segments.flatMap((one) => ("member" in one ? [one.member] : []));
  const inQuery = method === "GET" || method === "DELETE";
  return { method, path, segments, pathMembers, rest: row.octets?.body ? "octets" : inQuery ? "query" : "json" };
}

function segment(text: string): Segment {
  return text.startsWith("{") ? { member: text.slice(1, -1) } : { text };
}
