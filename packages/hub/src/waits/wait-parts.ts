// Holds what the waits over many sessions have in common: their parts, their longest time, and what a reference means.
import type { Call } from "@fleetty/protocol/link";
import { isBounded } from "../auth/scope.ts";
import type { CallContext } from "../calls.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetSessions, SeenSession } from "../fleet/fleet-sessions.ts";

export interface WaitParts {
  readonly fleet: Fleet;
  /** All sessions that are known. */
  readonly sessions: FleetSessions;
  /** As whom servers are asked. */
  readonly callOf: (context: CallContext) => Call;
}

/** Quiet periods and waits above this are cut, not refused (public limits). */
export const WAIT_MAX_MS = 300_000;
export const WAIT_DEFAULT_MS = 30_000;
/** How long a shell may take to be at its prompt before a command is typed (public contract, run). */
const READY_DEFAULT_MS = 2_000;
/** A blocking call answers by itself at its own deadline; the link allows this much more (public contract, deadlines). */
export const BLOCKING_EXTRA_MS = 5_000;

/** A cursor of an earlier process: how much it has missed is not known. */
export const RESTARTED = { dropped: null, reason: "hub_restart" } as const;

/** What a blocking call says of its time. */
export interface AskedTimes {
  readonly max_wait_ms?: number | undefined;
  readonly wait_ms?: number | undefined;
  readonly ready_wait_ms?: number | undefined;
}

/** How long a call may block by itself: what it asks for, and with `run` until the shell is ready. */
export function waitMsOf(name: string, { wait_ms, max_wait_ms: wait = wait_ms, ready_wait_ms }: AskedTimes): number {
  const readyMs = name === "sessions.run" ? (ready_wait_ms ?? READY_DEFAULT_MS) : 0;
  return cutMs(wait ?? WAIT_DEFAULT_MS) + readyMs;
}

export function cutMs(askedMs: number): number {
  return Math.min(Math.max(askedMs, 0), WAIT_MAX_MS);
}

/** Whether a session is meant by a name or an id, and perhaps a server's hostname or id. */
export function isFleetSession({ info, member }: SeenSession, session: string, server: string | undefined): boolean {
  if (info.name !== session && info.id !== session) return false;
  return server === undefined || server === info.server || server === (member?.id ?? "local");
}

/** Whose a cursor is: the principal's, and where its right is bounded, that of one with these bounds. */
export function ownerOf({ caller: { actor, credential } }: CallContext): string {
  const { scope } = credential.facts;
  return isBounded(scope)
    ? `${actor.principal} ${JSON.stringify([scope.on?.text ?? "*", scope.tags])}`
    : actor.principal;
}
