// Decides where each operation runs and sends it there: the hub's own handlers, its own worker, or (by the session's owner,
// or the server named) a member's. One function over the table's `runs` column; there is no code per forwarded operation.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { Call } from "@fleetty/protocol/link";
import {
  type AnyOperation,
  type AskedName,
  askedOperations,
  isRead,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
  type Verb,
  verbOf,
} from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { ApiDocument, type ApiMakers } from "./api-document.ts";
import { type AuthOperationsOptions, authOperations } from "./auth/auth-operations.ts";
import type { NamedTokens } from "./auth/named-tokens.ts";
import { isBounded } from "./auth/scope.ts";
import { tokenOperations } from "./auth/token-operations.ts";
import { hasVerb, requireVerb } from "./auth/verbs.ts";
import type { CallContext, HubCalls, Observed, Viewer, ViewerOptions, ViewerSink } from "./calls.ts";
import type { EventFeed, EventStream } from "./events/event-feed.ts";
import { LIFE_EVENTS } from "./events/life-events.ts";
import { nameOf, serverNotFound } from "./fleet/find-server.ts";
import type { Fleet, Reloaded } from "./fleet/fleet.ts";
import type { Destination, FleetView } from "./fleet/fleet-view.ts";
import { requireTakesSessions } from "./fleet/itself.ts";
import { Placing } from "./fleet/placing.ts";
import { serverOperations } from "./fleet/server-operations.ts";
import { withMayHaveRun } from "./may-have-run.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { startOf } from "./presets/preset-start.ts";
import type { Presets } from "./presets/presets.ts";
import { requirePrivate } from "./private-way.ts";
import type { Readiness } from "./readiness.ts";
import type { ServerIdentity } from "./server-info.ts";
import { hubCall } from "./sessions/hub-call.ts";
import { ObservedSession } from "./sessions/observed-session.ts";
import { getSession, listSessions } from "./sessions/session-listing.ts";
import { Watching } from "./sessions/watching.ts";
import { isAwaited, waitForOne } from "./waits/one-wait.ts";
import { type AskedTimes, BLOCKING_EXTRA_MS, waitMsOf } from "./waits/wait-parts.ts";
import { WaitPlaces } from "./waits/wait-places.ts";
import type { Waits } from "./waits/waits.ts";

export interface HubOptions {
  readonly fleet: Fleet;
  readonly events: EventFeed;
  readonly waits: Waits;
  readonly identity: ServerIdentity;
  readonly limits: { readonly viewersPerSession: number; readonly viewers: number };
  readonly auth: AuthOperationsOptions;
  readonly tokens: NamedTokens;
  readonly presets: Presets;
  /** Whether this server stays without sessions, which may be said otherwise at any time. */
  readonly persistence: { readonly isPersistent: boolean; persist(isPersistent: boolean): void };
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Make the descriptions of the API. */
  readonly documents: ApiMakers;
  /** Reads the operator's file again. Throws `no_config`, and what is wrong with it. */
  readonly onReload: () => Promise<Reloaded>;
  /** Ends the process after the answer has been sent. */
  readonly onShutdown: (options: { endSessions: boolean }) => void;
}

type Handler<Name extends OperationName> = (input: OperationInput<Name>, context: CallContext) => Promise<unknown>;

export class Hub implements HubCalls {
  readonly watching: Watching;
  readonly #options: HubOptions;
  readonly #placing = new Placing();
  /** Of all callers, by what every face asks. */
  readonly #waitPlaces = new WaitPlaces();
  readonly #own: { [Name in OperationName]?: Handler<Name> };

  constructor(options: HubOptions) {
    this.#options = options;
    this.watching = new Watching(options.limits);
    const document = new ApiDocument(options.documents);
    this.#own = {
      "health.get": async () => ({ status: "ok" }),
      "ready.get": () => options.readiness.assert(),
      "metrics.get": (_, context) => this.#metrics(context),
      "openapi.get": () => document.get(),
      "openapi.yaml": () => document.yaml(),
      "docs.get": () => document.guide(),
      "server.info": (input, context) => this.#info(input, context),
      "server.persist_get": (input, context) => this.#persistence("server.persist_get", input, context),
      "server.persist": (input, context) => this.#persistence("server.persist", input, context),
      "server.reload": () => options.onReload(),
      "server.shutdown": (input) => this.#shutdown(input),
      ...authOperations(options.auth),
      ...tokenOperations({ tokens: options.tokens, checkScope: (scope) => options.fleet.checkScope(scope) }),
      ...serverOperations(options),
      "events.stream": (input, { caller, gone }) => options.events.poll(input, { caller, signal: gone.signal }),
      "presets.list": async (input) => options.presets.list(input),
      "sessions.create": (input, context) => this.#create(input, context),
      "sessions.list": (input, context) => this.#list(input, context),
      "sessions.update": async (input, context) =>
        this.#counted(await this.#forward("sessions.update", input, context)),
      "sessions.detach": (input, context) => this.#detach(input, context),
      "sessions.explain": (input, context) => this.#explain(input, context),
      "sessions.get": (input, context) => this.#get(input, context),
      "sessions.secret": (input, context) => this.#forward("sessions.secret", { wait_ms: 0, ...input }, context),
      "sessions.idle_any": (input, context) => options.waits.idleAny(input, context),
      "fleet.wait": (input, context) => options.waits.fleetWait(input, context),
    };
  }

  /** Nobody is watched or waited for any more. */
  close(): void {
    this.watching.close();
    this.#options.waits.close();
  }

  async call(name: AskedName, input: unknown, context: CallContext): Promise<unknown> {
    const operation = askedOperations[name];
    this.#requireVerb(verbOf(operation, input), context);
    requirePrivate({ operation, input, isPrivate: context.caller.isPrivate });
    const own = this.#own[name as OperationName] as Handler<OperationName> | undefined;
    const leave = operation.blocks ? this.#waitPlaces.take(context.caller.actor.principal) : null;
    try {
      return await (own ? own(input as never, context) : this.#forward(name, input as { server?: string }, context));
    } catch (thrown) {
      throw withMayHaveRun(operation, toFleettyError(thrown));
    } finally {
      leave?.();
    }
  }

  async watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer> {
    this.#requireVerb("observe", context);
    if (options.pace) this.#requireVerb("input", context);
    const to = this.#session(options.session, options.server, context);
    const info = await this.#live(to, context);
    const { whole, whenHidden } = to;
    const mayType = !options.readonly && hasVerb("input", context);
    const call = () => this.#callFor(context, 10_000, false);
    return this.watching.begin({ info, port: whole, whenHidden, options, sink, mayType, call });
  }

  async follow(wish: OperationInput<"events.stream">, context: CallContext): Promise<EventStream> {
    requireVerb("observe", context);
    const kind = context.caller.actor.face === "mcp" ? "mcp_clients" : "event_streams";
    return this.#options.events.follow(wish, context.caller, kind);
  }

  async observe({ session, server }: OperationInput<"sessions.socket">, context: CallContext): Promise<Observed> {
    this.#requireVerb("observe", context);
    const to = this.#session(session, server, context);
    const info = await this.#live(to, context);
    const { watching } = this;
    const call = () => this.#callFor(context, 10_000, true);
    return new ObservedSession({ info, to, fleet: this.#options.fleet, watching, call });
  }

  async announce({ cursor }: OperationInput<"fleet.socket">, context: CallContext): Promise<EventStream> {
    requireVerb("observe", context);
    return this.#options.events.follow({ cursor, types: [...LIFE_EVENTS] }, context.caller, "sockets");
  }

  /** Throws `session_exited`. */
  async #live({ port, session }: Destination & { session: string }, context: CallContext): Promise<SessionInfo> {
    const info = (await port.call("sessions.get", { session }, this.#callFor(context, 10_000, true))) as SessionInfo;
    if (info.state !== "exited") return info;
    const { name, exit, exited_at } = info;
    const message = `session ${JSON.stringify(name)} has ended; read its output instead`;
    throw new FleettyError("session_exited", message, { exit, exited_at });
  }

  /** Sends an operation to the worker that it concerns, without the reference that chose it. */
  #forward(name: AskedName, input: About, context: CallContext): Promise<unknown> {
    const { server, session, ...rest } = input;
    const to = session === undefined ? this.#server(server, context) : this.#session(session, server, context);
    const operation: AnyOperation = askedOperations[name];
    requirePrivate({ operation, input, isPrivate: to.member?.isPrivate() ?? true, server: to.server });
    const call = this.#callFor(context, deadlineOf(operation, rest), isRead(operation));
    const asked = "session" in to ? { ...rest, session: to.session } : rest;
    if (to.member && isAwaited(name)) {
      const { port, member } = to;
      const parts = { fleet: this.#options.fleet, port, member, call, gone: context.gone.signal };
      return waitForOne(name, onceAtMost(name, asked) as OperationInput<typeof name>, parts);
    }
    // What does not block is answered sooner than the news that its caller has gone would arrive.
    return to.port.call(name, asked as never, operation.blocks ? { ...call, signal: context.gone.signal } : call);
  }

  async #create(input: OperationInput<"sessions.create">, context: CallContext): Promise<unknown> {
    const { server, on, tool, preset: named, wait_ms: waitMs = 0, ...asked } = input;
    const preset = named === undefined ? null : this.#options.presets.find(named);
    // A hub has resolved what it asks for over a link.
    const resolved = context.via ? (asked as Omit<OperationInput<"sessions.start">, "id">) : startOf(preset, asked);
    const spec = { ...resolved, id: context.id ?? makeId("ses") };
    const start = ({ port, member }: Destination) => this.#start({ port, member }, spec, context);
    if (on === undefined && tool === undefined) return start(this.#server(server, context));
    if (server !== undefined) {
      const message = "give server, or on or tool to have one chosen; not both";
      throw new FleettyError("invalid_request", message, { field: on === undefined ? "tool" : "on" });
    }
    // Asked again under its key: it is where it was started.
    const made = context.id === undefined ? null : this.#view(context).made(context.id);
    if (made) return start(made);
    return this.#placing.start({
      asked: { on, tool: tool ?? preset?.tool ?? undefined },
      waitMs,
      id: spec.id,
      gone: context.gone,
      see: () => this.#view(context),
      start: (to) => start(this.#noted(to, context)),
    });
  }

  async #start(
    { port, member }: Pick<Destination, "port" | "member">,
    spec: OperationInput<"sessions.start">,
    context: CallContext,
  ): Promise<SessionInfo> {
    const { itself } = this.#options.fleet;
    requireTakesSessions(nameOf(member ?? this.#options.identity), member?.record ?? itself);
    const info = (await port.call("sessions.start", spec, this.#callFor(context, 30_000, false))) as SessionInfo;
    member?.learn(info);
    return info;
  }

  async #list(input: OperationInput<"sessions.list">, context: CallContext): Promise<unknown> {
    const call = this.#callFor(context, operations["sessions.list"].deadlineMs, true);
    const view = this.#view(context);
    const { server, ...filter } = input;
    const isPlain = Object.keys(filter).every((name) => name === "tag" || name === "include");
    const isOwn = context.via !== undefined || (view.local !== null && view.members.length === 0 && isPlain);
    const shown = (info: SessionInfo) => this.#withViewers(info);
    if (!isOwn) return listSessions(input, { view, call, notes: context.notes, shown });
    const { tag, include } = filter;
    const asked = { ...(tag && { tag }), ...(include && { include }) };
    return this.#counted(await this.#server(server, context).port.call("sessions.list", asked, call));
  }

  async #get({ include, ...input }: OperationInput<"sessions.get">, context: CallContext): Promise<unknown> {
    const ask = async () => (await this.#forward("sessions.get", input, context)) as SessionInfo;
    if (!include?.includes("unreachable") || context.via) return this.#counted(await ask());
    return this.#counted(await getSession(input, this.#view(context), ask));
  }

  /** A worker knows neither who watches through here nor how it is reached. */
  async #explain(input: OperationInput<"sessions.explain">, context: CallContext): Promise<unknown> {
    const { member } = this.#session(input.session, input.server, context);
    const answer = (await this.#forward("sessions.explain", input, context)) as OperationOutput<"sessions.explain">;
    const { health = "healthy", latency_ms = 0 } = member?.describe() ?? {};
    return { ...answer, clients: answer.clients + this.watching.places.count(answer.id), link: { health, latency_ms } };
  }

  /** Who is attached is known here, and to the server that is asked for the session. */
  async #detach({ server, session: asked }: OperationInput<"sessions.detach">, context: CallContext): Promise<void> {
    const call = this.#callFor(context, operations["sessions.detach"].deadlineMs, false);
    const { port, session, member } = this.#session(asked, server, context);
    const { id } = (await port.call("sessions.get", { session }, call)) as SessionInfo;
    this.watching.detach(id);
    if (member) await port.call("sessions.detach", { session: id }, call);
  }

  /** Who has come in here may know where that is, also when nothing here is to be seen. */
  async #info({ server }: { server?: string | undefined }, context: CallContext): Promise<unknown> {
    const { fleet, identity } = this.#options;
    const to = server === undefined ? this.#view(context).local : this.#server(server, context);
    if (to?.member) return to.port.call("server.info", {}, this.#callFor(context, 10_000, true));
    const sessions = to ? ((await to.port.call("sessions.list", {}, hubCall())) as SessionInfo[]) : [];
    const status = await fleet.worker.call("worker.status", {}, hubCall());
    const persistent = this.#options.persistence.isPersistent;
    const told = { ...identity.describe(), persistent, session_count: sessions.length };
    return { ...told, ...(status as OperationOutput<"worker.status">) };
  }

  /** Of this server, or of the one that is named; after it has been said anew where that is what is asked. */
  async #persistence(
    name: "server.persist_get" | "server.persist",
    input: { readonly server?: string | undefined; readonly persistent?: boolean },
    context: CallContext,
  ): Promise<unknown> {
    const { persistence } = this.#options;
    const to = input.server === undefined ? null : this.#server(input.server, context);
    if (to?.member) return this.#forward(name, input, context);
    if (input.persistent !== undefined) persistence.persist(input.persistent);
    return { persistent: persistence.isPersistent };
  }

  /** Its figures are of all sessions. */
  #metrics({ caller }: CallContext): Promise<string> {
    if (!isBounded(caller.credential.facts.scope)) return this.#options.metrics.text();
    const message = "metrics count all sessions, and your token sees only some; use one without bounds";
    throw new FleettyError("forbidden", message, { verb: "observe", reason: "bounded" });
  }

  async #shutdown(input: OperationInput<"server.shutdown">): Promise<unknown> {
    this.#options.onShutdown({ endSessions: input.end_sessions === true });
    return { status: "shutting_down" };
  }

  /** Who watches through this server is known here alone; a member has counted its own. */
  #counted(answer: unknown): unknown {
    const count = (info: SessionInfo) => this.#withViewers(info);
    return Array.isArray(answer) ? answer.map(count) : count(answer as SessionInfo);
  }

  #withViewers(info: SessionInfo): SessionInfo {
    return { ...info, clients: info.clients + this.watching.places.count(info.id) };
  }

  #server(reference: string | undefined, context: CallContext): Destination {
    const { identity } = this.#options;
    const view = this.#view(context);
    if (context.via) {
      this.#requireNoLoop(context.via);
      const isOwn = reference === undefined || reference === "local" || identity.isCalled(reference);
      return isOwn ? view.server("local") : serverNotFound([reference]);
    }
    return this.#noted(view.server(reference), context);
  }

  #session(session: string, server: string | undefined, context: CallContext) {
    if (context.via) return { ...this.#server(server, context), session };
    return this.#noted(this.#view(context).session(session, server), context);
  }

  /** All that a caller asks of the fleet is asked of what it may see. */
  #view({ caller }: CallContext): FleetView {
    return this.#options.fleet.seenBy(caller.credential.facts.scope);
  }

  /** A hub that asks over a link hears which server has refused it. */
  #requireVerb(verb: Verb, context: CallContext): void {
    requireVerb(verb, context, context.via && this.#options.identity.hostname);
  }

  /** Faces say who answered. */
  #noted<To extends Destination>(to: To, { notes }: CallContext): To {
    if (notes) notes.server = to.server;
    return to;
  }

  #requireNoLoop(via: readonly string[]): void {
    if (!via.includes(this.#options.identity.id)) return;
    throw new FleettyError("loop", "this request has passed this server before", { may_have_run: false });
  }

  #callFor(context: CallContext, deadlineMs: number, reads: boolean): Call {
    const via = [...(context.via ?? []), this.#options.identity.id];
    return { actor: context.caller.actor, via, deadlineMs, reads };
  }
}

/** What says where an operation belongs. */
interface About {
  readonly server?: string | undefined;
  readonly session?: string;
}

function deadlineOf(operation: AnyOperation, input: AskedTimes & { grace_ms?: number }): number {
  const { grace_ms: grace = 0 } = input;
  if (!operation.blocks) return operation.deadlineMs + grace;
  return waitMsOf(operation.name, input) + BLOCKING_EXTRA_MS;
}

/** A command that is to be run is typed once however often a lost link makes us ask: under an id, if not the caller's then ours. */
function onceAtMost(name: AskedName, input: object): object {
  if (name !== "sessions.run" || "resume" in input || "input_id" in input) return input;
  return { ...input, input_id: makeId("req") };
}
