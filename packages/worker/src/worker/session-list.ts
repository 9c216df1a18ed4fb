// Lists the sessions of this worker: of living ones their hosts know best, of ended ones the index. A host that does not
// answer costs its sessions nothing but their freshness.
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import type { HostSet } from "./host-set.ts";
import type { SessionIndex } from "./session-index.ts";

export interface SessionListParts {
  readonly hosts: HostSet;
  readonly index: SessionIndex;
  readonly log: Logger;
}

export class SessionList {
  readonly #parts: SessionListParts;

  constructor(parts: SessionListParts) {
    this.#parts = parts;
  }

  /** In the order of creation. */
  async read({ include, tag }: OperationInput<"sessions.list">, call: Call): Promise<SessionInfo[]> {
    const { hosts, index } = this.#parts;
    const reachable = hosts.all.filter((link) => link.state !== "incompatible");
    const lists = await Promise.all(reachable.map((link) => this.#of(link.id, call)));
    const known = new Map(lists.flat().map((info) => [info.id, info]));
    const live = index.live().map((entry) => known.get(entry.id) ?? (entry.info as SessionInfo));
    const ended = include?.includes("exited") ? index.allEnded().map((entry) => entry.info as SessionInfo) : [];
    const tags = tag?.filter((one) => one !== "") ?? [];
    // A host knows of an end before its outcome is here.
    const isAsked = (info: SessionInfo) => info.state !== "exited" || include?.includes("exited");
    const isTagged = (info: SessionInfo) => tags.length === 0 || info.tags.some((one) => tags.includes(one));
    return [...live, ...ended].filter((info) => isAsked(info) && isTagged(info)).sort(byCreation);
  }

  async #of(hostId: string, call: Call): Promise<SessionInfo[]> {
    const { hosts, log } = this.#parts;
    try {
      const end = await hosts.end(hostId);
      return end ? ((await end.request("sessions.list", {}, call)) as SessionInfo[]) : [];
    } catch (err) {
      log.warn({ host: hostId, err }, "a session host did not list its sessions; the last known are shown");
      return [];
    }
  }
}

function byCreation(a: SessionInfo, b: SessionInfo): number {
  return a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id) ? -1 : 1;
}
