// Stands between faces and hub and has every change in the audit before its answer goes out; what is typed is written
// afterwards, because no disk may stand between a keystroke and its echo. Knows rows of the table and no operation.
import { toFleettyError } from "@fleetty/protocol/errors";
import { type AskedName, askedOperations, type OperationInput, operations } from "@fleetty/protocol/operations";
import { hasVerb } from "../auth/verbs.ts";
import type { CallContext, HubCalls, Observed, Viewer, ViewerOptions, ViewerSink } from "../calls.ts";
import type { EventStream } from "../events/event-feed.ts";
import type { AuditedCall } from "./audit-entry.ts";
import type { AuditLog } from "./audit-log.ts";
import { AuditedViewer } from "./audited-viewer.ts";
import { recordCall } from "./record-call.ts";

export class AuditedCalls implements HubCalls {
  readonly #calls: HubCalls;
  readonly #log: AuditLog;

  constructor(calls: HubCalls, log: AuditLog) {
    this.#calls = calls;
    this.#log = log;
  }

  async call(name: AskedName, input: unknown, context: CallContext): Promise<unknown> {
    const call = { operation: askedOperations[name], input: input as AuditedCall["input"], context };
    try {
      const answer = await this.#calls.call(name, input, context);
      await this.#record({ ...call, outcome: "ok", answer });
      return answer;
    } catch (thrown) {
      const error = toFleettyError(thrown);
      await this.#record({ ...call, outcome: error.code });
      throw error;
    }
  }

  async watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer> {
    const attempted = { operation: operations["sessions.watch"], input: { ...options }, context };
    const viewer = await this.#attempt(attempted, () => this.#calls.watch(options, sink, context));
    const outcome = hasVerb("input", context) ? "ok" : "forbidden";
    return new AuditedViewer(viewer, {
      isReadonly: options.readonly === true,
      record: (name, input) =>
        void this.#record({ operation: operations[name], input: { ...input, session: viewer.id }, context, outcome }),
    });
  }

  follow(wish: OperationInput<"events.stream">, context: CallContext): Promise<EventStream> {
    const attempted = { operation: operations["events.stream"], input: { ...wish }, context };
    return this.#attempt(attempted, () => this.#calls.follow(wish, context));
  }

  observe(asked: OperationInput<"sessions.socket">, context: CallContext): Promise<Observed> {
    const attempted = { operation: operations["sessions.socket"], input: { ...asked }, context };
    return this.#attempt(attempted, () => this.#calls.observe(asked, context));
  }

  announce(asked: OperationInput<"fleet.socket">, context: CallContext): Promise<EventStream> {
    const attempted = { operation: operations["fleet.socket"], input: { ...asked }, context };
    return this.#attempt(attempted, () => this.#calls.announce(asked, context));
  }

  /** What opens a stream is noted by itself only when it is refused. */
  async #attempt<T>(attempted: Omit<AuditedCall, "nowMs" | "outcome">, open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (thrown) {
      const error = toFleettyError(thrown);
      await this.#record({ ...attempted, outcome: error.code });
      throw error;
    }
  }

  #record(call: Omit<AuditedCall, "nowMs">): Promise<void> {
    return recordCall(this.#log, call);
  }
}
