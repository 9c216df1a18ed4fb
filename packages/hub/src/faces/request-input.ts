// Puts the input of an operation together from path, query and body, and checks it against the operation's schema. What
// the operation does not know is refused, or ignored and named where older clients must be let be.
import { FleettyError } from "@fleetty/protocol/errors";
import { type InputIssue, issuesOf, notKnown, tellIssue, unknownMembers } from "@fleetty/protocol/input-issues";
import { fromText } from "@fleetty/protocol/strings";
import type * as z from "zod";
import { withoutIdleNulls } from "./null-members.ts";
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
  const body = withoutIdleNulls(parts.json, route.input);
  agreeOnServer(query.known, body);
  refuseOtherServer(route, parts);
  const json = jsonMembers(route, body);
  const octets = parts.octets === null ? {} : { [route.row.octets?.body as string]: parts.octets };
  const given = { ...query.known, ...json.known, ...octets, ...members };
  const read = route.input.safeParse(given);
  if (!read.success) throw refused(found, read.error);
  const below = unknownMembers(given, read.data);
  refuseUnknown(route, below);
  const ignored = [...query.unknown, ...json.unknown, ...below.map((path) => path.join("."))];
  return { value: read.data as Record<string, unknown>, ignored };
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
    if (!isTaken) unknown.push(name);
    else if (Object.hasOwn(known, name)) throw givenTwice(name);
    else known[name] = fromText(route.forms, name, text);
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
  refuseUnknown(
    route,
    unknown.map((name) => [name]),
  );
  return { known: Object.fromEntries(Object.entries(json).filter(([name]) => isTaken(name))), unknown };
}

/** Members that are not known, by their paths: refused, but where older clients must be let be. */
function refuseUnknown({ row }: Route, paths: readonly string[][]): void {
  if (paths.length === 0 || row.core) return;
  const names = paths.map((path) => path.join(".")).join(", ");
  const message = `${names}: not known to ${row.name}; see GET /openapi.json`;
  throw new FleettyError("invalid_body", message, { issues: notKnown(paths) });
}

function givenTwice(name: string): FleettyError {
  const message = `${name} is given twice; give it once, several words separated by commas`;
  return new FleettyError("invalid_query", message, { field: name });
}

/** `server` may stand in query and body; given twice, it must be the same. */
function agreeOnServer(query: Record<string, unknown>, json: Readonly<Record<string, unknown>>): void {
  if (query["server"] === undefined || json["server"] === undefined || query["server"] === json["server"]) return;
  throw new FleettyError("invalid_request", "query and body name different servers; name it once", { field: "server" });
}

/** What a server does about itself alone is not done here in the place of another one that was meant. */
function refuseOtherServer({ row, forms }: Route, { query, json }: RequestParts): void {
  if (row.verb !== "unix" || forms.has("server")) return;
  const named = json["server"] ?? new URLSearchParams(query).get("server") ?? "local";
  if (named === "local") return;
  const message = `${row.name} is about the server that is asked; leave server out, or ask the other one on its machine`;
  throw new FleettyError("invalid_request", message, { field: "server" });
}

/** What the schema found, as the face says it: by where the member travelled. */
function refused({ route, members }: Found, error: z.ZodError): FleettyError {
  const issues = issuesOf(error);
  const [first] = issues as [InputIssue];
  const field = first.path[0] ?? "";
  if (field in members) return new FleettyError("invalid_request", tellIssue(first), { field });
  if (route.form.rest === "json") return new FleettyError("invalid_body", tellIssue(first), { issues });
  const [issue] = error.issues;
  if (field !== "format" || issue?.code !== "invalid_value") {
    return new FleettyError("invalid_query", tellIssue(first), { field });
  }
  const known = issue.values;
  const message = `format is one of ${known.join(", ")} for ${route.row.name}`;
  return new FleettyError("invalid_format", message, { field, known });
}
