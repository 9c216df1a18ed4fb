// What one wait over many sessions collects: the events of every session that it is about, in the order of decision, whether
// anybody asks for them just now or not. Sessions that begin to match join, those that match no more leave. Knows no cursor.
import type { FleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetSessions, Seen, SeenSession } from "../fleet/fleet-sessions.ts";
import { EVENTS_MAX, EventLog } from "./event-log.ts";
import type { Selection } from "./selection.ts";
import { SessionWatch, type WaitEvent } from "./session-watch.ts";

type Since = NonNullable<OperationInput<"fleet.wait">["since"]>[string];

export interface CollectionParts {
  readonly fleet: Fleet;
  readonly sessions: FleetSessions;
  readonly selection: Selection;
  readonly until: OperationInput<"fleet.wait">["until"];
  readonly screen: OperationInput<"fleet.wait">["screen"];
  /** By session id. */
  readonly since: Readonly<Record<string, Since>>;
  /** What ended from then on is an event also when nobody saw it; in ms since 1970. */
  readonly startedAtMs: number;
  /** Where its events begin. */
  readonly position: number;
  /** Events from before are not here. */
  readonly isRevived: boolean;
}

interface Selected {
  session: SeenSession;
  watch: SessionWatch;
  hasEvent: boolean;
  hasEnded: boolean;
}

/** Refusals that no other session of the wait would be spared. */
const OF_THE_WAIT: ReadonlySet<string> = new Set(["invalid_pattern", "invalid_body"]);
/** Public limit. */
const PENDING_MAX = 100;
/** What a session did since it was started. */
const BEGINNING = { generation: 0, offset: 0 } as const;

export class Collection {
  readonly #parts: CollectionParts;
  readonly #selected = new Map<string, Selected>();
  readonly #listeners = new Set<() => void>();
  readonly log: EventLog<WaitEvent>;
  #call: Call;
  #forget: (() => void) | null = null;
  #refusal: FleettyError | null = null;
  #restartedAt = 0;
  /** Callers that wait for it just now. */
  callers = 0;
  /** Nothing has been collected for a while, to make room for others. */
  isAsleep = false;

  constructor(parts: CollectionParts, call: Call) {
    this.#parts = parts;
    this.#call = call;
    this.log = new EventLog(parts.position);
    this.#start(parts.since);
  }

  get isRevived(): boolean {
    return this.#parts.isRevived;
  }

  /** As whom servers are asked from now on. */
  askAs(call: Call): void {
    this.#call = call;
  }

  /** Why nothing can be waited for; null where it can. */
  get refusal(): FleettyError | null {
    return this.#refusal;
  }

  get watchCount(): number {
    return this.isAsleep ? 0 : [...this.#selected.values()].filter(({ hasEnded }) => !hasEnded).length;
  }

  get isEmpty(): boolean {
    return this.#selected.size === 0;
  }

  /** Every session has been looked at once, but those that cannot be. */
  get isLooked(): boolean {
    return [...this.#selected.values()].every(({ watch }) => watch.isLooked);
  }

  /** Every selected session has had an event, or has ended. */
  get isDone(): boolean {
    return [...this.#selected.values()].every(({ hasEvent, hasEnded }) => hasEvent || hasEnded);
  }

  describe() {
    const all = [...this.#selected.values()];
    const pending = all.filter(({ hasEvent, hasEnded }) => !hasEvent && !hasEnded);
    const isAway = ({ session: { member } }: Selected) => member !== null && member.health !== "healthy";
    const away = all.filter((one) => !one.hasEnded && isAway(one));
    const servers = new Set([...away.map(({ session }) => session.info.server), ...this.#parts.selection.unreachable]);
    const counts = {
      selected: all.length,
      satisfied: all.length - pending.length,
      pending: pending.length,
      unreachable: away.length,
    };
    const told = pending.filter((one) => !isAway(one)).slice(0, PENDING_MAX);
    return {
      counts,
      done: pending.length === 0,
      pending: told.map(({ session: { info } }) => ({
        session: info.name,
        server: info.server,
        attention: info.attention,
      })),
      unreachable: [...servers],
    };
  }

  /** `listener` is called when there may be news. Returns how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at every condition afresh, as of now, unless that has been done for this position and is still to be read. */
  restartFor(position: number): void {
    const { last } = this.log;
    const isDone = position < this.#restartedAt && last - this.#restartedAt <= EVENTS_MAX;
    if (isDone && !this.isAsleep) return;
    this.stop();
    this.isAsleep = false;
    this.#restartedAt = last;
    this.#start({});
  }

  sleep(): void {
    this.stop();
    this.isAsleep = true;
  }

  stop(): void {
    this.#forget?.();
    this.#forget = null;
    for (const { watch } of this.#selected.values()) watch.stop();
  }

  #start(since: CollectionParts["since"]): void {
    const { sessions, selection } = this.#parts;
    const before = [...this.#selected.values()];
    for (const { session, hasEvent } of before) this.#watch(session, undefined, hasEvent);
    for (const session of sessions.all()) {
      const position = since[session.info.id];
      const isMeant = position !== undefined || this.#isCurrent(session) || this.#isMeantEnded(session);
      if (isMeant && selection.includes(session) && selection.joins(session)) this.#join(session, position);
    }
    this.#forget = sessions.listen((seen) => (seen ? this.#seen(seen) : this.#reconsider()));
  }

  /** It lives, or has ended since this began. */
  #isCurrent({ endedAtMs }: SeenSession): boolean {
    return endedAtMs === null || endedAtMs >= this.#parts.startedAtMs;
  }

  /** One that is named and has ended, unless a live one of that name is there. */
  #isMeantEnded(session: SeenSession): boolean {
    const { sessions, selection } = this.#parts;
    const named = selection.naming(session);
    return named === "id" || (named === "name" && sessions.isMeant(session));
  }

  #seen({ session, isNew }: Seen): void {
    const { selection } = this.#parts;
    if (selection.followsTags) return this.#reconsider();
    this.#consider(session, isNew ? BEGINNING : undefined);
    this.#tell();
  }

  #reconsider(): void {
    const { sessions, selection } = this.#parts;
    selection.refresh();
    for (const session of sessions.all()) this.#consider(session, undefined);
    for (const { session } of [...this.#selected.values()]) {
      if (!sessions.find(session.info.id)) this.#leave(session);
    }
    this.#tell();
  }

  #consider(session: SeenSession, since: Since | undefined): void {
    const { sessions, selection } = this.#parts;
    const isSelected = selection.includes(session);
    const present = this.#selected.get(session.info.id);
    if (present) present.session = session;
    // What has ended stays what it was.
    if (present && !isSelected && session.endedAtMs === null) this.#leave(session);
    const isThere = isSelected && this.#isCurrent(session) && sessions.find(session.info.id) !== null;
    if (!present && isThere && selection.joins(session)) this.#join(session, since);
  }

  #join(session: SeenSession, since: Since | undefined): void {
    if (!this.#selected.has(session.info.id)) this.#watch(session, since, false);
  }

  #leave({ info: { id } }: SeenSession): void {
    const selected = this.#selected.get(id);
    // Its end has been told, or will be.
    if (!selected || selected.hasEnded) return;
    selected.watch.stop();
    this.#selected.delete(id);
  }

  #watch(session: SeenSession, since: Since | undefined, hasEvent: boolean): void {
    const { fleet, until, screen } = this.#parts;
    const selected: Selected = {
      session,
      hasEvent,
      hasEnded: false,
      watch: new SessionWatch({
        fleet,
        session,
        since,
        until,
        screen,
        call: () => this.#call,
        onEvent: (event) => this.#happened(selected, event),
        onLooked: () => this.#tell(),
        onRefused: (refusal) => this.#refused(selected, refusal),
      }),
    };
    this.#selected.set(session.info.id, selected);
  }

  #happened(selected: Selected, event: WaitEvent): void {
    selected.hasEvent = true;
    if (event.reason === "exit") selected.hasEnded = true;
    this.log.add(event);
    this.#tell();
  }

  #refused(selected: Selected, refusal: FleettyError): void {
    const { id } = selected.session.info;
    if (OF_THE_WAIT.has(refusal.code)) this.#refusal = refusal;
    // It was forgotten, or its server is no member any more.
    if (refusal.code === "session_not_found" && this.#selected.get(id) === selected) this.#selected.delete(id);
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
