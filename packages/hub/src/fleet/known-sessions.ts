// The sessions of one member as it told of them last: all of them when the link was made, then each change. Finds what a
// reference means there without asking. Dated, not true: the member has the last word on every call.
import type { AnyEvent } from "@fleetty/protocol/events";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

export class KnownSessions {
  readonly #byId = new Map<string, SessionInfo>();

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

  /** What is not among them is no more. */
  replace(sessions: readonly SessionInfo[]): void {
    this.#byId.clear();
    for (const info of sessions) this.#byId.set(info.id, info);
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

  /** By id; else the live one of that name; else the newest ended one that was not killed (public contract, resolution). */
  find(reference: string): SessionInfo | null {
    const byId = this.#byId.get(reference);
    if (byId) return byId;
    const named = this.all.filter(({ name }) => name === reference);
    const live = named.find(({ state }) => state !== "exited");
    if (live) return live;
    const ended = named.filter(({ end_reason }) => end_reason !== "killed");
    return ended.sort((a, b) => Date.parse(b.exited_at ?? "") - Date.parse(a.exited_at ?? ""))[0] ?? null;
  }
}
