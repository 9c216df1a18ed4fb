// Lists the sessions of the whole fleet: every server is asked at once, and one that fails or takes too long costs nobody
// else time; it is named instead.
import { type Call, PreparedJson } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Destination } from "./fleet-view.ts";

/** Time that each server has (public contract, lists). */
const DEADLINE_MS = 2_000;

export interface Listed {
  /** This server's first, then by registration. */
  readonly sessions: readonly SessionInfo[];
  /** Servers whose sessions are not among them. */
  readonly missing: readonly string[];
}

/** `everywhere`: this server first where it is among them. Rejects when its own sessions cannot be listed. */
export async function listEverywhere(
  everywhere: readonly Destination[],
  filter: Omit<OperationInput<"sessions.list">, "server">,
  call: Call,
): Promise<Listed> {
  const listed = everywhere.map(async ({ port, server, member }) => {
    const asking = port.call("sessions.list", filter, member ? { ...call, deadlineMs: DEADLINE_MS } : call);
    const answer = await (member ? asking.catch(() => null) : asking);
    const sessions = answer instanceof PreparedJson ? answer.toJSON() : answer;
    return { server, sessions: sessions as readonly SessionInfo[] | null };
  });
  const answers = await Promise.all(listed);
  return {
    sessions: answers.flatMap(({ sessions }) => sessions ?? []),
    missing: answers.filter(({ sessions }) => sessions === null).map(({ server }) => server),
  };
}
