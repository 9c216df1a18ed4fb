// Shows sessions of a member that cannot be reached as they were known last, with the date of that. What has ended has ended.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

export interface KnownMember {
  /** As they were told last. */
  readonly sessions: readonly SessionInfo[];
  /** When something came from it last; RFC 3339, null for never. */
  readonly lastSeen: string | null;
}

export interface KnownFilter {
  readonly tag?: readonly string[] | undefined;
  /** Ended ones too. */
  readonly hasEnded: boolean;
  readonly sees: (info: SessionInfo) => boolean;
}

export function asUnreachable(info: SessionInfo, { lastSeen }: Pick<KnownMember, "lastSeen">): SessionInfo {
  if (info.state === "exited") return info;
  return { ...info, state: "unreachable", ...(lastSeen !== null && { as_of: lastSeen }) };
}

/** By creation. */
export function lastKnown(member: KnownMember, { tag = [], hasEnded, sees }: KnownFilter): readonly SessionInfo[] {
  const isAsked = ({ state, tags }: SessionInfo) =>
    (hasEnded || state !== "exited") && (tag.length === 0 || tags.some((one) => tag.includes(one)));
  return member.sessions
    .filter((info) => isAsked(info) && sees(info))
    .map((info) => asUnreachable(info, member))
    .sort((a, b) => (a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id) ? -1 : 1));
}
