// One hub's link, as this server serves it: requests go to the same calls as those of any other face, under the rights of the
// token that the hub brought and in a name that says for whom; streams and numbered inputs come from this server's worker.
import {
  type Carrier,
  type MemberStatus,
  PortServing,
  type ServeContext,
  tellOfSelf,
  WorkerEnd,
} from "@fleetty/protocol/link";
import { type AnyOperation, isPublic, type LinkOperationName, verbOf } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import { requireVerb } from "../auth/verbs.ts";
import type { CallContext, Caller, HubCalls } from "../calls.ts";
import { serverNotFound } from "../fleet/find-server.ts";
import type { Destination } from "../fleet/fleet-view.ts";
import { hubCall } from "../sessions/hub-call.ts";
import { requestId as nextRequestId } from "./request-id.ts";

export interface MemberEndParts {
  readonly carrier: (onDrained: () => void) => Carrier;
  readonly linkGeneration: number;
  /** Lasting id of the hub. */
  readonly hub: string;
  readonly caller: Caller;
  readonly calls: HubCalls;
  /** Of this server. */
  readonly hostname: string;
  /** This server's own sessions as the hub may see them just now; null while it may see none. */
  readonly see: () => Destination | null;
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  readonly log: Logger;
}

/** The end once it is open: the inventory goes out first, then what happens. */
export function openMemberEnd(parts: MemberEndParts): WorkerEnd {
  const { carrier, linkGeneration, log } = parts;
  const link = new MemberEnd(parts);
  const serving = new PortServing({
    port: {
      stream: async (request, events, call) => link.worker.stream(request, events, call),
      input: async (request, events, call) =>
        link.worker.input({ ...request, client: link.clientOf(request.client) }, events, call),
      events: (listener) => parts.see()?.port.events(listener) ?? (() => {}),
      changes: (listener) => parts.see()?.port.changes(listener) ?? (() => {}),
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
  void tell(end, serving, parts);
  return end;
}

async function tell(end: WorkerEnd, serving: PortServing, { see, status, log }: MemberEndParts): Promise<void> {
  try {
    await tellOfSelf({ end, serving, worker: () => see()?.port ?? null, status, ownCall: hubCall });
  } catch (err) {
    log.warn({ err }, "a hub could not be told which sessions there are; it dials again");
    end.close(1011, "no inventory");
  }
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
    // The calls look at the verbs of what comes to them, and have the audit know.
    if (!isCall(row)) requireVerb(verbOf(row, input), this.#parts, this.#parts.hostname);
  }

  /** Throws `server_not_found`. */
  get worker(): WorkerPort {
    const { see, hostname } = this.#parts;
    return see()?.port ?? serverNotFound([hostname]);
  }

  async ask(
    name: LinkOperationName,
    input: Readonly<Record<string, unknown>>,
    context: ServeContext,
  ): Promise<unknown> {
    const { calls } = this.#parts;
    if (name === "sessions.start") {
      const { id, ...spec } = input as { readonly id: string };
      return calls.call("sessions.create", spec, { ...this.#contextOf(context), id });
    }
    if (isPublic(name)) return calls.call(name, input, this.#contextOf(context));
    const { actor, via, deadlineMs, caller } = context;
    return this.worker.call(name, input as never, { actor, via, deadlineMs, signal: caller.signal, reads: true });
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
          admin: caller.actor.admin && actor.admin,
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

/** Rows that are carried out by the same calls as at any other face. */
function isCall({ name }: AnyOperation): boolean {
  return isPublic(name) || name === "sessions.start";
}
