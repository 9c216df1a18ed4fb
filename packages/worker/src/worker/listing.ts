// Lists the sessions of a worker: what their hosts say of them, and what was last known where none does. Decides what is
// listed and in which order.
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import type { HostSet } from "./host-set.ts";
import type { SessionIndex } from "./session-index.ts";

export interface ListingParts {
  readonly index: SessionIndex;
  readonly hosts: HostSet;
  readonly log: Logger;
}

/** Oldest first. A host that does not answer keeps nothing from being listed. */
export async function listSessions(
  { index, hosts, log }: ListingParts,
  input: OperationInput<"sessions.list">,
  call: Call,
): Promise<SessionInfo[]> {
  const listOf = async (hostId: string): Promise<SessionInfo[]> => {
    try {
      const end = await hosts.end(hostId);
      return end ? ((await end.request("sessions.list", {}, call)) as SessionInfo[]) : [];
    } catch (err) {
      log.warn({ host: hostId, err }, "a session host did not list its sessions; the last known are shown");
      return [];
    }
  };
  const reachable = hosts.all.filter((link) => link.state !== "incompatible");
  const lists = await Promise.all(reachable.map((link) => listOf(link.id)));
  const known = new Map(lists.flat().map((info) => [info.id, info]));
  const live = index.live().map((entry) => known.get(entry.id) ?? (entry.info as SessionInfo));
  const ended = input.include?.includes("exited") ? index.allEnded().map((entry) => entry.info as SessionInfo) : [];
  const tags = input.tag?.filter((tag) => tag !== "") ?? [];
  // A host knows of an end before its outcome is here.
  const isAsked = (info: SessionInfo) => info.state !== "exited" || input.include?.includes("exited");
  const isTagged = (info: SessionInfo) => tags.length === 0 || info.tags.some((tag) => tags.includes(tag));
  const all = [...live, ...ended].filter((info) => isAsked(info) && isTagged(info)).map(({ tail: _, ...info }) => info);
  return all.sort((a, b) => (a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id) ? -1 : 1));
}
