// Answers `sessions.list` of the whole fleet or a part of it, and `sessions.get` of what cannot be reached. Chooses servers,
// has them asked, shapes the answer; who watches is counted by the caller.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { AnswerNotes } from "../calls.ts";
import type { FleetView } from "../fleet/fleet-view.ts";
import { asUnreachable } from "../fleet/last-known.ts";
import { listEverywhere, type ServerList, wants } from "../fleet/list-everywhere.ts";
import { isItself, requireHealthy } from "../fleet/member-health.ts";
import { pageOf } from "../fleet/session-page.ts";

type ListInput = OperationInput<"sessions.list">;
type Envelope = { readonly [Member in "sessions" | "servers" | "next_cursor"]: unknown };
type Listed = readonly SessionInfo[] | Envelope;

export interface ListingParts {
  /** The fleet as the caller may see it. */
  readonly view: FleetView;
  readonly call: Call;
  readonly notes: AnswerNotes | undefined;
  /** As this server shows a session. */
  readonly shown: (info: SessionInfo) => SessionInfo;
}

/** Stands for this server in cursors. */
const OWN = "";
/** Codes of a server that is away, or did not answer in time. */
const AWAY: ReadonlySet<string> = new Set(["server_unavailable", "server_timeout"]);

export async function listSessions({ envelope, ...input }: ListInput, parts: ListingParts): Promise<Listed> {
  const { view, notes, shown } = parts;
  const lists = await listsOf(input, parts);
  const placed = lists.map(({ member, sessions }) => ({ id: member?.id ?? OWN, sessions }));
  const page = pageOf(placed, [OWN, ...view.members.map(({ id }) => id)], input);
  const sessions = page.sessions.map(shown);
  if (notes) {
    notes.partial = lists.filter(({ refusal }) => refusal !== null).map(({ server }) => server);
    if (page.nextCursor !== null) notes.nextCursor = page.nextCursor;
  }
  return envelope ? { sessions, servers: lists.map(told), next_cursor: page.nextCursor } : sessions;
}

/** What was known of it last, where its server is away; `ask` asks that server. */
export async function getSession(
  { session, server }: Pick<OperationInput<"sessions.get">, "session" | "server">,
  view: FleetView,
  ask: () => Promise<SessionInfo>,
): Promise<SessionInfo> {
  try {
    return await ask();
  } catch (thrown) {
    const isAway = thrown instanceof FleettyError && AWAY.has(thrown.code);
    const known = isAway ? view.lastKnown(session, server) : null;
    if (!known) throw thrown;
    return asUnreachable(known.info, known.member);
  }
}

async function listsOf(input: ListInput, { view, call, notes }: ListingParts): Promise<readonly ServerList[]> {
  const servers = view.choose(input);
  const listing = { asked: input, call, sees: (info: SessionInfo) => view.sees(info) };
  const [only] = servers;
  if (input.server === undefined || !only) return listEverywhere(servers, listing);
  if (notes) notes.server = only.server;
  if (only.member && !isItself(only.member)) requireHealthy(only.member);
  const lists = await listEverywhere(servers, listing);
  const refusal = wants("unreachable", input) ? null : lists[0]?.refusal;
  if (refusal) throw refusal;
  return lists;
}

function told({ server: hostname, refusal }: ServerList) {
  return refusal ? { hostname, ok: false, error: refusal.toWire() } : { hostname, ok: true };
}
