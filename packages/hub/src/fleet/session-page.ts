// Cuts the list of all sessions into pages. A cursor says behind which session the next page begins: by server in the order of
// the fleet, then by creation; so what comes and goes meanwhile neither repeats nor hides anything else. Pure.
import { FleettyError } from "@fleetty/protocol/errors";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

/** Sessions of one server, by creation. */
export interface PagedServer {
  readonly id: string;
  readonly sessions: readonly SessionInfo[];
}

export interface PageAsked {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export interface SessionPage {
  readonly sessions: readonly SessionInfo[];
  readonly nextCursor: string | null;
}

/** Server, then time of creation and id of a session. */
type Place = readonly [server: string, createdAt: string, id: string];

/** `servers` in the order of the fleet, `fleet` the ids of all of them. Throws `invalid_cursor`. */
export function pageOf(
  servers: readonly PagedServer[],
  fleet: readonly string[],
  { limit = Number.POSITIVE_INFINITY, cursor }: PageAsked,
): SessionPage {
  const placed = servers.flatMap(({ id, sessions }) =>
    sessions.map((info) => ({ info, place: [id, info.created_at, info.id] as const })),
  );
  const after = cursor === undefined ? null : placeIn(cursor);
  const rest = after ? placed.filter(({ place }) => isBehind(place, after, fleet)) : placed;
  const page = rest.slice(0, limit);
  const last = page.length < rest.length ? page.at(-1) : undefined;
  return { sessions: page.map(({ info }) => info), nextCursor: last ? cursorOf(last.place) : null };
}

function isBehind([server, createdAt, id]: Place, after: Place, fleet: readonly string[]): boolean {
  const [afterServer, afterCreatedAt, afterId] = after;
  if (server !== afterServer) return rankOf(server, fleet) > rankOf(afterServer, fleet);
  return createdAt > afterCreatedAt || (createdAt === afterCreatedAt && id > afterId);
}

/** Ids grow in the order of registration: a server that has gone stood behind those that are older. */
function rankOf(server: string, [own = "", ...members]: readonly string[]): number {
  if (server === own) return 0;
  const at = members.indexOf(server);
  return at >= 0 ? at + 1 : members.filter((id) => id < server).length + 0.5;
}

function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function placeIn(cursor: string): Place {
  const place = parsed(Buffer.from(cursor, "base64url").toString());
  const isPlace = Array.isArray(place) && place.length === 3 && place.every((one) => typeof one === "string");
  if (isPlace) return place as unknown as Place;
  throw new FleettyError("invalid_cursor", "this cursor is none of this list; begin again without one");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
