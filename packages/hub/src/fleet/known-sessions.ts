// The sessions of one member as it told of them last: to an earlier run of this hub, then all of them when the link was made,
// then each change. Finds what a
// reference means there without asking. Dated, not true: the member has the last word on every call.
import type { AnyEvent } from "@fleetty/protocol/events";
import { isSessionId } from "@fleetty/protocol/ids";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { LastKnownSession } from "../store/hub-store.ts";
import type { Sees } from "./narrowed-worker.ts";

export class KnownSessions {
  readonly #byId: Map<string, SessionInfo>;
  /** Of what is known from an earlier run of this hub: when it was told; RFC 3339, null where that is nothing. */
  readonly asOf: string | null;

  /** `before`: as they were told to an earlier run. */
  constructor(before: readonly Pick<LastKnownSession, "info" | "at">[] = []) {
    this.#byId = new Map(before.map(({ info }) => [info.id, info]));
    this.asOf = before.reduce<string | null>((newest, { at }) => (newest !== null && newest > at ? newest : at), null);
  }

  get all(): readonly SessionInfo[] {
    return [...this.#byId.values()];
  }

  get live(): readonly SessionInfo[] {
    return this.all.filter(({ state }) => state !== "exited");
  }

  get liveCount(): number {
    let count = 0;
    for (const { state } of this.#byId.values()) if (state !== "exited") count += 1;
    return count;
  }

  /** What is not among them is no more. Answers with what has become of the tags of those that were known before. */
  replace(sessions: readonly SessionInfo[]): readonly AnyEvent[] {
    const changed = sessions.flatMap((session) =>
      tagsChanged(this.#byId.get(session.id)?.tags ?? session.tags, session),
    );
    this.#byId.clear();
    for (const info of sessions) this.#byId.set(info.id, info);
    return changed;
  }

  /** The member answered with this: it is known before its event comes. */
  learn(info: SessionInfo): void {
    this.#byId.set(info.id, info);
  }

  apply(event: AnyEvent): void {
    if (event.type === "session.removed") this.#byId.delete(event.session.id);
    else this.#byId.set(event.session.id, event.session);
  }

  /** Id of the live session that a reference means; null where none is. */
  liveId(reference: string): string | null {
    const info = this.find(reference);
    return info && info.state !== "exited" ? info.id : null;
  }

  /** Of those that are meant at all: by id; else the live one of that name; else the newest ended one that was not killed (public contract, resolution). */
  find(reference: string, isMeant: Sees = () => true): SessionInfo | undefined {
    const byId = this.#byId.get(reference);
    if (byId && isMeant(byId)) return byId;
    // No name has the form of an id: those that are somewhere else are looked for here too, and often.
    if (isSessionId(reference)) return undefined;
    const named = this.all.filter((info) => info.name === reference && isMeant(info));
    const live = named.find(({ state }) => state !== "exited");
    if (live) return live;
    const ended = named.filter(({ end_reason }) => end_reason !== "killed");
    return ended.sort((a, b) => Date.parse(b.exited_at ?? "") - Date.parse(a.exited_at ?? ""))[0];
  }
}

/** One event, or none. */
function tagsChanged(before: readonly string[], session: SessionInfo): AnyEvent[] {
  const added = session.tags.filter((tag) => !before.includes(tag));
  const removed = before.filter((tag) => !session.tags.includes(tag));
  return added.length + removed.length === 0 ? [] : [{ type: "session.tags_changed", session, added, removed }];
}
