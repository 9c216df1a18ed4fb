// Decides where each operation runs and sends it there: the hub's own handlers, its own worker, or (by the session's
// owner) a worker. One function over the table's `runs` column; there is no code per forwarded operation.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { Call } from "@fleetty/protocol/link";
import {
  type AnyOperation,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  operations,
  verbOf,
} from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { ApiDocument } from "./api-document.ts";
import { type AuthOperationsOptions, authOperations } from "./auth/auth-operations.ts";
import { hasVerb, requireVerb } from "./auth/verbs.ts";
import type { CallContext, HubCalls, Viewer, ViewerOptions, ViewerSink } from "./calls.ts";
import { withMayHaveRun } from "./may-have-run.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Readiness } from "./readiness.ts";
import type { ServerIdentity } from "./server-info.ts";
import { Watching } from "./sessions/watching.ts";

export interface HubOptions {
  readonly worker: WorkerPort;
  readonly identity: ServerIdentity;
  readonly limits: { readonly viewersPerSession: number; readonly viewers: number };
  readonly auth: AuthOperationsOptions;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Makes the OpenAPI document. */
  readonly openapi: () => Promise<unknown>;
  /** Ends the process after the answer has been sent. */
  readonly onShutdown: (options: { endSessions: boolean }) => void;
}

type Handler<Name extends OperationName> = (input: OperationInput<Name>, context: CallContext) => Promise<unknown>;

/** A blocking call answers by itself at its own deadline; the link allows this much more (public contract, deadlines). */
const BLOCKING_EXTRA_MS = 5_000;
const MAX_WAIT_DEFAULT_MS = 30_000;
const MAX_WAIT_MS = 300_000;

export class Hub implements HubCalls {
  readonly watching: Watching;
  readonly #options: HubOptions;
  readonly #own: { [Name in OperationName]?: Handler<Name> };

  constructor(options: HubOptions) {
    this.#options = options;
    this.watching = new Watching(options.worker, options.limits);
    const document = new ApiDocument(options.openapi);
    this.#own = {
      "health.get": async () => ({ status: "ok" }),
      "ready.get": () => options.readiness.assert(),
      "metrics.get": () => options.metrics.text(),
      "openapi.get": () => document.get(),
      "openapi.yaml": () => document.yaml(),
      "server.info": (input) => this.#info(input),
      "server.shutdown": (input) => this.#shutdown(input),
      ...authOperations(options.auth),
      "sessions.create": (input, context) => this.#create(input, context),
      "sessions.list": async (input, context) => this.#counted(await this.#forward("sessions.list", input, context)),
      "sessions.update": async (input, context) =>
        this.#counted(await this.#forward("sessions.update", input, context)),
      "sessions.detach": (input, context) => this.#detach(input, context),
      "sessions.get": async (input, context) => this.#counted(await this.#forward("sessions.get", input, context)),
    };
  }

  async call(name: OperationName, input: unknown, context: CallContext): Promise<unknown> {
    const operation = operations[name];
    requireVerb(verbOf(operation, input), context);
    const own = this.#own[name] as Handler<OperationName> | undefined;
    try {
      return await (own ? own(input as never, context) : this.#forward(name, input as { server?: string }, context));
    } catch (thrown) {
      throw withMayHaveRun(operation, toFleettyError(thrown));
    }
  }

  async watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer> {
    requireVerb("observe", context);
    if (options.pace) requireVerb("input", context);
    const worker = this.#serverOf(options.server);
    const info = (await worker.call(
      "sessions.get",
      { session: options.session },
      this.#callFor(context, 10_000, true),
    )) as SessionInfo;
    if (info.state === "exited") {
      throw new FleettyError(
        "session_exited",
        `session ${JSON.stringify(info.name)} has ended; read its output instead`,
        {
          exit: info.exit,
          exited_at: info.exited_at,
        },
      );
    }
    const mayType = !options.readonly && hasVerb("input", context);
    return this.watching.begin({ info, options, sink, mayType, call: () => this.#callFor(context, 10_000, false) });
  }

  /** Sends an operation to the worker that it concerns, without the reference that chose it. */
  #forward(name: OperationName, input: { server?: string | undefined }, context: CallContext): Promise<unknown> {
    const { server, ...rest } = input;
    const worker = this.#serverOf(server);
    const operation: AnyOperation = operations[name];
    const call = this.#callFor(context, deadlineOf(operation, rest), operation.audit === "none");
    // What does not block is answered sooner than the news that its caller has gone would arrive.
    return worker.call(name, rest as never, operation.blocks ? { ...call, signal: context.gone.signal } : call);
  }

  async #create(input: OperationInput<"sessions.create">, context: CallContext): Promise<unknown> {
    const { server, ...spec } = input;
    const call = this.#callFor(context, 30_000, false);
    return this.#serverOf(server).call("sessions.start", { ...spec, id: context.id ?? makeId("ses") }, call);
  }

  /** Who is attached is known here, and which session is meant there. */
  async #detach({ server, session }: OperationInput<"sessions.detach">, context: CallContext): Promise<void> {
    const call = this.#callFor(context, operations["sessions.detach"].deadlineMs, false);
    const info = (await this.#serverOf(server).call("sessions.get", { session }, call)) as SessionInfo;
    this.watching.detach(info.id);
  }

  async #info(input: { server?: string | undefined }): Promise<unknown> {
    this.#serverOf(input.server);
    const { identity, worker } = this.#options;
    const sessions = (await worker.call("sessions.list", {}, this.#ownCall())) as SessionInfo[];
    const status = (await worker.call("worker.status", {}, this.#ownCall())) as OperationOutput<"worker.status">;
    return { ...identity.describe(), session_count: sessions.length, ...status };
  }

  async #shutdown(input: OperationInput<"server.shutdown">): Promise<unknown> {
    this.#options.onShutdown({ endSessions: input.end_sessions === true });
    return { status: "shutting_down" };
  }

  /** Who watches is known here alone. */
  #counted(answer: unknown): unknown {
    const count = (info: SessionInfo) => ({ ...info, clients: this.watching.count(info.id) });
    return Array.isArray(answer) ? answer.map(count) : count(answer as SessionInfo);
  }

  #serverOf(reference: string | undefined): WorkerPort {
    const { identity, worker } = this.#options;
    if (reference === undefined || reference === "local" || identity.isCalled(reference)) return worker;
    throw new FleettyError(
      "server_not_found",
      `server ${JSON.stringify(reference)} is not known here; leave it out for this one`,
      {
        unknown: [reference],
      },
    );
  }

  #callFor(context: CallContext, deadlineMs: number, reads: boolean): Call {
    return { actor: context.caller.actor, via: [this.#options.identity.id], deadlineMs, reads };
  }

  #ownCall(): Call {
    return {
      actor: { principal: "hub", kind: "agent", face: "hub" },
      via: [this.#options.identity.id],
      deadlineMs: 10_000,
      reads: true,
    };
  }
}

function deadlineOf(operation: AnyOperation, input: { max_wait_ms?: number; grace_ms?: number }): number {
  const { max_wait_ms: wait, grace_ms: grace = 0 } = input;
  if (!operation.blocks) return operation.deadlineMs + grace;
  return Math.min(wait ?? MAX_WAIT_DEFAULT_MS, MAX_WAIT_MS) + BLOCKING_EXTRA_MS;
}
