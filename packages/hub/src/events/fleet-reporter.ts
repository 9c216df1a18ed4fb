// Writes the log's events: hears what this server's worker and the fleet tell, and decides what of it is news, of which
// server, and what cannot be known because nobody could tell while it happened. Knows no follower.
//
// A member that is back, after a lost link or a restart of this hub, tells first from its journal what happened meanwhile; then
// what it has is compared with what was told of it, which shows what a journal lacks. What it tells until then waits behind that.
import { type AnyEvent, isPassing } from "@fleetty/protocol/events";
import type { FleetEventData, FleetEventType } from "@fleetty/protocol/fleet-events";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { GapData } from "@fleetty/protocol/schemas/fleet-events";
import { EVERYTHING } from "../auth/scope.ts";
import type { ConditionChange } from "../fleet/conditions.ts";
import { nameOf } from "../fleet/find-server.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetNews, OwnNews, Standing } from "../fleet/fleet-news.ts";
import type { Member } from "../fleet/member.ts";
import { hubCall } from "../sessions/hub-call.ts";
import type { HeardRecord, HubStore } from "../store/hub-store.ts";
import type { EventLog, NewEvent } from "./event-log.ts";
import { ManySilent } from "./many-silent.ts";
import { type NumberedEvent, type Past, pastOf } from "./member-past.ts";
import { type Telling, ToldSessions } from "./told-sessions.ts";

export interface FleetReporterOptions {
  readonly store: HubStore;
  readonly log: EventLog;
  readonly fleet: Fleet;
  readonly own: { readonly id: string; readonly hostname: string };
}

interface About {
  readonly id: string;
  readonly name: string;
}

/** What is kept of a server, and was. */
interface Update {
  readonly before: Standing;
  readonly now: Standing;
  readonly isDraining: boolean;
}

type Absence = Pick<GapData, "from" | "reason">;

export class FleetReporter {
  readonly #options: FleetReporterOptions;
  readonly #told: ToldSessions;
  readonly #silent = new ManySilent();
  readonly #stops: (() => void)[] = [];
  /** Members that could tell nothing since then. */
  readonly #absences = new Map<string, Absence>();
  /** Members that are back and are being asked what happened, with what they have told meanwhile. */
  readonly #returning = new Map<string, NumberedEvent[]>();
  /** How far the log goes in the journals of members. */
  readonly #heardUpTo: Map<string, number>;

  private constructor(options: FleetReporterOptions, told: ToldSessions, heard: readonly HeardRecord[]) {
    this.#options = options;
    this.#told = told;
    this.#heardUpTo = new Map(heard.map(({ server_id, seq }) => [server_id, seq]));
  }

  /** Resolves when what happened here while no server ran is in the log; before that nobody may be served. */
  static async open(options: FleetReporterOptions): Promise<FleetReporter> {
    const { store } = options;
    const [told, heard] = await Promise.all([store.toldSessions(), store.heardServers()]);
    const reporter = new FleetReporter(options, new ToldSessions(told), heard);
    await reporter.#begin();
    return reporter;
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#returning.clear();
  }

  async #begin(): Promise<void> {
    const { fleet, log, own } = this.#options;
    for (const member of fleet.members)
      if (member.record.server !== null) this.#absences.set(member.id, { from: log.lastAt, reason: "hub_restart" });
    this.#stops.push(fleet.news((news) => this.#heard(news)));
    this.#stops.push(fleet.itself.news((news) => this.#heardHere(news)));
    const known = new Set([own.id, ...fleet.members.map(({ id }) => id)]);
    for (const id of this.#told.servers) if (!known.has(id)) this.#tell({ id, name: id }, this.#told.forget(id));
    // Members were dialled before anybody listened.
    for (const member of fleet.members)
      if (member.health !== "connecting")
        this.#healthIs(member, {
          member,
          kind: "health",
          from: "connecting",
          to: member.health,
          reason: member.reason,
        });
    await this.#beginHere();
  }

  /** Sessions of this server ended by themselves while it did not run, and not otherwise: their hosts know all of it. */
  async #beginHere(): Promise<void> {
    const { fleet, own } = this.#options;
    const { port } = fleet.seenBy(EVERYTHING).server(undefined);
    let held: AnyEvent[] | null = [];
    const tell = (telling: Telling, mayWait = false) => {
      this.#tell(this.#here, telling, { mayWait });
      if (hasEnded(telling)) this.#lookDrained(this.#here, fleet.itself.draining);
    };
    const happened = (event: AnyEvent) => tell(this.#told.happened(own.id, event), isPassing(event));
    this.#stops.push(port.events((event) => (held ? held.push(event) : happened(event))));
    const sessions = (await port.call("sessions.list", { include: ["exited"] }, hubCall())) as SessionInfo[];
    tell(this.#told.listed(own.id, sessions));
    for (const event of held) happened(event);
    held = null;
  }

  #heardHere(news: OwnNews): void {
    if (news.kind === "condition") return this.#conditionIs(this.#here, news);
    const { itself } = this.#options.fleet;
    this.#updated(this.#here, { before: news.before, now: itself, isDraining: itself.draining });
  }

  #heard(news: FleetNews): void {
    const { member } = news;
    switch (news.kind) {
      case "session":
        return this.#tells(member, news);
      case "inventory":
        if (member.health === "healthy" && !this.#returning.has(member.id)) this.#compare(member);
        return;
      case "health":
        return this.#healthIs(member, news);
      case "condition":
        return this.#conditionIs(aboutOf(member), news);
      case "added":
        return this.#added(member);
      case "updated":
        return this.#updated(aboutOf(member), {
          before: news.before,
          now: member.describe(),
          isDraining: isDraining(member),
        });
      case "removed":
        return this.#removed(member);
    }
  }

  /** Until it is healthy its journal keeps it. */
  #tells(member: Member, { event, seq }: NumberedEvent): void {
    const held = this.#returning.get(member.id);
    if (held) held.push({ event, seq });
    else if (member.health === "healthy") this.#happened(member, { event, seq });
  }

  #happened(member: Member, { event, seq }: NumberedEvent): void {
    const telling = this.#told.happened(member.id, event);
    const heard = seq === 0 ? null : this.#heardTo(member, seq);
    this.#tell(aboutOf(member), telling, { heard, mayWait: isPassing(event) });
    if (hasEnded(telling)) this.#lookDrained(aboutOf(member), isDraining(member));
  }

  #heardTo({ id }: Member, seq: number): HeardRecord {
    this.#heardUpTo.set(id, seq);
    return { server_id: id, seq };
  }

  #compare(member: Member): void {
    const telling = this.#told.listed(member.id, member.sessions);
    this.#tell(aboutOf(member), telling);
    if (hasEnded(telling)) this.#lookDrained(aboutOf(member), isDraining(member));
  }

  #healthIs(member: Member, { from, to, reason }: Extract<FleetNews, { kind: "health" }>): void {
    const about = aboutOf(member);
    this.#say(about, "server.health", { from, to, reason });
    if (to === "healthy") this.#back(member);
    if (from === "healthy") {
      // One that had not told all of its past yet has been away all the time.
      if (!this.#returning.delete(member.id))
        this.#absences.set(member.id, { from: member.lastSeen, reason: "server_log_expired" });
      this.#lost(member);
    }
    if (to === "unavailable" || to === "rejected") this.#tell(about, this.#told.away(member.id, member.since));
  }

  #back(member: Member): void {
    this.#silent.back(member.id, this.#options.fleet.members.length);
    const held: NumberedEvent[] = [];
    this.#returning.set(member.id, held);
    void this.#catchUp(member, held);
  }

  /** Asks a member that is back for what happened; given up when it is lost again, to be gone on with then. */
  async #catchUp(member: Member, held: readonly NumberedEvent[]): Promise<void> {
    const wasAway = this.#absences.has(member.id);
    let upto: number | null = null;
    let isWhole = true;
    for await (const past of pastOf(member, this.#heardUpTo.get(member.id))) {
      if (this.#returning.get(member.id) !== held) return;
      this.#tellPast(member, past);
      isWhole &&= past.isWhole;
      upto = past.upto;
    }
    this.#returning.delete(member.id);
    this.#absences.delete(member.id);
    for (const one of held) if (one.seq === 0 || one.seq > (upto ?? 0)) this.#happened(member, one);
    this.#compare(member);
    this.#tell(aboutOf(member), this.#told.back(member.id, wasAway && !isWhole));
  }

  #tellPast(member: Member, { events, upto, isWhole }: Past): void {
    const absence = this.#absences.get(member.id);
    if (absence && !isWhole)
      this.#say(aboutOf(member), "gap", { ...absence, to: new Date().toISOString(), dropped: null });
    for (const one of events) this.#happened(member, one);
    if (upto !== null) this.#options.log.add([], { heard: this.#heardTo(member, upto) });
  }

  #lost(member: Member): void {
    const { members } = this.#options.fleet;
    // A clock that is set makes no losses fall together, and none apart.
    const nowMs = performance.now();
    const alarm = this.#silent.lost(member.id, { members: members.length, nowMs });
    if (!alarm) return;
    const servers = members.filter(({ id }) => alarm.servers.includes(id)).map((one) => aboutOf(one).name);
    const since = new Date(Date.now() - (nowMs - alarm.sinceMs)).toISOString();
    this.#say(this.#here, "fleet.alarm", { kind: "many_servers_silent", servers, since });
  }

  #added(member: Member): void {
    this.#say(aboutOf(member), "server.added", member.describe());
  }

  #conditionIs(about: About, { condition, active, reason }: ConditionChange): void {
    this.#say(about, "server.condition", { condition, active, reason });
  }

  /** Of the token nothing is told, also not that there is another one. */
  #updated(about: About, { before, now, isDraining }: Update): void {
    const watched = ["hostname", "labels", "cordoned", "draining"] as const;
    const changed = watched.filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]));
    if (changed.length === 0) return;
    this.#say(about, "server.updated", Object.fromEntries(changed.map((key) => [key, now[key]])));
    if (changed.includes("draining")) this.#lookDrained(about, isDraining);
  }

  #removed(member: Member): void {
    this.#absences.delete(member.id);
    this.#returning.delete(member.id);
    this.#heardUpTo.delete(member.id);
    this.#silent.back(member.id, this.#options.fleet.members.length);
    this.#say(aboutOf(member), "server.removed", {});
    this.#tell(aboutOf(member), this.#told.forget(member.id));
  }

  #lookDrained(about: About, isDraining: boolean): void {
    if (isDraining && this.#told.liveCount(about.id) === 0) this.#say(about, "server.drained", {});
  }

  get #here(): About {
    const { id, hostname } = this.#options.own;
    return { id, name: hostname };
  }

  #say<Type extends FleetEventType>(about: About, type: Type, data: FleetEventData<Type>): void {
    this.#options.log.add([{ ...ofServer(about), type, data: JSON.stringify(data) }]);
  }

  #tell(about: About, { news, told }: Telling, how: { heard?: HeardRecord | null; mayWait?: boolean } = {}): void {
    const events = news.map(({ type, session, data }): NewEvent => {
      const { id: session_id, name, tags } = session;
      return { ...ofServer(about), session: name, session_id, tags, type, data: JSON.stringify(data) };
    });
    this.#options.log.add(events, { told, ...how });
  }
}

function aboutOf(member: Member): About {
  return { id: member.id, name: nameOf(member) };
}

/** Only of one that is healthy it is known when it is empty. */
function isDraining({ record, health }: Member): boolean {
  return record.draining && health === "healthy";
}

function hasEnded({ news }: Telling): boolean {
  return news.some(({ type }) => type === "session.exited");
}

function ofServer({ id, name }: About) {
  return { server: name, server_id: id, session: null, session_id: null, tags: [] };
}
