// Says which events tell that sessions come, go and are called otherwise, and how the JSON WebSockets of the older API tell
// them. Pure.
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";

/** In the order of a session's life. */
export const LIFE_EVENTS = ["session.created", "session.renamed", "session.tags_changed", "session.exited"] as const;

/** As a client is told it. */
export interface LifeFrame {
  readonly event: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly cursor: string;
}

type Changed = { readonly added: readonly string[]; readonly removed: readonly string[] };

/** None for what is told otherwise; tags that come and tags that go are two. */
export function lifeFrames({ type, data, session, server, id, cursor }: FleetEvent): readonly LifeFrame[] {
  const of = { server, id };
  switch (type) {
    case "session.created":
      return [{ event: "session_created", params: { name: session, ...of }, cursor }];
    case "session.renamed": {
      const { old_name, new_name } = data;
      return [{ event: "session_renamed", params: { old_name, new_name, ...of }, cursor }];
    }
    case "session.tags_changed":
      return tagFrames(data as unknown as Changed).map((tags) => {
        return { event: "session_tags_changed", params: { name: session, ...tags, ...of }, cursor };
      });
    case "session.exited":
      return [{ event: "session_destroyed", params: { name: session, ...of, exit: data["exit"] }, cursor }];
    case "gap":
      return [{ event: "gap", params: { dropped: data["dropped"], reason: data["reason"] }, cursor }];
    default:
      return [];
  }
}

function tagFrames({ added, removed }: Changed): readonly Changed[] {
  const both = [
    { added, removed: [] },
    { added: [], removed },
  ];
  return both.filter((one) => one.added.length + one.removed.length > 0);
}
