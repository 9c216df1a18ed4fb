// Lists the sessions of several servers: all are asked at once, and one that fails or takes too long costs nobody else time;
// it is named instead, with what was known of it last where that is wanted.
import { type FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { type Call, plainAnswer } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Destination } from "./fleet-view.ts";
import { lastKnown } from "./last-known.ts";
import { isItself, requireHealthy } from "./member-health.ts";

/** Time that each server has when nothing is said (public contract, lists). */
const DEADLINE_MS = 2_000;

type Asked = Pick<OperationInput<"sessions.list">, "tag" | "include" | "attention" | "deadline_ms">;

/** How one server fared. */
export interface ServerList extends Pick<Destination, "server" | "member"> {
  /** By creation. */
  readonly sessions: readonly SessionInfo[];
  /** Why its sessions may be missing, or are as they were known last. */
  readonly refusal: FleettyError | null;
}

export interface Listing {
  readonly asked: Asked;
  readonly call: Call;
  /** Of what is known and not asked for, that which the caller may see. */
  readonly sees: (info: SessionInfo) => boolean;
}

/** In the order of `servers`. Rejects when this server's own sessions cannot be listed. */
export function listEverywhere(servers: readonly Destination[], listing: Listing): Promise<readonly ServerList[]> {
  // A member that is somebody else than it says has no sessions here, and misses none.
  const asked = servers.filter(({ member }) => !member || isItself(member));
  return Promise.all(asked.map((server) => listOne(server, listing)));
}

async function listOne({ port, server, member }: Destination, listing: Listing): Promise<ServerList> {
  try {
    if (member) requireHealthy(member);
    const sessions = (await ask({ port, member }, listing)).filter((info) => isWanted(info, listing.asked));
    return { server, member, sessions, refusal: null };
  } catch (thrown) {
    if (!member) throw thrown;
    const { asked, sees } = listing;
    const filter = { tag: asked.tag?.filter((word) => word !== ""), hasEnded: wants("exited", asked), sees };
    const known = wants("unreachable", asked) ? lastKnown(member, filter) : [];
    const sessions = known.filter((info) => isWanted(info, asked));
    return { server, member, sessions, refusal: toFleettyError(thrown) };
  }
}

async function ask({ port, member }: Pick<Destination, "port" | "member">, { asked, call }: Listing) {
  const { tag, deadline_ms: deadlineMs = DEADLINE_MS } = asked;
  const input: OperationInput<"sessions.list"> = {
    ...(tag && { tag }),
    ...(wants("exited", asked) && { include: ["exited"] }),
  };
  const answer = await port.call("sessions.list", input, member ? { ...call, deadlineMs } : call);
  return plainAnswer(answer);
}

/** Here and not on its server, which may be of a version that does not know of it. */
function isWanted({ attention }: SessionInfo, { attention: asked }: Asked): boolean {
  return asked === undefined || (asked as readonly string[]).includes(attention);
}

export function wants(what: "exited" | "unreachable", { include }: Pick<Asked, "include">): boolean {
  return include?.includes(what) ?? false;
}
