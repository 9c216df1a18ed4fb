// The operation table: all that a caller can ask, and beside it the rows that only links carry. Every face is a loop over it.
import * as auth from "./auth.ts";
import * as elements from "./elements.ts";
import * as events from "./events.ts";
import * as leases from "./leases.ts";
import * as linkOnly from "./link-only.ts";
import * as modes from "./modes.ts";
import type { AnyOperation, InputOf, OutputOf } from "./operation.ts";
import * as presets from "./presets.ts";
import * as reading from "./reading.ts";
import * as secrets from "./secrets.ts";
import * as server from "./server.ts";
import * as servers from "./servers.ts";
import * as sessions from "./sessions.ts";
import * as sockets from "./sockets.ts";
import * as tokens from "./tokens.ts";
import * as waiting from "./waiting.ts";

type ByName<Rows extends Record<string, AnyOperation>> = { readonly [Row in Rows[keyof Rows] as Row["name"]]: Row };

function byName<Rows extends Record<string, AnyOperation>>(rows: Rows): ByName<Rows> {
  return Object.fromEntries(Object.values(rows).map((row) => [row.name, row])) as ByName<Rows>;
}

/** Public operations by name, in the order in which documents show them. */
export const operations = {
  ...byName(server),
  ...byName(auth),
  ...byName(tokens),
  ...byName(servers),
  ...byName(events),
  ...byName(presets),
  ...byName(sessions),
  ...byName(reading),
  ...byName(leases),
  ...byName(modes),
  ...byName(elements),
  ...byName(waiting),
  ...byName(sockets),
  ...byName(secrets),
};

/** Public operations and those that only a link carries. */
export const linkOperations = { ...operations, ...byName(linkOnly) };

/** What faces ask a hub for: public operations, and one that has no form but a method of JSON WebSockets. */
export const askedOperations = { ...operations, "sessions.batch_update": linkOperations["sessions.batch_update"] };

export type AskedName = keyof typeof askedOperations;
export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type LinkOperations = typeof linkOperations;
export type LinkOperationName = keyof LinkOperations;

export type OperationInput<Name extends LinkOperationName> = InputOf<LinkOperations[Name]>;
export type OperationOutput<Name extends LinkOperationName> = OutputOf<LinkOperations[Name]>;

/** The row of that name, or undefined: a peer of another version may ask for what is not here. */
export function findOperation(name: string): AnyOperation | undefined {
  return Object.hasOwn(linkOperations, name) ? linkOperations[name as LinkOperationName] : undefined;
}

/**
 * Whether a hub asks it of its members: rows about a server's own sessions, and about itself; not what hubs answer, nor what a
 * worker asks of its session hosts.
 */
export function isAskedOverLinks({ name, runs }: AnyOperation): boolean {
  return runs === "session" || runs === "server" || name === "sessions.list";
}

/** Whether `name` is in the public table. */
export function isPublic(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

export type {
  AnyOperation,
  AuditRule,
  CliForm,
  InputOf,
  Operation,
  OutputOf,
  Runs,
  Schemas,
  ToolForm,
  Verb,
  VerbException,
} from "./operation.ts";
export { isRead, statusOf, verbOf } from "./operation.ts";
