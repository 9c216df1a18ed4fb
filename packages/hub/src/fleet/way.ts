// How links to a member come: this server dials it, or it dials this server. All else about a member is the same either way.
import type { Condition } from "./conditions.ts";
import type { DialReason } from "./dial-member.ts";

/** Why there is no link. */
export interface NoLink {
  readonly reason: DialReason | "silent" | "closed";
  /** For operators: a code, or a sentence of our own; never words of the other end. */
  readonly detail: string | null;
}

/** Reasons that no later attempt would mend: a person has to. */
const REJECTED: ReadonlySet<string> = new Set<NoLink["reason"]>([
  "incompatible_version",
  "self",
  "bad_identity",
  "revoked",
  "pending_approval",
  "hostname_conflict",
  "address_denied",
]);

/** What a member is that has no link for this reason. */
export function healthWithout({ reason }: NoLink): "rejected" | "unavailable" {
  return REJECTED.has(reason) ? "rejected" : "unavailable";
}

export interface Way {
  readonly kind: "dialled" | "joined";
  /** The member is to be linked: it has just been registered, the hub has started, or something that may let it in has changed. */
  begin(): void;
  /** There is a link. */
  linked(): void;
  /** The link was lost, or an attempt has failed that may succeed later. */
  again(): void;
  /** No link is wanted any more. */
  close(): void;
  /** How links come has changed: an attempt under the old rules is given up. Whether another is to begin. */
  renew(): boolean;
  /** Why a link to that IP address would not be made now; null where it would. */
  judgeOpen(contacted: string | null): Promise<NoLink | null>;
  /** What about it is not as it should be. */
  conditions(): readonly Condition[];
}
