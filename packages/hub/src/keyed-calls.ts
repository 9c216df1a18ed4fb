// Stands between faces and hub and carries out a change once for each idempotency key: the id of what it makes is on disk
// before anything is asked for, so that neither a crash nor two callers at once make it twice.
//
//   new ──claimed, on disk──► open ──done, answer on disk──► answered ──24 h──► forgotten
//                              └──refused, nothing was done──► free
import { createHash } from "node:crypto";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import { type AnyOperation, type AskedName, askedOperations, type OperationInput } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import { hasVerb } from "./auth/verbs.ts";
import {
  type CallContext,
  type HubCalls,
  type Observed,
  Replayed,
  type Viewer,
  type ViewerOptions,
  type ViewerSink,
} from "./calls.ts";
import type { EventStream } from "./events/event-feed.ts";
import { hubCall } from "./sessions/hub-call.ts";
import { type ClaimState, type HubStore, KEYS_MAX, type KeyClaim } from "./store/hub-store.ts";
import { onDisk } from "./store/on-disk.ts";

export interface KeyedCallsOptions {
  readonly calls: HubCalls;
  readonly store: HubStore;
  readonly worker: WorkerPort;
  readonly log: Logger;
}

/** Well within the hour for which an ended session is found by its id. */
const SETTLE_EVERY_MS = 600_000;

export class KeyedCalls implements HubCalls {
  readonly #options: KeyedCallsOptions;
  /** By the id of what is being made. */
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #settling: NodeJS.Timeout;

  constructor(options: KeyedCallsOptions) {
    this.#options = options;
    this.#settling = setInterval(() => void this.settle(), SETTLE_EVERY_MS);
    this.#settling.unref();
  }

  async call(name: AskedName, input: unknown, context: CallContext): Promise<unknown> {
    const operation: AnyOperation = askedOperations[name];
    // Who has not the right is refused where everybody is, and hears nothing of what others were answered.
    const { key } = context;
    if (!operation.keyed || key === undefined || !hasVerb(operation.verb, context)) {
      return this.#ask(name, input, context);
    }
    const { principal } = context.caller.actor;
    const claim = { principal, operation: name, key, body_hash: bodyHash(input), id: makeId("ses") };
    const found = await this.#claim({ ...claim, at_ms: Date.now() });
    if (found.state === "answered") return new Replayed(JSON.parse(found.answer));
    if (found.state === "new") return this.#run(claim, () => this.#ask(name, input, { ...context, id: claim.id }));
    const { id } = found;
    const running = this.#running.get(id);
    if (running) return new Replayed(await running);
    // The first attempt ended unclearly, perhaps with the server: what it made is found by its id, or made now.
    return this.#run({ ...claim, id }, () => this.#ask(name, input, { ...context, id }));
  }

  watch(options: ViewerOptions, sink: ViewerSink, context: CallContext): Promise<Viewer> {
    return this.#options.calls.watch(options, sink, context);
  }

  follow(wish: OperationInput<"events.stream">, context: CallContext): Promise<EventStream> {
    return this.#options.calls.follow(wish, context);
  }

  observe(asked: OperationInput<"sessions.socket">, context: CallContext): Promise<Observed> {
    return this.#options.calls.observe(asked, context);
  }

  announce(asked: OperationInput<"fleet.socket">, context: CallContext): Promise<EventStream> {
    return this.#options.calls.announce(asked, context);
  }

  /** Finds what open claims of earlier attempts have made, and keeps it as their answer. Never rejects. */
  async settle(): Promise<void> {
    const { store, log } = this.#options;
    try {
      for (const claim of await store.openClaims()) await this.#settleOne(claim);
    } catch (err) {
      log.error({ err }, "open idempotency keys could not be looked at");
    }
  }

  close(): void {
    clearInterval(this.#settling);
  }

  async #settleOne(claim: Omit<KeyClaim, "body_hash" | "at_ms">): Promise<void> {
    if (this.#running.has(claim.id)) return;
    const { store, worker } = this.#options;
    const made = await worker.call("sessions.get", { session: claim.id }, hubCall()).catch(() => null);
    if (made !== null) await store.answerKey(claim, JSON.stringify(made));
  }

  async #claim(claim: KeyClaim): Promise<Extract<ClaimState, { state: "new" | "open" | "answered" }>> {
    const found = await onDisk(this.#options.store.claimKey(claim));
    if (found.state === "other_body") {
      const message = `the key ${JSON.stringify(claim.key)} came with another body before; take a new key for a new request`;
      throw new FleettyError("idempotency_conflict", message);
    }
    if (found.state !== "full") return found;
    const message = `${KEYS_MAX} idempotency keys are in use; each is kept for 24 h: try later, or without one`;
    throw new FleettyError("resource_limit_reached", message, { limit: "idempotency_keys", max: KEYS_MAX });
  }

  #ask(name: AskedName, input: unknown, context: CallContext): Promise<unknown> {
    return this.#options.calls.call(name, input, context);
  }

  async #run(claim: Omit<KeyClaim, "at_ms">, ask: () => Promise<unknown>): Promise<unknown> {
    const running = this.#carryOut(claim, ask);
    this.#running.set(claim.id, running);
    try {
      return await running;
    } finally {
      this.#running.delete(claim.id);
    }
  }

  async #carryOut(claim: Omit<KeyClaim, "at_ms">, ask: () => Promise<unknown>): Promise<unknown> {
    const { store, log } = this.#options;
    const unwritten = (err: unknown) =>
      log.warn({ err, id: claim.id }, "the outcome under an idempotency key is not on disk; it is found by its id");
    try {
      const answer = await ask();
      await store.answerKey(claim, JSON.stringify(answer)).catch(unwritten);
      return answer;
    } catch (thrown) {
      const error = toFleettyError(thrown);
      if (hasDoneNothing(error)) await store.freeKey(claim).catch(unwritten);
      throw error;
    }
  }
}

/** Refused by a rule, or undone before the answer. */
function hasDoneNothing({ status, details }: FleettyError): boolean {
  return status < 500 || details?.["may_have_run"] === false;
}

/** Of the input as the schema gave it, whatever the order of its members. */
function bodyHash(input: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(ordered(input)))
    .digest("hex");
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return members.map(([name, member]) => [name, ordered(member)]);
}
