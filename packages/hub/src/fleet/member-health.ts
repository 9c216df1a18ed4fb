// Holds what is known of a member's health, and refuses what needs it healthy. Knows no link and no session.
import { FleettyError } from "@fleetty/protocol/errors";
import { nameOf } from "./find-server.ts";

/** A member's state as callers see it. */
export interface MemberHealth {
  /** Null while it is not known. */
  readonly hostname: string | null;
  readonly id: string;
  readonly health: "connecting" | "healthy" | "unavailable" | "rejected";
  /** Why it is not healthy, where that is known. */
  readonly reason: string | null;
  /** RFC 3339; since when its health is what it is. */
  readonly since: string;
}

/**
 * Throws `server_unavailable {server, health, reason, since, may_have_run}`; nothing has been sent by then, and so nothing
 * can have run.
 */
export function requireHealthy({ hostname, id, health, reason, since }: MemberHealth): void {
  if (health === "healthy") return;
  const server = nameOf({ hostname, id });
  const why = reason === null ? "" : ` (${reason})`;
  const message = `server ${server} is ${health}${why} since ${since}; try again, or look at that server`;
  throw new FleettyError("server_unavailable", message, { server, health, reason, since, may_have_run: false });
}

/** Reasons that say that a member is not who it was taken for. */
const SOMEBODY_ELSE: ReadonlySet<string | null> = new Set(["self", "bad_identity", "hostname_conflict"]);

/** Whether what was told in its name is its own to tell. */
export function isItself({ health, reason }: Pick<MemberHealth, "health" | "reason">): boolean {
  return health !== "rejected" || !SOMEBODY_ELSE.has(reason);
}
