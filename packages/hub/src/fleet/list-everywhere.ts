// Lists the sessions of the whole fleet: every server is asked at once, and one that fails or takes too long costs nobody
// else time; it is named instead.
import { type Call, PreparedJson } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Destination, Fleet } from "./fleet.ts";

/** Time that each server has (public contract, lists). */
const DEADLINE_MS = 2_000;

export interface Listed {
  /** This server's first, then by registration. */
  readonly sessions: readonly SessionInfo[];
  /** Servers whose sessions are not among them. */
  readonly missing: readonly string[];
}

/** Rejects when this server's own sessions cannot be listed. */
export async function listEverywhere(
  fleet: Fleet,
  filter: Omit<OperationInput<"sessions.list">, "server">,
  call: Call,
): Promise<Listed> {
  const ask = async ({ port }: Destination, deadlineMs: number) => {
    const answer = await port.call("sessions.list", filter, { ...call, deadlineMs });
    return (answer instanceof PreparedJson ? answer.toJSON() : answer) as readonly SessionInfo[];
  };
  const members = fleet.members.map(async (member) => {
    const server = member.hostname ?? member.id;
    const sessions = await ask({ port: member.worker, server, member }, DEADLINE_MS).catch(() => null);
    return { server, sessions };
  });
  const own = await ask(fleet.local, call.deadlineMs);
  const others = await Promise.all(members);
  return {
    sessions: [...own, ...others.flatMap(({ sessions }) => sessions ?? [])],
    missing: others.filter(({ sessions }) => sessions === null).map(({ server }) => server),
  };
}
