// Decides which servers of a fleet a server set means. Pure: health, cordons and what a caller may see are the caller's.
//
// A name is a server reference: a hostname, else a lasting id (`srv_…`, which is all that a server has while its hostname
// is not known), else `local`, the answering server. Exact and case-sensitive. A name that is nobody's is reported
// whether it adds or takes away: an exclusion with a slip of the pen would leave in what was to be spared.
// `@key!=value` holds for a server without that label too, so that it means what `* !@key=value` means.
import { namesOf } from "./names-of.ts";
import type { LabelTest, ServerSet, Term } from "./server-set.ts";

/** A registered server as far as a set can ask about it. */
export interface FleetServer {
  /** Null while it is not known. */
  readonly hostname: string | null;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Tags of its live sessions. */
  readonly tags: ReadonlySet<string>;
  /** The one that answers. */
  readonly isLocal?: boolean;
}

export interface ResolvedSet<Server> {
  /** In the order of the fleet, each once; none is a set that is valid and empty. */
  readonly servers: readonly Server[];
  /** Names that nobody has, each once, in the order of the set. */
  readonly unknown: readonly string[];
}

/** `fleet` in the order of registration. Throws `invalid_selector` for H-A where nobody is called so. */
export function resolveServerSet<Server extends FleetServer>(
  set: ServerSet,
  fleet: readonly Server[],
): ResolvedSet<Server> {
  const names = namesIn(fleet);
  const added = new Set<Server>();
  const takenAway = new Set<Server>();
  const unknown = new Set<string>();
  for (const term of set.terms) {
    const into = term.isExclusion ? takenAway : added;
    for (const meant of meantBy(term, fleet, names)) {
      if (typeof meant === "string") unknown.add(meant);
      else into.add(meant);
    }
  }
  return { servers: fleet.filter((server) => added.has(server) && !takenAway.has(server)), unknown: [...unknown] };
}

/** Servers, and names that are nobody's. */
function meantBy<Server extends FleetServer>(
  term: Term,
  fleet: readonly Server[],
  names: ReadonlyMap<string, Server>,
): readonly (Server | string)[] {
  const { atom } = term;
  switch (atom.kind) {
    case "all":
      return fleet;
    case "names":
      return namesOf(term, atom, (name) => names.has(name)).map((name) => names.get(name) ?? name);
    case "labels":
      return fleet.filter(({ labels }) => atom.tests.every((test) => passes(test, labels)));
    case "tag":
      return fleet.filter(({ tags }) => tags.has(atom.tag));
  }
}

/** What each is called; of two that claim one name, the first that was registered. */
function namesIn<Server extends FleetServer>(fleet: readonly Server[]): ReadonlyMap<string, Server> {
  const names = new Map<string, Server>();
  const claim = (name: string | null, server: Server) => {
    if (name !== null && !names.has(name)) names.set(name, server);
  };
  for (const server of fleet) claim(server.hostname, server);
  for (const server of fleet) claim(server.id, server);
  for (const server of fleet) if (server.isLocal) claim("local", server);
  return names;
}

function passes(test: LabelTest, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, test.key) ? labels[test.key] : undefined;
  if (test.is === "there") return value !== undefined;
  const isOneOf = value !== undefined && test.values.has(value);
  return test.is === "one of" ? isOneOf : !isOneOf;
}
