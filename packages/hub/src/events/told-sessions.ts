// Knows what the log has told of each session, and decides what is left to tell when something is heard of it: each thing
// once, whether a server says it as it happens, lists what it has when its link is back, or both. Pure; what comes of it is
// for the log to write.
import type { AnyEvent, PassingEvent } from "@fleetty/protocol/events";
import type { FleetEventType } from "@fleetty/protocol/fleet-events";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { ToldChange, ToldRecord } from "../store/hub-store.ts";

/** One thing to tell of a session, which is called and tagged as given. */
export interface SessionNews {
  readonly type: FleetEventType;
  readonly session: { readonly id: string; readonly name: string; readonly tags: readonly string[] };
  readonly data: object;
}

export interface Telling {
  readonly news: readonly SessionNews[];
  /** To be kept together with the news. */
  readonly told: readonly ToldChange[];
}

/** Comes after every time of day. */
const LAST = "~";

export class ToldSessions {
  readonly #servers = new Map<string, Map<string, ToldRecord>>();

  constructor(records: readonly ToldRecord[]) {
    for (const told of records) this.#of(told.server_id).set(told.session_id, told);
  }

  /** Ids of servers of whose sessions something has been told. */
  get servers(): readonly string[] {
    return [...this.#servers.keys()];
  }

  liveCount(serverId: string): number {
    return [...this.#of(serverId).values()].filter(({ is_ended }) => !is_ended).length;
  }

  /** A server has said that something happened to one of its sessions. */
  happened(serverId: string, event: AnyEvent): Telling {
    const writer = new Writer(serverId, this.#of(serverId));
    const { session } = event;
    switch (event.type) {
      case "session.created":
        writer.isThere(session);
        break;
      case "session.renamed":
      case "session.tags_changed":
        writer.isThere(session);
        writer.isCalled(session);
        break;
      case "session.exited":
        writer.isThere(session);
        writer.hasEnded(session);
        break;
      case "session.removed":
        writer.isGone(session.id, event.reason ?? "unknown", session);
        break;
      default:
        writer.isThere(session);
        writer.did(event);
    }
    return writer.telling;
  }

  /**
   * A server has listed all its sessions: what is different from what was told has happened meanwhile, in the order of its
   * own clock as far as that says.
   */
  listed(serverId: string, sessions: readonly SessionInfo[]): Telling {
    const told = this.#of(serverId);
    const writer = new Writer(serverId, told);
    for (const info of sessions) {
      writer.isThere(info);
      writer.isCalled(info);
      if (info.state === "exited") writer.hasEnded(info);
    }
    const there = new Set(sessions.map(({ id }) => id));
    for (const { session_id: id } of [...told.values()]) if (!there.has(id)) writer.isGone(id, "unknown");
    return writer.inOrder;
  }

  /** Its server is away; what it has is not known to be dead. */
  away(serverId: string, since: string): Telling {
    const writer = new Writer(serverId, this.#of(serverId));
    for (const told of [...this.#of(serverId).values()])
      if (!told.is_ended && !told.is_away) writer.change(told, { is_away: true }, "session.unreachable", { since });
    return writer.telling;
  }

  back(serverId: string, missedEvents: boolean): Telling {
    const writer = new Writer(serverId, this.#of(serverId));
    const data = { missed_events: missedEvents };
    for (const told of [...this.#of(serverId).values()])
      if (!told.is_ended && told.is_away) writer.change(told, { is_away: false }, "session.reachable", data);
    return writer.telling;
  }

  /** The server is none of the fleet any more: its sessions live on there, and are nobody's news here. */
  forget(serverId: string): Telling {
    this.#servers.delete(serverId);
    return { news: [], told: [{ server_id: serverId, session_id: null, told: null }] };
  }

  #of(serverId: string): Map<string, ToldRecord> {
    const present = this.#servers.get(serverId);
    if (present) return present;
    const made = new Map<string, ToldRecord>();
    this.#servers.set(serverId, made);
    return made;
  }
}

/** Says what is new of the sessions of one server, and keeps that it has been said. */
class Writer {
  readonly #serverId: string;
  readonly #told: Map<string, ToldRecord>;
  readonly #news: { at: string; news: SessionNews }[] = [];
  readonly #changes: ToldChange[] = [];

  constructor(serverId: string, told: Map<string, ToldRecord>) {
    this.#serverId = serverId;
    this.#told = told;
  }

  get telling(): Telling {
    return { news: this.#news.map(({ news }) => news), told: this.#changes };
  }

  /** By the time that the server says; what one session did stays in its order. */
  get inOrder(): Telling {
    const sorted = this.#news.toSorted(({ at: one }, { at: other }) => (one < other ? -1 : one > other ? 1 : 0));
    return { news: sorted.map(({ news }) => news), told: this.#changes };
  }

  isThere(info: SessionInfo): void {
    if (this.#told.has(info.id)) return;
    const { id, name, tags } = info;
    const data = withoutTail(info);
    this.#keep({ server_id: this.#serverId, session_id: id, name, tags, is_ended: false, is_away: false }, data);
    this.#news.push({ at: info.created_at, news: { type: "session.created", session: info, data } });
  }

  /** What came and what went are two events (public contract). */
  isCalled(info: SessionInfo): void {
    const at = info.exited_at ?? LAST;
    const { name: old_name, tags: before } = this.#told.get(info.id) as ToldRecord;
    const { name: new_name, tags } = info;
    if (new_name !== old_name) this.#say(at, info, { name: new_name }, "session.renamed", { old_name, new_name });
    const added = tags.filter((tag) => !before.includes(tag));
    const removed = before.filter((tag) => !tags.includes(tag));
    const change = (data: object) => this.#say(at, info, { tags }, "session.tags_changed", data);
    if (added.length > 0) change({ added, removed: [] });
    if (removed.length > 0) change({ added: [], removed });
  }

  /** Of one that has ended nothing is news. */
  did({ type, session, ...data }: PassingEvent): void {
    if (!this.#told.get(session.id)?.is_ended) this.#say(LAST, session, {}, type, data);
  }

  hasEnded(info: SessionInfo): void {
    const { exit, end_reason, offset, exited_at } = info;
    this.#end(info, exited_at ?? LAST, { exit: exit ?? { unknown: true }, end_reason, offset });
  }

  /** Forgotten by its server; one that was believed to run has ended, as `last` says or nobody knows how. */
  isGone(id: string, reason: string, last?: SessionInfo): void {
    const told = this.#told.get(id);
    if (!told) return;
    if (last?.state === "exited") this.hasEnded(last);
    else this.#end({ id }, LAST, { exit: { unknown: true }, end_reason: "missing_after_resume", offset: null });
    this.#told.delete(id);
    this.#changes.push({ server_id: this.#serverId, session_id: id, told: null });
    this.#news.push({ at: LAST, news: { type: "session.removed", session: sessionOf(told), data: { reason } } });
  }

  change(told: ToldRecord, change: Partial<ToldRecord>, type: FleetEventType, data: object): void {
    this.#say(LAST, { id: told.session_id }, change, type, data);
  }

  #end(about: About, at: string, data: object): void {
    if (this.#told.get(about.id)?.is_ended === false)
      this.#say(at, about, { is_ended: true, is_away: false }, "session.exited", data);
  }

  #say(at: string, about: About, change: Partial<ToldRecord>, type: FleetEventType, data: object): void {
    const told = { ...(this.#told.get(about.id) as ToldRecord), ...change };
    this.#keep(told, "state" in about ? withoutTail(about) : undefined);
    this.#news.push({ at, news: { type, session: sessionOf(told), data } });
  }

  #keep(told: ToldRecord, info?: SessionInfo): void {
    this.#told.set(told.session_id, told);
    this.#changes.push({ server_id: this.#serverId, session_id: told.session_id, told, info });
  }
}

/** A session as its server tells it, or its id alone. */
type About = SessionInfo | { readonly id: string };

/** Its last words are its server's to tell. */
function withoutTail({ tail: _, ...info }: SessionInfo): SessionInfo {
  return info;
}

function sessionOf({ session_id: id, name, tags }: ToldRecord): SessionNews["session"] {
  return { id, name, tags };
}
