// Decides which servers of the fleet a list or a wait is about: one that is named, those of a server set, or all. Pure: health
// is the caller's, and so is what is out of sight. Where a set filters, cordoned servers count, and one that means nobody is empty.
import { FleettyError } from "@fleetty/protocol/errors";
import { type FleetServer, parseServerSet, resolveServerSet } from "@fleetty/protocol/server-set";
import { findServer, serverNotFound } from "./find-server.ts";

export interface ServersAsked {
  readonly server?: string | undefined;
  readonly on?: string | undefined;
}

export interface ServersToChoose<Server extends FleetServer> {
  /** The one that answers, which may be out of sight. */
  readonly own: { readonly hostname: string; readonly id: string };
  /** Those in sight, in the order of the fleet. */
  readonly servers: readonly Server[];
}

/** In the order of the fleet. Throws `invalid_request`, `invalid_selector`, `server_not_found`. */
export function chooseServers<Server extends FleetServer>(
  { server, on }: ServersAsked,
  { own, servers }: ServersToChoose<Server>,
): readonly Server[] {
  if (server !== undefined && on !== undefined) {
    throw new FleettyError("invalid_request", "give server or on, not both", { field: "on" });
  }
  if (on !== undefined) return serversIn(on, servers);
  if (server === undefined) return servers;
  const found = findServer(server, { local: own, members: servers.filter(({ isLocal }) => !isLocal) });
  const id = found.at === "local" ? own.id : found.member.id;
  const named = servers.filter((one) => one.id === id);
  return named.length > 0 ? named : serverNotFound([server]);
}

/** Throws `invalid_selector`, `server_not_found`. */
export function serversIn<Server extends FleetServer>(on: string, fleet: readonly Server[]): readonly Server[] {
  const { servers, unknown } = resolveServerSet(parseServerSet(on), fleet);
  return unknown.length > 0 ? serverNotFound(unknown) : servers;
}
