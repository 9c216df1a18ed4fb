// Decides which events a caller may be told of: the one place where what a credential is narrowed to bears on events. Decided
// at each event, since labels and tags change.
import { allowsTags, type Scope } from "../auth/scope.ts";
import type { EventRecord } from "../store/hub-store.ts";
import { type EventFilter, type FilterFleet, onServers } from "./event-filter.ts";

/** `fleet`: all of it. */
export function mayObserve(scope: Scope, fleet: FilterFleet): EventFilter {
  const isOnServers = scope.on === null ? () => true : onServers(scope.on, fleet);
  return (event) => {
    // It names servers of all sorts.
    if (event.type === "fleet.alarm" && scope.on !== null) return false;
    if (!isOnServers(event)) return false;
    return event.session_id === null || allowsTags(scope, event.tags) || isTakenAway(scope, event);
  };
}

/** The same event as this caller sees it: a session that its last tag in common is taken from is there no more. */
export function asObserved(scope: Scope, event: EventRecord): EventRecord {
  if (event.session_id === null || allowsTags(scope, event.tags)) return event;
  return { ...event, type: "session.removed", tags: [], data: JSON.stringify({ reason: "unknown" }) };
}

function isTakenAway(scope: Scope, { type, tags, data }: EventRecord): boolean {
  if (type !== "session.tags_changed") return false;
  const { added, removed } = JSON.parse(data) as { added: readonly string[]; removed: readonly string[] };
  return allowsTags(scope, [...tags.filter((tag) => !added.includes(tag)), ...removed]);
}
