// A member's worker under the name that an operator gave it: what it says of itself is said in that name. Changes nothing
// while there is none.
import type { AnyEvent } from "@fleetty/protocol/events";
import type { Call, ChannelEvents } from "@fleetty/protocol/link";
import type { LinkOperationName, OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { OpenInput, OpenStream, StreamRequest, WorkerPort } from "@fleetty/protocol/worker-port";

export interface GivenName {
  readonly reported: string;
  readonly given: string;
}

export class RenamedWorker implements WorkerPort {
  readonly #worker: WorkerPort;
  readonly #names: () => GivenName | null;

  constructor(worker: WorkerPort, names: () => GivenName | null) {
    this.#worker = worker;
    this.#names = names;
  }

  async call<Name extends LinkOperationName>(name: Name, input: OperationInput<Name>, call: Call) {
    const answer = await this.#worker.call(name, input, call);
    return (
      Array.isArray(answer) ? answer.map((one) => this.renamed(one)) : this.renamed(answer)
    ) as OperationOutput<Name>;
  }

  stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    return this.#worker.stream(request, events, call);
  }

  input(
    request: { readonly session: string; readonly client: string },
    events: ChannelEvents,
    call: Call,
  ): Promise<OpenInput> {
    return this.#worker.input(request, events, call);
  }

  events(listener: (event: AnyEvent) => void): () => void {
    return this.#worker.events((event) => listener({ ...event, session: this.renamed(event.session) }));
  }

  /** The same, with the given name where `server` or `hostname` is the reported one. */
  renamed<T>(value: T): T {
    const names = this.#names();
    if (!names || typeof value !== "object" || value === null) return value;
    const { server, hostname } = value as { server?: unknown; hostname?: unknown };
    return {
      ...value,
      ...(server === names.reported && { server: names.given }),
      ...(hostname === names.reported && { hostname: names.given }),
    };
  }
}
