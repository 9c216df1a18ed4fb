// Finds the sessions that are picked: those of every server that is meant, each asked for itself, so that one that cannot be
// asked is told and not left out in silence. Changes nothing.
import type { Client } from "@fleetty/client";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Picked } from "./picked.ts";

/** Servers that are asked at once. */
const AT_ONCE = 16;

export interface PickOptions {
  readonly picked: Picked;
  readonly client: Client;
  readonly signal: AbortSignal;
  /** The one server that was named. */
  readonly server?: string | undefined;
}

export interface Found {
  readonly sessions: readonly SessionInfo[];
  /** Servers that could not be asked, and so may have more. */
  readonly missing: readonly { readonly server: string; readonly error: FleettyError }[];
}

/** Throws `server_not_found` for a name in the set that nobody has, `no_servers`, and `session_not_found` for none. */
export async function pickSessions(options: PickOptions): Promise<Found> {
  const { picked, server } = options;
  const found =
    server === undefined ? await onMany(await serversMeant(options), options) : await onOne(server, options);
  if (found.sessions.length + found.missing.length > 0) return found;
  const carries = picked.tag === undefined ? "is there" : `carries ${picked.tag.join(" or ")}`;
  const where = picked.on ?? server;
  const place = where === undefined ? "" : ` on ${where}`;
  throw new FleettyError("session_not_found", `no live session${place} ${carries}; fleetty ls shows those there are`);
}

async function onOne(server: string, { picked: { tag }, client, signal }: PickOptions): Promise<Found> {
  return { sessions: await client.sessions.list({ tag, server }, { signal }), missing: [] };
}

async function onMany(servers: readonly string[], options: PickOptions): Promise<Found> {
  const found: Found[] = [];
  for (let at = 0; at < servers.length; at += AT_ONCE) {
    const some = servers.slice(at, at + AT_ONCE);
    found.push(...(await Promise.all(some.map((server) => ifItAnswers(server, options)))));
  }
  return { sessions: found.flatMap(({ sessions }) => sessions), missing: found.flatMap(({ missing }) => missing) };
}

async function ifItAnswers(server: string, options: PickOptions): Promise<Found> {
  try {
    return await onOne(server, options);
  } catch (thrown) {
    const error = toFleettyError(thrown);
    // What is refused whichever server is asked is no server's.
    if (error.code !== "server_unavailable" && error.code !== "server_timeout") throw error;
    return { sessions: [], missing: [{ server, error }] };
  }
}

/** Those that take no new work are meant too: theirs is what is to be ended. */
async function serversMeant({ picked: { on = "*" }, client, signal }: PickOptions): Promise<string[]> {
  const { targets, excluded, unknown } = await client.servers.resolve({ on }, { signal });
  if (unknown.length > 0) {
    const message = `${unknown.join(", ")} in ${JSON.stringify(on)} is no server of the fleet; fleetty servers ls shows them`;
    throw new FleettyError("server_not_found", message, { unknown });
  }
  const servers = [...targets, ...excluded].map(({ server }) => server);
  if (servers.length > 0) return servers;
  throw new FleettyError("no_servers", `${JSON.stringify(on)} means no server; fleetty servers ls shows them`);
}
