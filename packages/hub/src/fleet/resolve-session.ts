// Decides which server a session reference means, in the four steps of the public contract:
//
//   a server is named    that server, if it is healthy; whether it has the session is for it to say
//   an id                the server that has it
//   a name               the live session here; else the one live session elsewhere; several are ambiguous
//                        else the ended one here; else that of the one server elsewhere that has one
//
// A server in `server` or in `host/name` comes before the id: its owner knows sessions that the index does not know yet.
// What members had when they were last heard counts, so that a name never means another session because a server is
// away; asking for what is there is then refused. Pure: the caller gives the fleet as its own caller may see it, and
// without members where it is asked to answer for itself alone.
import { FleettyError } from "@fleetty/protocol/errors";
import { isSessionId } from "@fleetty/protocol/ids";
import { type FoundServer, lookUpServer, type NamedFleet, nameOf, serverNotFound } from "./find-server.ts";
import { type MemberHealth, requireHealthy } from "./member-health.ts";

/** A session as the index of sessions tells of it. */
export interface SessionMatch {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

/** What one server means by a reference: that id; else the live session of that name; else the newest ended one. */
export type FindSession = (nameOrId: string) => SessionMatch | undefined;

/** A member, and what was last known of its sessions. */
export interface SessionMember extends MemberHealth {
  readonly find: FindSession;
}

export interface SessionsView extends NamedFleet<SessionMember> {
  readonly local: { readonly hostname: string; readonly id: string; readonly find: FindSession };
}

/** Where a name without a server is looked for: here, then as the only one elsewhere; or here alone. */
export type RouteOmitted = "fleet" | "local";

export interface SessionReference {
  /** A name, an id, or either behind `host/` (also written `host%2F`). */
  readonly session: string;
  readonly server?: string | undefined;
  /** `fleet` when it is not said. */
  readonly routeOmitted?: RouteOmitted;
}

/** Where to ask, and for what: the reference without its server. */
export type SessionPlace =
  | { readonly at: "local"; readonly session: string }
  | { readonly at: "member"; readonly id: string; readonly session: string };

/**
 * Throws `invalid_request` for servers that disagree, `server_not_found`, `server_unavailable` (before anything was sent),
 * `session_ambiguous` and `session_not_found`.
 */
export function resolveSession(reference: SessionReference, view: SessionsView): SessionPlace {
  const { session, found } = findSession(reference, view);
  if (found.at === "local") return { at: "local", session };
  requireHealthy(found.member);
  return { at: "member", id: found.member.id, session };
}

/** The same, whatever the health of who has it. */
export function locateSession(reference: SessionReference, view: SessionsView): SessionPlace {
  const { session, found } = findSession(reference, view);
  return found.at === "local" ? { at: "local", session } : { at: "member", id: found.member.id, session };
}

function findSession(reference: SessionReference, view: SessionsView): { session: string; found: Found } {
  const { host, session } = split(reference.session);
  return { session, found: namedServer([reference.server, host], view) ?? ownerOf(session, reference, view) };
}

type Found = FoundServer<SessionMember>;
const HERE = { at: "local" } as const;

const WITH_HOST = /^(.*?)(?:\/|%2[Ff])(.*)$/s;

/** No hostname, name or id has a slash or a percent sign. */
function split(text: string): { host: string | undefined; session: string } {
  const [, host, session] = WITH_HOST.exec(text) ?? [];
  if (host === undefined || session === undefined) return { host: undefined, session: text };
  if (host !== "" && session !== "" && !WITH_HOST.test(session)) return { host, session };
  const shown = JSON.stringify(text.slice(0, 80));
  const message = `${shown} is no session; write its name, its id, or host/name`;
  throw new FleettyError("invalid_request", message, { field: "session" });
}

/** Null when none is named. */
function namedServer(references: readonly (string | undefined)[], view: SessionsView): Found | null {
  const given = references.filter((reference) => reference !== undefined);
  const found = given.map((reference) => lookUpServer(reference, view));
  const unknown = given.filter((_, index) => found[index] === null);
  if (unknown.length > 0) serverNotFound([...new Set(unknown)]);
  const [first = null, second = first] = found;
  if (first && second && idOf(first, view) === idOf(second, view)) return first;
  if (first === null) return null;
  const [one, other] = given.map((reference) => JSON.stringify(reference));
  const message = `the session is said to be on ${one} and on ${other}; name one server`;
  throw new FleettyError("invalid_request", message, { field: "server" });
}

function idOf(found: Found, { local }: SessionsView): string {
  return found.at === "local" ? local.id : found.member.id;
}

function ownerOf(session: string, { routeOmitted = "fleet" }: SessionReference, view: SessionsView): Found {
  if (isSessionId(session)) return ownerOfId(session, view);
  return routeOmitted === "fleet" ? ownerOfName(session, view) : hereAlone(session, view);
}

function ownerOfId(id: string, view: SessionsView): Found {
  if (view.local.find(id)) return HERE;
  const member = view.members.find(({ find }) => find(id));
  return member ? { at: "member", member } : notFound(id, null);
}

function ownerOfName(name: string, view: SessionsView): Found {
  const here = view.local.find(name);
  if (here && isLive(here)) return HERE;
  const elsewhere = matchesOf(name, view);
  const live = elsewhere.filter(({ match }) => isLive(match));
  if (live.length > 0) return theOnly(name, live);
  if (here) return HERE;
  return elsewhere.length > 0 ? theOnly(name, elsewhere) : notFound(name, null);
}

function hereAlone(name: string, { local }: SessionsView): Found {
  return local.find(name) ? HERE : notFound(name, local.hostname);
}

interface Elsewhere {
  readonly member: SessionMember;
  readonly match: SessionMatch;
}

/** At most one of each member. */
function matchesOf(session: string, { members }: SessionsView): readonly Elsewhere[] {
  return members.flatMap((member) => {
    const match = member.find(session);
    return match ? [{ member, match }] : [];
  });
}

function isLive({ state }: SessionMatch): boolean {
  return state !== "exited";
}

function theOnly(session: string, matches: readonly Elsewhere[]): Found {
  const [only, ...others] = matches;
  if (only && others.length === 0) return { at: "member", member: only.member };
  const candidates = matches.map(({ member, match }) => ({
    server: nameOf(member),
    session: match.name,
    id: match.id,
    state: isLive(match) && member.health !== "healthy" ? "unreachable" : match.state,
  }));
  const servers = candidates.slice(0, 5).map(({ server }) => server);
  const more = candidates.length > servers.length ? ", …" : "";
  const message = `${matches.length} servers have a session ${JSON.stringify(session)} (${servers.join(", ")}${more}); name the server`;
  throw new FleettyError("session_ambiguous", message, { candidates });
}

/** `server` is where alone it was looked for. */
function notFound(session: string, server: string | null): never {
  const where = server === null ? "" : ` on ${server}`;
  const message = `session ${JSON.stringify(session.slice(0, 80))} not found${where}; list the sessions to see what is there`;
  throw new FleettyError("session_not_found", message, server === null ? undefined : { server });
}
