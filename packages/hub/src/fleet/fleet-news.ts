// Says what the fleet tells of itself as it happens, for whoever keeps books of it. Types alone.
import type { AnyEvent } from "@fleetty/protocol/events";
import type { ConditionChange } from "./conditions.ts";
import type { Health, Member } from "./member.ts";

/** What one member tells, or what is found of it. */
export type MemberNews =
  /** Something happened to one of its sessions, under that number of its journal; what is known of it has that already. */
  | { readonly kind: "session"; readonly event: AnyEvent; readonly seq: number }
  /** It has said which sessions it has. */
  | { readonly kind: "inventory" }
  /** Something about it is not as it should be, or is again. */
  | ({ readonly kind: "condition" } & ConditionChange)
  | { readonly kind: "health"; readonly from: Health; readonly to: Health; readonly reason: string | null };

export type FleetNews = { readonly member: Member } & (
  | MemberNews
  | { readonly kind: "added" }
  | { readonly kind: "removed" }
  /** What is kept of it has been changed from this. */
  | { readonly kind: "updated"; readonly before: Standing }
);

/** What becomes known of the answering server itself. */
export type OwnNews =
  | ({ readonly kind: "condition" } & ConditionChange)
  | { readonly kind: "updated"; readonly before: Standing };

/** What is kept of a server and told when it has changed. */
export interface Standing {
  readonly hostname: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly cordoned: boolean;
  readonly draining: boolean;
}
