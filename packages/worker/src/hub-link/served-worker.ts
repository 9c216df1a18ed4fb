// A worker as a hub asks it over a link, whoever of the two has dialled: requests by name go to the worker, within what is
// granted; streams and numbered inputs come from it. Who asks is the hub's to say, and what the hub may ask is decided here.
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import {
  type Actor,
  type Call,
  type Carrier,
  type MemberStatus,
  PortServing,
  type ServeContext,
  tellOfSelf,
  WorkerEnd,
} from "@fleetty/protocol/link";
import { notGranted } from "@fleetty/protocol/not-granted";
import type { LinkOperationName, OperationOutput } from "@fleetty/protocol/operations";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import type { Logger } from "pino";
import type { Grants } from "./grants.ts";

export interface ServedWorkerOptions {
  readonly worker: WorkerPort;
  readonly grants: Grants;
  /** Of this worker. */
  readonly id: string;
  readonly hostname: string;
  /** What it says of itself, but for its sessions and hosts. */
  readonly describe: () => Omit<OperationOutput<"server.info">, "session_count" | "session_hosts" | "conditions">;
  /** Told of each request when it has been carried out or refused; its answer goes out when this resolves. */
  readonly onAsked: (asked: AskedOverLink) => Promise<void>;
  /** How it is, but for its conditions. */
  readonly status: () => Omit<MemberStatus, "type" | "conditions">;
  readonly log: Logger;
}

/** What a hub asked, for whom, and how it came out. */
export interface AskedOverLink {
  readonly operation: string;
  readonly input: unknown;
  /** The hub, and whom it asks for: `srv_…/root`. */
  readonly actor: Actor;
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
  readonly answer?: unknown;
}

export interface ServedLink {
  readonly carrier: (onDrained: () => void) => Carrier;
  readonly hub: string;
  readonly linkGeneration: number;
  /** A probe was answered. */
  readonly onPong: () => void;
}

interface Asking {
  readonly op: string;
  readonly p: unknown;
  readonly hub: string;
  readonly context: ServeContext;
}

export class ServedWorker {
  readonly #options: ServedWorkerOptions;

  constructor(options: ServedWorkerOptions) {
    this.#options = options;
  }

  /** The end once it is open: the inventory goes out first, then what happens. */
  open({ carrier, hub, linkGeneration, onPong }: ServedLink): WorkerEnd {
    const { worker, log } = this.#options;
    const serving = new PortServing({
      port: {
        stream: (request, events, call) => worker.stream(request, events, call),
        // Numbered for each hub apart: none gets another's numbers.
        input: (request, events, call) =>
          worker.input({ ...request, client: `${hub} ${request.client}` }, events, call),
        events: (listener) => worker.events(listener),
        changes: (listener) => worker.changes(listener),
      },
      admit: ({ name }) => {
        // What every link tells without being asked may be asked for again.
        if (name === "worker.journal") return;
        const { grants, hostname } = this.#options;
        if (!grants.allows(name)) throw notGranted(hostname, name);
      },
      ask: (name, input, context) => this.#ask(name, input, context),
    });
    const end: WorkerEnd = new WorkerEnd({
      carrier: carrier(() => end.drained()),
      linkGeneration,
      serve: (op, p, context) => this.#serve({ op, p, hub, context }, serving),
      onAck: () => {},
      onPong,
      onDefect: (op, error) =>
        log.error({ op, err: error.cause ?? error }, "a request over the link failed inside the worker"),
    });
    void this.#tell(end, serving);
    return end;
  }

  async #serve({ op, p, hub, context }: Asking, serving: PortServing): Promise<unknown> {
    const { actor } = context;
    const asked = { operation: op, input: p, actor: { ...actor, principal: `${hub}/${actor.principal}` } };
    const { onAsked } = this.#options;
    try {
      this.#requireNoLoop(context);
      const answer = await serving.serve(op, p, context);
      await onAsked({ ...asked, outcome: "ok", answer });
      return answer;
    } catch (thrown) {
      await onAsked({ ...asked, outcome: toFleettyError(thrown).code });
      throw thrown;
    }
  }

  async #tell(end: WorkerEnd, serving: PortServing): Promise<void> {
    const { worker, status, log } = this.#options;
    try {
      await tellOfSelf({ end, serving, worker: () => worker, status, ownCall: () => this.#ownCall() });
    } catch (err) {
      log.warn({ err }, "the hub could not be told which sessions there are; it is dialled again");
      end.close(1011, "no inventory");
    }
  }

  #ask(name: LinkOperationName, input: Readonly<Record<string, unknown>>, context: ServeContext): Promise<unknown> {
    if (name === "server.info") return this.#info();
    // Whoever watches does so at the hub, which has sent them away.
    if (name === "sessions.detach") return Promise.resolve(undefined);
    const { actor, via, deadlineMs, caller } = context;
    return this.#options.worker.call(name, input as never, { actor, via, deadlineMs, signal: caller.signal });
  }

  async #info() {
    const { worker, describe } = this.#options;
    const sessions = (await worker.call("sessions.list", {}, this.#ownCall())) as readonly unknown[];
    const status = (await worker.call("worker.status", {}, this.#ownCall())) as OperationOutput<"worker.status">;
    return { ...describe(), session_count: sessions.length, ...status };
  }

  #requireNoLoop({ via }: Pick<ServeContext, "via">): void {
    if (!via.includes(this.#options.id)) return;
    throw new FleettyError("loop", "this request has passed this server before", { may_have_run: false });
  }

  #ownCall(): Call {
    const actor = { principal: "worker", kind: "agent" as const, face: "worker" };
    return { actor, via: [this.#options.id], deadlineMs: 10_000, reads: true };
  }
}
