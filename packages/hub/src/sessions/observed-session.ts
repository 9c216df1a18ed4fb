// One session as somebody observes it for a while, wherever it is: says when its screen is no longer as it was read, when its
// server is away and back, what it is called now, and when it has ended. What is asked of it meanwhile is asked again after a
// lost link. Has a place among the session's clients. Knows no socket and nothing of what is done with all that.
//
//   here ──link lost──► away ──back, and it lives──► here          any ──ended, removed, hidden──► over
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { Call } from "@fleetty/protocol/link";
import { plainAnswer } from "@fleetty/protocol/link";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Observed, ObservedEvents, ObservedRead, Viewer, ViewerSink } from "../calls.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetNews } from "../fleet/fleet-news.ts";
import type { Destination } from "../fleet/fleet-view.ts";
import { askUntilAnswered } from "../waits/asking.ts";
import { BLOCKING_EXTRA_MS } from "../waits/wait-parts.ts";
import type { Watching } from "./watching.ts";

export interface ObservedSessionParts {
  readonly info: SessionInfo;
  readonly to: Destination;
  readonly fleet: Fleet;
  readonly watching: Watching;
  readonly call: () => Call;
}

/** Reads that do not block have so long. */
const READ_MS = 10_000;

export class ObservedSession implements Observed {
  readonly #parts: ObservedSessionParts;
  readonly #stop = new AbortController();
  readonly #leave: (() => void)[];
  #undo: readonly (() => void)[] = [];
  #events: ObservedEvents | null = null;
  #name: string;
  #isAway = false;
  #isOver = false;

  /** Throws `resource_limit_reached`. */
  constructor(parts: ObservedSessionParts) {
    const { info, watching } = parts;
    this.#parts = parts;
    this.#name = info.name;
    this.#leave = [watching.places.take(info.id), watching.presences.enter(info.id, parts.to.whole)];
  }

  get id(): string {
    return this.#parts.info.id;
  }

  get name(): string {
    return this.#name;
  }

  get server(): string {
    return this.#parts.to.server;
  }

  listen(events: ObservedEvents): void {
    const { to, fleet } = this.#parts;
    this.#events = events;
    this.#undo = [
      to.whole.events((event) => this.#happened(event)),
      to.whole.changes((session) => session === this.id && this.#tell(({ changed }) => changed())),
      to.whenHidden(this.id, (refusal) => this.#lost(refusal)),
      fleet.news((news) => this.#heard(news)),
    ];
    // What came between the first look and now.
    if (to.member && to.member.health !== "healthy") this.#wentAway(to.member.since);
    else void this.#lookAgain();
  }

  ask<Name extends ObservedRead>(
    name: Name,
    input: Omit<OperationInput<Name>, "session">,
    signal: AbortSignal,
  ): Promise<OperationOutput<Name>> {
    const { to, fleet, call } = this.#parts;
    const { max_wait_ms: waitMs } = input as { max_wait_ms?: number };
    const stop = AbortSignal.any([signal, this.#stop.signal]);
    const deadlineMs = waitMs === undefined ? READ_MS : waitMs + BLOCKING_EXTRA_MS;
    const asked = { ...input, session: this.id } as unknown as OperationInput<Name>;
    return askUntilAnswered<OperationOutput<Name>>(
      (port) => port.call(name, asked, { ...call(), deadlineMs, reads: true, signal: stop }),
      { fleet, member: to.member, port: to.port, signal: stop },
    );
  }

  output(from: number, sink: ViewerSink): Promise<Viewer> {
    const { info, to, watching, call } = this.#parts;
    const options = { session: this.id, from, readonly: true, credits: false };
    return watching.begin({ info, port: to.whole, options, sink, mayType: false, call, hasPlace: true });
  }

  close(): void {
    this.#events = null;
    this.#over();
    for (const leave of this.#leave) leave();
  }

  #tell(tell: (events: ObservedEvents) => void): void {
    if (this.#events && !this.#isOver) tell(this.#events);
  }

  #happened({ type, session }: AnyEvent): void {
    if (session.id !== this.id) return;
    this.#name = session.name;
    if (type === "session.exited" || type === "session.removed") this.#ended(session);
  }

  #heard(news: FleetNews): void {
    const { member } = this.#parts.to;
    if (member === null || news.member !== member) return;
    if (news.kind === "removed") this.#lost(notFound(this.id));
    else if (news.kind === "health" && news.to === "healthy") void this.#lookAgain();
    else if (news.kind === "health") this.#wentAway(member.since);
  }

  #wentAway(since: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#tell(({ away }) => away(since));
  }

  /** It may have ended while nobody could tell. */
  async #lookAgain(): Promise<void> {
    const { to, call } = this.#parts;
    try {
      const info = plainAnswer(
        await to.port.call("sessions.get", { session: this.id }, { ...call(), deadlineMs: READ_MS, reads: true }),
      );
      this.#name = info.name;
      if (info.state === "exited") this.#ended(info);
      else this.#isBack();
    } catch (thrown) {
      const refusal = toFleettyError(thrown);
      // Lost again: it is looked at when it is back.
      if (!refusal.retryable) this.#lost(refusal);
    }
  }

  #isBack(): void {
    const { member } = this.#parts.to;
    if (!this.#isAway || (member && member.health !== "healthy")) return;
    this.#isAway = false;
    this.#tell(({ back }) => back());
  }

  #ended(info: SessionInfo): void {
    this.#tell(({ ended }) => ended(info));
    this.#unlisten();
    this.#isOver = true;
  }

  #lost(refusal: FleettyError): void {
    this.#tell(({ lost }) => lost(refusal));
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    this.#stop.abort();
    this.#unlisten();
  }

  #unlisten(): void {
    for (const undo of this.#undo) undo();
    this.#undo = [];
  }
}

function notFound(id: string): FleettyError {
  return new FleettyError("session_not_found", `session ${id} not found; list the sessions to see what is there`);
}
