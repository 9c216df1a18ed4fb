// The fleet as one caller may see it: which servers there are, which sessions on them, and where a call to either goes. What
// is out of its credential's scope is not there: absent from lists, meant by no reference, and nothing is told of it.
//
// Decided anew for each call, since labels and tags change. Knows no verb.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { MemberStatus } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { resolveServerSet, type ServerSet } from "@fleetty/protocol/server-set";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { allowsTags, type Scope } from "../auth/scope.ts";
import { chooseServers, type ServersAsked } from "./chosen-servers.ts";
import { asAddress } from "./dialled-address.ts";
import { findServer, findServerOrAddress, nameOf, serverNotFound } from "./find-server.ts";
import type { OwnWorker } from "./fleet.ts";
import type { Standing } from "./fleet-news.ts";
import type { Member } from "./member.ts";
import { requireHealthy } from "./member-health.ts";
import { type FindAmong, NarrowedWorker, type Sees } from "./narrowed-worker.ts";
import {
  locateSession,
  type RouteOmitted,
  resolveSession,
  type SessionMember,
  type SessionsView,
} from "./resolve-session.ts";

/** Where a call goes, and as what. */
export interface Destination {
  /** What the caller may see there. */
  readonly port: WorkerPort;
  /** All that is there, for what the hub does for several callers at once. */
  readonly whole: WorkerPort;
  /** Hostname of who answers. */
  readonly server: string;
  /** Null for this server itself. */
  readonly member: Member | null;
  /** Calls `tell` when the caller may see a session no more. Returns how to stop listening. */
  readonly whenHidden: (id: string, tell: (refusal: FleettyError) => void) => () => void;
}

/** All that there is. */
export interface FleetParts {
  /** Of this server's own worker. */
  readonly port: WorkerPort;
  /** Knows this server's sessions without being asked over a wire. */
  readonly worker: Pick<OwnWorker, "find" | "live">;
  readonly own: { readonly id: string; readonly hostname: string };
  readonly itself: Standing;
  /** Of this server, as its members tell of theirs. */
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  /** Where a session's name is looked for that comes without a server. */
  readonly routeOmitted: RouteOmitted;
  /** In the order of registration. */
  readonly members: readonly Member[];
}

export interface FleetViewParts extends FleetParts {
  readonly scope: Scope;
}

const seesAll: Sees = () => true;
const neverHidden = () => () => {};

export class FleetView {
  /** In the order of registration. */
  readonly members: readonly Member[];
  readonly #parts: FleetViewParts;
  readonly #seesLocal: boolean;
  readonly #sees: Sees;

  constructor(parts: FleetViewParts) {
    const { scope } = parts;
    this.#parts = parts;
    this.#sees = scope.tags.length === 0 ? seesAll : ({ tags }) => allowsTags(scope, tags);
    const meant = scope.on === null ? null : serversMeant(scope.on, parts);
    this.#seesLocal = meant === null || meant.has(parts.own.id);
    this.members = meant === null ? parts.members : parts.members.filter(({ id }) => meant.has(id));
  }

  /** Null where this server itself is out of sight. */
  get local(): Destination | null {
    return this.#seesLocal ? this.#local : null;
  }

  /** All servers, this one first; whatever their health. */
  get everywhere(): readonly Destination[] {
    const members = this.members.map((member) => this.#at(member));
    return this.local ? [this.local, ...members] : members;
  }

  /** All servers, as server sets and placement look at them. */
  get servers() {
    const [itself, ...members] = candidates({ ...this.#parts, members: this.members }, this.#sees);
    return this.#seesLocal && itself ? [itself, ...members] : members;
  }

  /** The servers that are meant, whatever their health. Throws `invalid_request`, `invalid_selector`, `server_not_found`. */
  choose(asked: ServersAsked): readonly Destination[] {
    const { own } = this.#parts;
    const chosen = new Set(chooseServers(asked, { own, servers: this.servers }).map(({ id }) => id));
    return this.everywhere.filter(({ member }) => chosen.has(member?.id ?? own.id));
  }

  /** Whether a session is in sight, on a server that is. */
  sees(session: SessionInfo): boolean {
    return this.#sees(session);
  }

  /** The server that a reference means; this one when there is none. Throws `server_not_found`, `server_unavailable`. */
  server(reference: string | undefined): Destination {
    const found = reference === undefined ? LOCAL : findServer(reference, this.#named);
    if (found.at === "local") return this.local ?? serverNotFound([reference ?? "local"]);
    requireHealthy(found.member);
    return this.#at(found.member);
  }

  /** Where a session is, and what it is called there. Throws as `resolveSession` does. */
  session(session: string, server: string | undefined): Destination & { readonly session: string } {
    const isPlain = this.#seesLocal && this.members.length === 0 && !/[/%]/.test(session);
    if (isPlain) return { ...this.server(server), session };
    const place = resolveSession({ session, server, routeOmitted: this.#parts.routeOmitted }, this.#known);
    // Out of sight it has no session that could be found, and so was named.
    const named = () => serverNotFound([server ?? session.slice(0, session.search(/\/|%2F/i))]);
    if (place.at === "local") return { ...(this.local ?? named()), session: place.session };
    const member = this.members.find(({ id }) => id === place.id) as Member;
    return { ...this.#at(member), session: place.session };
  }

  /** What a member told of that session last, whatever its health; null when it is here, or was never told. */
  lastKnown(session: string, server: string | undefined): { info: SessionInfo; member: Member } | null {
    const place = locateSession({ session, server, routeOmitted: this.#parts.routeOmitted }, this.#known);
    if (place.at === "local") return null;
    const member = this.members.find(({ id }) => id === place.id) as Member;
    const info = member.find(place.session, this.#sees);
    return info ? { info: member.worker.named(info), member } : null;
  }

  /** The healthy server that is known to have a session of this id; null where none is. */
  made(id: string): Destination | null {
    if (this.local && this.#parts.worker.find(id, this.#sees)) return this.local;
    const member = this.members.find(({ find }) => find(id, this.#sees));
    if (!member) return null;
    requireHealthy(member);
    return this.#at(member);
  }

  /** A member by hostname, id or address; null for this server itself. Throws `server_not_found`. */
  find(reference: string): Member | null {
    const found = findServerOrAddress({ reference, address: asAddress(reference)?.text }, this.#named);
    if (found.at === "member") return found.member;
    return this.#seesLocal ? null : serverNotFound([reference]);
  }

  /** A member as it is shown, with what is seen of its sessions. */
  describe(member: Member) {
    const shown = member.describe();
    if (this.#sees === seesAll || shown.sessions === null) return shown;
    return { ...shown, sessions: member.sessions.filter((info) => info.state !== "exited" && this.#sees(info)).length };
  }

  get #named() {
    return { local: this.#parts.own, members: this.members };
  }

  get #local(): Destination {
    const { port, worker, own } = this.#parts;
    const find: FindAmong = (reference, isMeant) => worker.find(reference, isMeant);
    return { server: own.hostname, member: null, ...this.#bounded(port, find) };
  }

  #at(member: Member): Destination {
    return { server: nameOf(member), member, ...this.#bounded(member.worker, member.find) };
  }

  #bounded(whole: WorkerPort, find: FindAmong): Pick<Destination, "port" | "whole" | "whenHidden"> {
    if (this.#sees === seesAll) return { port: whole, whole, whenHidden: neverHidden };
    const port = new NarrowedWorker({ port: whole, find, sees: this.#sees, tags: this.#parts.scope.tags });
    return { port, whole, whenHidden: (id, tell) => port.whenHidden(id, tell) };
  }

  /** Servers, and of their sessions those that are seen. */
  get #known(): SessionsView {
    const { worker, own } = this.#parts;
    const find = (text: string) => (this.#seesLocal ? worker.find(text, this.#sees) : undefined);
    const members = this.#sees === seesAll ? this.members : this.members.map((member) => this.#narrowed(member));
    return { local: { ...own, find }, members };
  }

  #narrowed({ hostname, id, health, reason, since, find }: Member): SessionMember {
    return { hostname, id, health, reason, since, find: (text) => find(text, this.#sees) };
  }
}

const LOCAL = { at: "local" } as const;

/** Ids of servers. A set that means nothing in this fleet (H-A) means no server. */
function serversMeant(set: ServerSet, parts: FleetParts): ReadonlySet<string> {
  try {
    return new Set(resolveServerSet(set, candidates(parts, seesAll)).servers.map(({ id }) => id));
  } catch {
    return new Set();
  }
}

/** Throws `invalid_selector` where a set means nothing in this fleet (H-A). */
export function checkServerSet(set: ServerSet, parts: FleetParts): void {
  resolveServerSet(set, candidates(parts, seesAll));
}

/** This server and its members, with the tags of the sessions that are seen; gathered when somebody asks for them. */
function candidates({ worker, own, itself: standing, status, members }: FleetParts, isSeen: Sees) {
  const { labels, cordoned, draining } = standing;
  const itself = {
    ...own,
    labels,
    get tags() {
      return new Set(
        worker
          .live()
          .filter(isSeen)
          .flatMap(({ tags }) => tags),
      );
    },
    isLocal: true,
    health: "healthy" as const,
    reason: null,
    silenceMs: 0,
    cordoned,
    draining,
    sessions: worker.live().length,
    knows: (session: string) => worker.find(session) !== undefined,
    slots: status().slots,
    latencyMs: 0,
  };
  return [itself, ...members.map((member) => member.asCandidate(isSeen))];
}
