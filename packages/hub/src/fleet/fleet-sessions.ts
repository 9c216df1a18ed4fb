// The sessions of the whole fleet as this hub knows them: its own worker's, and those that each member told of last. Says
// when one of them has changed, and when anything may have. Asks nobody; what is known of an unreachable member is dated.
import type { AnyEvent } from "@fleetty/protocol/events";
import { plainAnswer } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { hubCall } from "../sessions/hub-call.ts";
import type { Fleet } from "./fleet.ts";
import { KnownSessions } from "./known-sessions.ts";
import type { Member } from "./member.ts";
import { isItself } from "./member-health.ts";

/** A session, where it is, and when it ended as far as this hub could see. */
export interface SeenSession {
  readonly info: SessionInfo;
  /** Null: this server itself. */
  readonly member: Member | null;
  /** On this hub's clock, in ms since 1970; null while it lives. */
  readonly endedAtMs: number | null;
}

export interface Seen {
  readonly session: SeenSession;
  /** It has just been started. */
  readonly isNew: boolean;
}

/** Null: whatever is known may be other than it was, servers and their labels too. */
export type OnSeen = (seen: Seen | null) => void;

export class FleetSessions {
  readonly #fleet: Pick<Fleet, "members">;
  readonly #own = new KnownSessions();
  /** Ends that this hub was told of while they happened, by session. */
  readonly #endedAtMs = new Map<string, number>();
  readonly #listeners = new Set<OnSeen>();
  readonly #stops: (() => void)[] = [];

  private constructor(fleet: Pick<Fleet, "members">) {
    this.#fleet = fleet;
  }

  static async open(fleet: Fleet): Promise<FleetSessions> {
    const sessions = new FleetSessions(fleet);
    const early: AnyEvent[] = [];
    let isReady = false;
    const stop = fleet.worker.events((event) => {
      if (isReady) sessions.#happened(null, event);
      else early.push(event);
    });
    const heard = fleet.news((news) => {
      if (news.kind === "session") sessions.#happened(news.member, news.event);
      else sessions.#changed();
    });
    const changed = fleet.itself.news(() => sessions.#changed());
    sessions.#stops.push(stop, heard, changed);
    const answer = await fleet.worker.call("sessions.list", { include: ["exited"] }, hubCall());
    sessions.#own.replace(plainAnswer(answer));
    isReady = true;
    for (const event of early) sessions.#happened(null, event);
    return sessions;
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  /** Every session that is known, ended ones too; not those of members that are somebody else than they say. */
  *all(): Generator<SeenSession> {
    for (const info of this.#own.all) yield this.#seen(info, null);
    for (const member of this.#fleet.members) {
      if (!isItself(member)) continue;
      for (const info of member.sessions) yield this.#seen(info, member);
    }
  }

  find(id: string): SeenSession | null {
    const own = this.#own.find(id);
    if (own) return this.#seen(own, null);
    for (const member of this.#fleet.members) {
      const info = isItself(member) ? member.find(id) : undefined;
      if (info) return this.#seen(member.worker.named(info), member);
    }
    return null;
  }

  /** Whether its name means it, on its server. */
  isMeant({ info, member }: SeenSession): boolean {
    return (member ?? this.#own).find(info.name)?.id === info.id;
  }

  /** Returns how to stop listening. */
  listen(listener: OnSeen): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #happened(member: Member | null, event: AnyEvent): void {
    const { type, session: info } = event;
    if (!member) this.#own.apply(event);
    if (type === "session.exited") this.#endedAtMs.set(info.id, Date.now());
    if (type === "session.removed") this.#endedAtMs.delete(info.id);
    const seen = { session: this.#seen(info, member), isNew: type === "session.created" };
    for (const listener of [...this.#listeners]) listener(seen);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener(null);
  }

  #seen(info: SessionInfo, member: Member | null): SeenSession {
    const endedAtMs =
      info.state === "exited" ? (this.#endedAtMs.get(info.id) ?? Date.parse(info.exited_at ?? "")) : null;
    return { info, member, endedAtMs };
  }
}
