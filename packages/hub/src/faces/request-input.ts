// Puts the input of an operation together from path, query and body, and checks it against the operation's schema. What
// the operation does not know is refused, or ignored and named where older clients must be let be.
import { FleettyError } from "@fleetty/protocol/errors";
import { fromText } from "@fleetty/protocol/strings";
import type * as z from "zod";
import type { Found, Route } from "./routes.ts";

export interface RequestInput {
  /** As the schema gave it. */
  readonly value: Record<string, unknown>;
  /** Members that were ignored. */
  readonly ignored: readonly string[];
}

export interface RequestParts {
  /** Query string, without `?`. */
  readonly query: string;
  /** Members of a JSON body; empty where there is none. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The raw body of an octets row, as base64. */
  readonly octets: string | null;
}

/** Throws `invalid_query`, `invalid_format`, `invalid_body` or `invalid_request`. */
export function requestInput(found: Found, parts: RequestParts): RequestInput {
  const { route, members } = found;
  const isJson = route.form.rest === "json";
  const query = queryMembers(route, parts.query, isJson);
  agreeOnServer(query.known, parts.json);
  const json = jsonMembers(route, parts.json);
  const octets = parts.octets === null ? {} : { [route.row.octets?.body as string]: parts.octets };
  const given = { ...query.known, ...json.known, ...octets, ...members };
  const read = route.input.safeParse(given);
  if (!read.success) throw isJson ? invalidBody(read.error, members) : invalidQuery(route, read.error);
  return { value: read.data as Record<string, unknown>, ignored: [...query.unknown, ...json.unknown] };
}

interface Members {
  readonly known: Record<string, unknown>;
  readonly unknown: readonly string[];
}

const NOTHING: Members = { known: {}, unknown: [] };

function queryMembers(route: Route, query: string, isJson: boolean): Members {
  if (query === "") return NOTHING;
  const known: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, text] of new URLSearchParams(query)) {
    const isTaken = route.forms.has(name) && !route.form.pathMembers.includes(name) && (!isJson || name === "server");
    if (isTaken) known[name] = fromText(route.forms, name, text);
    else unknown.push(name);
  }
  if (unknown.length > 0 && !route.row.core) {
    const message = `${unknown.join(", ")}: not known to ${route.row.name}; see GET /openapi.json`;
    throw new FleettyError("invalid_query", message, { field: unknown[0] });
  }
  return { known, unknown };
}

function jsonMembers(route: Route, json: Readonly<Record<string, unknown>>): Members {
  const isTaken = (name: string) => route.forms.has(name) && !route.form.pathMembers.includes(name);
  const unknown = Object.keys(json).filter((name) => !isTaken(name));
  if (unknown.length > 0 && !route.row.core) {
    const issues = unknown.map((name) => ({ path: [name], message: "is not known" }));
    throw new FleettyError(
      "invalid_body",
      `${unknown.join(", ")}: not known to ${route.row.name}; see GET /openapi.json`,
      { issues },
    );
  }
  return { known: Object.fromEntries(Object.entries(json).filter(([name]) => isTaken(name))), unknown };
}

/** `server` may stand in query and body; given twice, it must be the same. */
function agreeOnServer(query: Record<string, unknown>, json: Readonly<Record<string, unknown>>): void {
  if (query["server"] === undefined || json["server"] === undefined || query["server"] === json["server"]) return;
  throw new FleettyError("invalid_request", "query and body name different servers; name it once", { field: "server" });
}

function invalidQuery(route: Route, error: z.ZodError): FleettyError {
  const [issue] = error.issues;
  const field = String(issue?.path[0] ?? "");
  if (field === "format" && issue?.code === "invalid_value") {
    const known = issue.values;
    return new FleettyError("invalid_format", `format is one of ${known.join(", ")} for ${route.row.name}`, {
      field,
      known,
    });
  }
  return new FleettyError("invalid_query", `${field}: ${issue?.message ?? "is not usable"}`, { field });
}

function invalidBody(error: z.ZodError, inPath: Readonly<Record<string, string>>): FleettyError {
  const issues = error.issues.map(({ path, message }) => ({ path: path.map(String), message }));
  const [first] = issues;
  const name = first?.path.join(".") ?? "";
  if (first && first.path[0] !== undefined && first.path[0] in inPath) {
    return new FleettyError("invalid_request", `${name}: ${first.message}`, { field: name });
  }
  return new FleettyError("invalid_body", `${name || "the body"}: ${first?.message ?? "is not usable"}`, { issues });
}
