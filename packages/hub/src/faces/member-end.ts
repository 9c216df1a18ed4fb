// One hub's link, as this server serves it: requests go to the same calls as those of any other face, under the rights of the
// token that the hub brought and in a name that says for whom; streams and numbered inputs come from this server's worker.
import { FleettyError } from "@fleetty/protocol/errors";
import { type Carrier, type MemberStatus, PortServing, type ServeContext, WorkerEnd } from "@fleetty/protocol/link";
import { type AnyOperation, isPublic, type LinkOperationName, verbOf } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import { requireVerb } from "../auth/verbs.ts";
import type { CallContext, Caller, HubCalls } from "../calls.ts";
import { hubCall } from "../sessions/hub-call.ts";
import { requestId as nextRequestId } from "./request-id.ts";

export interface MemberEndParts {
  readonly carrier: (onDrained: () => void) => Carrier;
  readonly linkGeneration: number;
  /** Lasting id of the hub. */
  readonly hub: string;
  readonly caller: Caller;
  readonly calls: HubCalls;
  readonly worker: WorkerPort;
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  readonly log: Logger;
}

/** Public contract, timers: tick. */
const STATUS_EVERY_MS = 10_000;

/** The end once it is open: the inventory goes out first, then what happens. */
export function openMemberEnd(parts: MemberEndParts): WorkerEnd {
  const { carrier, linkGeneration, worker, log } = parts;
  const link = new MemberEnd(parts);
  const serving = new PortServing({
    port: {
      stream: (request, events, call) => worker.stream(request, events, call),
      input: (request, events, call) =>
        worker.input({ ...request, client: link.clientOf(request.client) }, events, call),
      events: (listener) => worker.events(listener),
      changes: (listener) => worker.changes(listener),
    },
    admit: (row, input) => link.admit(row, input),
    ask: (name, input, context) => link.ask(name, input, context),
  });
  const end: WorkerEnd = new WorkerEnd({
    carrier: carrier(() => end.drained()),
    linkGeneration,
    serve: (op, p, context) => serving.serve(op, p, context),
    onAck: () => {},
    onDefect: (op, error) =>
      log.error({ op, err: error.cause ?? error }, "a request over a link failed inside the server"),
  });
  void tellAll(end, serving, parts);
  return end;
}

async function tellAll(end: WorkerEnd, serving: PortServing, parts: MemberEndParts): Promise<void> {
  const { worker, log } = parts;
  try {
    const stop = await serving.tell(end, () => worker.call("sessions.list", { include: ["exited"] }, hubCall()));
    end.whenClosed(stop);
    const telling = setInterval(() => void tellStatus(end, parts), STATUS_EVERY_MS);
    end.whenClosed(() => clearInterval(telling));
    await tellStatus(end, parts);
  } catch (err) {
    log.warn({ err }, "a hub could not be told which sessions there are; it dials again");
    end.close(1011, "no inventory");
  }
}

async function tellStatus(end: WorkerEnd, { worker, status }: MemberEndParts): Promise<void> {
  const told = await worker.call("worker.status", {}, hubCall()).catch(() => null);
  const conditions = told && "conditions" in told ? told.conditions : [];
  end.send({ type: "status", ...status(), conditions });
}

class MemberEnd {
  readonly #parts: MemberEndParts;

  constructor(parts: MemberEndParts) {
    this.#parts = parts;
  }

  /** Inputs are numbered for each token and hub apart: none gets another's numbers. */
  clientOf(client: string): string {
    const { caller, hub } = this.#parts;
    return `${caller.actor.principal}/${hub} ${client}`;
  }

  admit(row: AnyOperation, input: Readonly<Record<string, unknown>>): void {
    if (!isOwnSessions(row)) {
      throw new FleettyError("unsupported", `${row.name} is not asked over a link`, { capability: row.name });
    }
    requireVerb(verbOf(row, input), this.#parts);
  }

  ask(name: LinkOperationName, input: Readonly<Record<string, unknown>>, context: ServeContext): Promise<unknown> {
    const { calls, worker } = this.#parts;
    if (name === "sessions.start") {
      const { id, ...spec } = input as { readonly id: string };
      return calls.call("sessions.create", spec, { ...this.#contextOf(context), id });
    }
    if (isPublic(name)) return calls.call(name, input, this.#contextOf(context));
    const { actor, via, deadlineMs, caller } = context;
    return worker.call(name, input as never, { actor, via, deadlineMs, signal: caller.signal, reads: true });
  }

  /** Who asks is the token's bearer, for somebody whom the hub names: neither can take the other's place. */
  #contextOf({ actor, via, caller: gone }: ServeContext): CallContext {
    const { caller } = this.#parts;
    const isAgent = caller.actor.kind === "agent" || actor.kind === "agent";
    return {
      caller: {
        ...caller,
        actor: {
          ...caller.actor,
          principal: `${caller.actor.principal}/${actor.principal}`,
          kind: isAgent ? "agent" : "human",
        },
      },
      gone,
      requestId: nextRequestId(),
      attempt: (look) => look(),
      reachedAt: () => null,
      via,
    };
  }
}

/** Rows about this server's own sessions, and about itself. */
function isOwnSessions({ name, runs }: AnyOperation): boolean {
  return runs === "session" || runs === "server" || name === "sessions.list" || name === "sessions.start";
}
