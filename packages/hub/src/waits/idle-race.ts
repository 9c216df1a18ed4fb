// Finds the first session of many that is settled: quiet for long enough, or ended. Each waits on its own server, all at once;
// who begins to match joins, who matches no more leaves, and the first answer ends the race. Knows no cursor and no caller.
//
//   lists of all servers ──one is settled──► its server confirms it ──► won
//          └──none──► every candidate waits at home ──first answer──► won
//                                  ├──no candidate left──► no_sessions
//                                  └──time over──► idle_timeout; server_unavailable where nobody could be asked
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { Call } from "@fleetty/protocol/link";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Screen } from "@fleetty/protocol/schemas/common";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetSessions, SeenSession } from "../fleet/fleet-sessions.ts";
import { listEverywhere } from "../fleet/list-everywhere.ts";
import { requireHealthy } from "../fleet/member-health.ts";
import { askUntilAnswered, cancelled } from "./asking.ts";
import { type IdleView, isCandidate, settledNow } from "./idle-choice.ts";
import type { Selection } from "./selection.ts";
import { BLOCKING_EXTRA_MS } from "./wait-parts.ts";

export interface IdleAsked extends IdleView {
  readonly timeoutMs: number;
  readonly maxWaitMs: number;
  readonly format: "styled" | "plain";
  readonly isFresh: boolean;
  /** The generation in which the caller has seen that session already. */
  readonly seenGeneration: (session: SeenSession) => number | undefined;
}

export interface IdleRaceParts {
  readonly fleet: Fleet;
  readonly sessions: FleetSessions;
  readonly selection: Selection;
  readonly asked: IdleAsked;
  readonly call: Call;
  /** Aborts when the caller has gone. */
  readonly gone: AbortSignal;
}

export interface Settled {
  readonly session: SeenSession;
  readonly answer: OperationOutput<"sessions.idle">;
}

interface Waiting {
  readonly stop: AbortController;
  readonly session: SeenSession;
  isAway: boolean;
  /** Its own deadline has passed. */
  isOver: boolean;
}

/** A server that lists its sessions later than this is not waited for: they wait on it like all others. */
const LOOK_MS = 500;
/** Where nothing else will be looked at, there is more time. */
const ONLY_LOOK_MS = 2_000;
/** An answer of the last moment has so long to arrive. */
const ARRIVES_WITHIN_MS = 500;

export class IdleRace {
  readonly #parts: IdleRaceParts;
  readonly #untilMs: number;
  readonly #waiting = new Map<string, Waiting>();
  /** Live ones, as their servers said at the beginning: how long they had been quiet, and some of which no event told. */
  readonly #listed = new Map<string, SeenSession>();
  readonly #over = Promise.withResolvers<Settled>();
  #refusal: FleettyError | null = null;

  constructor(parts: IdleRaceParts) {
    this.#parts = parts;
    this.#untilMs = performance.now() + parts.asked.maxWaitMs;
    this.#over.promise.catch(() => {});
  }

  /** Rejects with `no_sessions`, `idle_timeout`, `server_unavailable`, `cancelled`, or what every server refused with. */
  async run(): Promise<Settled> {
    this.#requireReachable();
    const settled = await this.#look();
    if (settled) return settled;
    const { sessions, gone } = this.#parts;
    this.#requireCandidate();
    const leave = () => this.#over.reject(cancelled());
    gone.addEventListener("abort", leave, { once: true });
    if (gone.aborted) leave();
    const deaf = sessions.listen((seen) => (seen ? this.#consider(seen.session) : this.#reconsider()));
    const timer = setTimeout(() => this.#timeOver(), this.#leftMs + ARRIVES_WITHIN_MS);
    try {
      this.#reconsider();
      return await this.#over.promise;
    } finally {
      clearTimeout(timer);
      deaf();
      gone.removeEventListener("abort", leave);
      for (const { stop } of this.#waiting.values()) stop.abort();
    }
  }

  get #leftMs(): number {
    return Math.max(0, Math.ceil(this.#untilMs - performance.now()));
  }

  get #candidates(): SeenSession[] {
    const known = [...this.#parts.sessions.all()];
    const ids = new Set(known.map(({ info }) => info.id));
    const unheard = [...this.#listed.values()].filter(({ info }) => !ids.has(info.id));
    return [...known, ...unheard].filter((session) => this.#isCandidate(session));
  }

  #find(id: string): SeenSession | null {
    return this.#parts.sessions.find(id) ?? this.#listed.get(id) ?? null;
  }

  #isCandidate(session: SeenSession): boolean {
    const { selection, asked } = this.#parts;
    return isCandidate({ id: session.info.id, endedAtMs: session.endedAtMs }, asked) && selection.includes(session);
  }

  /** All servers say at once what they have; of those that are settled, the longest quiet one is asked for its screen. */
  async #look(): Promise<Settled | null> {
    const { asked, gone } = this.#parts;
    await this.#list();
    if (gone.aborted) throw cancelled();
    if (asked.isFresh) return null;
    const ended = this.#candidates.filter(({ endedAtMs }) => endedAtMs !== null);
    const live = [...this.#listed.values()].filter((session) => this.#isCandidate(session));
    const isEnded = new Set(ended.map(({ info }) => info.id));
    const settling = [...ended, ...live.filter(({ info }) => !isEnded.has(info.id))];
    const quiet = settling.map((session) => ({ ...asChoice(session), session }));
    const { timeoutMs } = asked;
    const seenGeneration = ({ session }: { session: SeenSession }) => asked.seenGeneration(session);
    for (const { session } of settledNow(quiet, { timeoutMs, seenGeneration })) {
      const { member } = session;
      if (member && member.health !== "healthy") continue;
      const answer = await this.#ask(session, 0, new AbortController()).catch((refusal) => refusal as FleettyError);
      if (gone.aborted) throw cancelled();
      if (!(answer instanceof Error)) return { session, answer };
    }
    if (asked.maxWaitMs > 0) return null;
    this.#requireCandidate();
    throw timedOut();
  }

  async #list(): Promise<void> {
    const { selection, asked, call } = this.#parts;
    const filter = { deadline_ms: asked.maxWaitMs === 0 ? ONLY_LOOK_MS : LOOK_MS };
    const sees = () => false;
    for (const { member, sessions } of await listEverywhere(selection.servers, { asked: filter, call, sees }))
      for (const info of sessions) this.#listed.set(info.id, { info, member, endedAtMs: null });
  }

  /** Throws `server_unavailable` where only servers that are away have matches. */
  #requireReachable(): void {
    const candidates = this.#candidates;
    const away = candidates.flatMap(({ member }) => (member && member.health !== "healthy" ? [member] : []));
    const [first] = away;
    if (first && away.length === candidates.length) requireHealthy(first);
  }

  #requireCandidate(): void {
    if (this.#candidates.length === 0) throw noSessions();
  }

  #reconsider(): void {
    this.#parts.selection.refresh();
    for (const session of this.#candidates) this.#begin(session);
    for (const { session } of [...this.#waiting.values()]) this.#consider(session);
    this.#requireWaiting();
  }

  #consider({ info: { id } }: SeenSession): void {
    const { selection } = this.#parts;
    if (selection.followsTags) selection.refresh();
    const session = this.#find(id);
    if (session && this.#isCandidate(session)) return this.#begin(session);
    const waiting = this.#waiting.get(id);
    // One that has ended answers by itself.
    if (!waiting || session?.endedAtMs != null) return;
    waiting.stop.abort();
    this.#waiting.delete(id);
    this.#requireWaiting();
  }

  #begin(session: SeenSession): void {
    const { id } = session.info;
    if (this.#waiting.has(id)) return;
    const waiting: Waiting = { stop: new AbortController(), session, isAway: false, isOver: false };
    this.#waiting.set(id, waiting);
    this.#ask(session, null, waiting.stop, (isAway) => {
      waiting.isAway = isAway;
    }).then(
      (answer) => this.#over.resolve({ session: this.#find(id) ?? session, answer }),
      (thrown) => this.#refused(id, toFleettyError(thrown)),
    );
  }

  /** `maxWaitMs` null: what is left; with 0 nobody waits for a server that cannot answer now. */
  #ask(
    { info, member }: SeenSession,
    maxWaitMs: number | null,
    { signal }: AbortController,
    onAway?: (isAway: boolean) => void,
  ): Promise<OperationOutput<"sessions.idle">> {
    const { fleet, asked, call } = this.#parts;
    const generation = asked.seenGeneration({ info, member, endedAtMs: null });
    const ask = (waitMs: number) => ({
      session: info.id,
      timeout_ms: asked.timeoutMs,
      max_wait_ms: waitMs,
      format: asked.format,
      ...(asked.isFresh && { fresh: true }),
      ...(generation !== undefined && { last_generation: generation }),
    });
    const answered = askUntilAnswered<OperationOutput<"sessions.idle">>(
      (port) => {
        const waitMs = maxWaitMs ?? this.#leftMs;
        return port.call("sessions.idle", ask(waitMs), { ...call, deadlineMs: waitMs + BLOCKING_EXTRA_MS, signal });
      },
      { fleet, member, signal, ...(maxWaitMs === 0 && { untilMs: 0 }), ...(onAway && { onAway }) },
    );
    return answered.catch((thrown) => lostScreen(info, toFleettyError(thrown)));
  }

  #refused(id: string, refusal: FleettyError): void {
    const waiting = this.#waiting.get(id);
    if (!waiting || refusal.code === "cancelled") return;
    if (refusal.code === "idle_timeout") waiting.isOver = true;
    else {
      this.#waiting.delete(id);
      if (refusal.code !== "session_not_found") this.#refusal = refusal;
    }
    const isOver = [...this.#waiting.values()].every((one) => one.isOver || one.isAway);
    if (refusal.code === "idle_timeout" && isOver) this.#timeOver();
    else this.#requireWaiting();
  }

  #requireWaiting(): void {
    if (this.#waiting.size === 0) this.#over.reject(this.#refusal ?? noSessions());
  }

  #timeOver(): void {
    const waiting = [...this.#waiting.values()];
    const away = waiting.find(({ session: { member } }) => member && member.health !== "healthy");
    if (away && waiting.every(({ isAway }) => isAway)) {
      try {
        requireHealthy(away.session.member as NonNullable<SeenSession["member"]>);
      } catch (refusal) {
        return this.#over.reject(refusal);
      }
    }
    this.#over.reject(timedOut());
  }
}

function asChoice({ info, endedAtMs }: SeenSession) {
  const quietMs = endedAtMs === null ? info.last_activity_ms : Math.max(0, Date.now() - endedAtMs);
  return { id: info.id, generation: info.generation, endedAtMs, quietMs };
}

/** Of a session that was lost with its host there is no screen, and yet it has ended: an empty one stands for it. */
function lostScreen(
  { rows, cols, epoch, generation, offset, exit }: SeenSession["info"],
  refusal: FleettyError,
): OperationOutput<"sessions.idle"> {
  if (refusal.code !== "parser_unavailable" || refusal.details?.["reason"] !== "host_lost") throw refusal;
  const screen: Screen = {
    epoch,
    first_line_index: 0,
    total_lines: rows,
    lines: Array.from({ length: rows }, () => ""),
    cursor: { row: 0, col: 0, visible: false },
    cols,
    rows,
    alternate_active: false,
    generation,
    offset,
  };
  const ended = { attention: "done", state: "exited", exit: exit ?? { unknown: true as const } };
  return { screen, scrollback_lines: rows, generation, last_activity_ms: 0, ...ended };
}

function noSessions(): FleettyError {
  return new FleettyError(
    "no_sessions",
    "no session that could still settle matches; list the sessions to see which there are",
  );
}

function timedOut(): FleettyError {
  return new FleettyError("idle_timeout", "no session became idle in time; wait again with the cursor of this answer");
}
