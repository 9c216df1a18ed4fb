// Decides which events a follower asked for. All that was asked must hold; gaps of the servers in question always come.
import type { OperationInput } from "@fleetty/protocol/operations";
import { type FleetServer, parseServerSet, resolveServerSet, type ServerSet } from "@fleetty/protocol/server-set";
import { serverNotFound } from "../fleet/find-server.ts";
import type { EventRecord } from "../store/hub-store.ts";

export type EventWish = OperationInput<"events.stream">;

/** What the filter asks about the fleet. */
export interface FilterFleet {
  /** This server first; as they are now. */
  servers(): readonly FleetServer[];
  /** The id of a server that a reference means. Throws `server_not_found`. */
  idOf(reference: string): string;
}

export type EventFilter = (event: EventRecord) => boolean;

/** Comes only to who asks for it by name: there is much of it. */
const ONLY_WHEN_NAMED: ReadonlySet<string> = new Set(["session.activity"]);

/** Throws `server_not_found`, `invalid_selector`. */
export function eventFilter({ types, on, server, tag, session }: EventWish, fleet: FilterFleet): EventFilter {
  const tests: EventFilter[] = [];
  if (server !== undefined) {
    const id = fleet.idOf(server);
    tests.push((event) => event.server_id === id);
  }
  if (on !== undefined) tests.push(onServers(known(parseServerSet(on), fleet), fleet));
  const ofSession: EventFilter[] = [];
  if (tag !== undefined) ofSession.push(({ tags }) => tag.some((one) => tags.includes(one)));
  if (session !== undefined) ofSession.push(isOf(session));
  if (ofSession.length > 0) tests.push((event) => event.session_id !== null && ofSession.every((test) => test(event)));
  const isOfTypes = ofTypes(types);
  return (event) => {
    if (event.type === "gap") return (server === undefined && on === undefined) || isGapOf(event, tests);
    return isOfTypes(event.type) && tests.every((test) => test(event));
  };

  /** Tests of servers alone: a gap is of no session. */
  function isGapOf(event: EventRecord, all: readonly EventFilter[]): boolean {
    return all.slice(0, Number(server !== undefined) + Number(on !== undefined)).every((test) => test(event));
  }
}

/** `session.` stands for all of that word. */
function ofTypes(types: readonly string[] | undefined): (type: string) => boolean {
  if (types === undefined) return (type) => !ONLY_WHEN_NAMED.has(type);
  const exact = new Set(types.filter((type) => !type.endsWith(".")));
  const prefixes = types.filter((type) => type.endsWith("."));
  return (type) =>
    exact.has(type) || (!ONLY_WHEN_NAMED.has(type) && prefixes.some((prefix) => type.startsWith(prefix)));
}

/** By its id, or by the name that it has or gives up; `host/name` is on that server only. */
function isOf(reference: string): EventFilter {
  const cut = reference.indexOf("/");
  const host = cut < 0 ? null : reference.slice(0, cut);
  const name = reference.slice(cut + 1);
  return ({ type, server, session, session_id, data }) => {
    if (host !== null && host !== server) return false;
    const isCalledSo = session === name || session_id === name;
    return isCalledSo || (type === "session.renamed" && JSON.parse(data).old_name === name);
  };
}

/** Throws what is wrong with the set in the fleet as it is now. */
function known(set: ServerSet, fleet: FilterFleet): ServerSet {
  const { unknown } = resolveServerSet(set, fleet.servers());
  return unknown.length > 0 ? serverNotFound(unknown) : set;
}

/**
 * Looked up at each event, because labels and sessions change; a server that was in the set until this event is still in it,
 * so that whoever watches it hears that it was removed. A set that means nothing in this fleet (H-A) means no server.
 */
export function onServers(set: ServerSet, fleet: FilterFleet): EventFilter {
  const now = () => {
    try {
      return new Set(resolveServerSet(set, fleet.servers()).servers.map(({ id }) => id));
    } catch {
      return new Set<string>();
    }
  };
  let before = now();
  return ({ server_id }) => {
    const present = now();
    const isIn = present.has(server_id) || before.has(server_id);
    before = present;
    return isIn;
  };
}
