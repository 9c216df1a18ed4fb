// Decides which server of the fleet a reference means: a hostname, a lasting id (`srv_…`), or `local`, the answering server
// unless a member has that hostname. Exact and case-sensitive. Pure: health and rights are the caller's.
//
// The answering server's own names come first, then hostnames, then ids, then addresses; of two members that claim one
// name, the first that was registered.
import { FleettyError } from "@fleetty/protocol/errors";

/** A registered server as far as a reference can mean it. */
export interface NamedServer {
  /** Null while it is not known. */
  readonly hostname: string | null;
  readonly id: string;
  /** As it was registered, normalised; `link:<id>` of one that joined. */
  readonly address?: string;
}

export interface NamedFleet<Member extends NamedServer> {
  /** The answering server. */
  readonly local: { readonly hostname: string; readonly id: string };
  /** In the order of registration. */
  readonly members: readonly Member[];
}

export type FoundServer<Member> = { readonly at: "local" } | { readonly at: "member"; readonly member: Member };

const LOCAL = { at: "local" } as const;

/** Null when nobody is called so. */
export function lookUpServer<Member extends NamedServer>(
  reference: string,
  { local, members }: NamedFleet<Member>,
): FoundServer<Member> | null {
  if (reference === local.hostname || reference === local.id) return LOCAL;
  const member = members.find(({ hostname }) => hostname === reference) ?? members.find(({ id }) => id === reference);
  if (member) return { at: "member", member };
  return reference === "local" ? LOCAL : null;
}

/** Throws `server_not_found {unknown}`. */
export function findServer<Member extends NamedServer>(
  reference: string,
  fleet: NamedFleet<Member>,
): FoundServer<Member> {
  return lookUpServer(reference, fleet) ?? serverNotFound([reference]);
}

/**
 * For the operations on servers themselves, where a member that has no hostname yet is meant by its address too.
 * `address` is the reference read as an address and normalised; absent when it is none.
 */
export function findServerOrAddress<Member extends NamedServer>(
  { reference, address }: { reference: string; address?: string | undefined },
  fleet: NamedFleet<Member>,
): FoundServer<Member> {
  const found = lookUpServer(reference, fleet);
  if (found) return found;
  const member = fleet.members.find(({ address: own }) => own === reference || (own !== undefined && own === address));
  return member ? { at: "member", member } : serverNotFound([reference]);
}

/** What a server is called where it has to be called something. */
export function nameOf({ hostname, id }: NamedServer): string {
  return hostname ?? id;
}

/** `unknown` are the references that are nobody's. */
export function serverNotFound(unknown: readonly string[]): never {
  const shown = unknown.slice(0, 3).map((reference) => JSON.stringify(reference.slice(0, 80)));
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : "";
  const message = `no server is registered as ${shown.join(", ")}${more}; list the servers to see which are`;
  throw new FleettyError("server_not_found", message, { unknown });
}
