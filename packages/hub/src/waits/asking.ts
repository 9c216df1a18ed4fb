// Asks a server what blocks there, and asks again when the link to it was lost and is back, or when it is overfull: with the
// same position, so that nothing between is missed. Knows no operation and no deadline; whoever waits says when to stop.
import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, FleettyError } from "@fleetty/protocol/errors";
import { type PreparedJson, plainAnswer } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { nameOf } from "../fleet/find-server.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Member } from "../fleet/member.ts";

export interface AskedServer {
  readonly fleet: Fleet;
  /** Null: this server itself. */
  readonly member: Member | null;
  /** By which it is asked; all of it when nothing is said. */
  readonly port?: WorkerPort;
  readonly signal: AbortSignal;
  /** Whether the server can be asked just now. */
  readonly onAway?: (isAway: boolean) => void;
  /** On the clock of performance.now; what is refused after that stays refused. */
  readonly untilMs?: number;
}

/** What may be otherwise in a moment, with nothing done meanwhile. */
const ASKED_AGAIN: ReadonlySet<ErrorCode> = new Set([
  "server_unavailable",
  "server_timeout",
  "channel_full",
  "stale_generation",
  "not_ready",
]);
const AGAIN_AFTER_MS = 100;
const AGAIN_AFTER_MAX_MS = 5_000;

/** Rejects with any other refusal; with `cancelled` when it is stopped, and `session_not_found` when the server is removed. */
export async function askUntilAnswered<T>(
  ask: (port: WorkerPort) => Promise<T | PreparedJson>,
  {
    fleet,
    member,
    port = member?.worker ?? fleet.worker,
    signal,
    onAway = () => {},
    untilMs = Number.POSITIVE_INFINITY,
  }: AskedServer,
): Promise<T> {
  for (let waitMs = AGAIN_AFTER_MS; ; waitMs = Math.min(waitMs * 2, AGAIN_AFTER_MAX_MS)) {
    if (member && member.health !== "healthy") {
      onAway(true);
      await healthy(fleet, member, signal);
      onAway(false);
    }
    try {
      return plainAnswer(await ask(port));
    } catch (thrown) {
      if (signal.aborted) throw cancelled();
      if (!(thrown instanceof FleettyError) || !ASKED_AGAIN.has(thrown.code)) throw thrown;
      if (performance.now() >= untilMs) throw thrown;
    }
    // A member that is lost is asked as soon as it is back; one that is not, and refuses, is given time.
    if (!member || member.health === "healthy") await pause(waitMs, signal);
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {
    throw cancelled();
  });
}

async function healthy(fleet: Fleet, member: Member, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => reject(cancelled());
  const look = () => {
    if (member.health === "healthy") resolve();
    else if (!fleet.members.includes(member)) reject(removed(member));
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const forget = fleet.news((news) => news.kind !== "session" && look());
  look();
  try {
    await promise;
  } finally {
    forget();
    signal.removeEventListener("abort", stop);
  }
}

function removed(member: Member): FleettyError {
  const server = nameOf(member);
  return new FleettyError("session_not_found", `server ${server} was removed from the fleet`, { server });
}

export function cancelled(): FleettyError {
  return new FleettyError("cancelled", "the caller has gone");
}
