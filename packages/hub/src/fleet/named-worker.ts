// A worker whose server is called as it is called here and now: sessions remember the hostname of their first day, a member may
// have been given another name, and a server can be renamed. Changes nothing else.
import type { AnyEvent } from "@fleetty/protocol/events";
import type { Call, ChannelEvents, PreparedJson } from "@fleetty/protocol/link";
import { notGranted, operationNotGranted } from "@fleetty/protocol/not-granted";
import type { LinkOperationName, OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { InputRequest, OpenInput, OpenStream, StreamRequest, WorkerPort } from "@fleetty/protocol/worker-port";

export class NamedWorker implements WorkerPort {
  readonly #worker: WorkerPort;
  readonly #name: () => string | null;

  /** `name`: null while it is not known. */
  constructor(worker: WorkerPort, name: () => string | null) {
    this.#worker = worker;
    this.#name = name;
  }

  async call<Name extends LinkOperationName>(
    name: Name,
    input: OperationInput<Name>,
    call: Call,
  ): Promise<OperationOutput<Name> | PreparedJson> {
    const answer = await this.#refusedByName(this.#worker.call(name, input, call));
    const each = (list: readonly unknown[]) => list.map((one) => this.named(one));
    if (Array.isArray(answer)) return each(answer) as typeof answer;
    const page = (answer ?? {}) as { readonly items?: unknown };
    return (Array.isArray(page.items) ? { ...page, items: each(page.items) } : this.named(answer)) as typeof answer;
  }

  stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    return this.#refusedByName(this.#worker.stream(request, events, call));
  }

  input(request: InputRequest, events: ChannelEvents, call: Call): Promise<OpenInput> {
    return this.#refusedByName(this.#worker.input(request, events, call));
  }

  events(listener: (event: AnyEvent, seq: number) => void): () => void {
    return this.#worker.events((event, seq) => listener({ ...event, session: this.named(event.session) }, seq));
  }

  changes(listener: (session: string) => void): () => void {
    return this.#worker.changes(listener);
  }

  /** The same, with the name where it tells of its server. */
  named<T>(value: T): T {
    const name = this.#name();
    if (name === null || typeof value !== "object" || value === null) return value;
    const { server } = value as { server?: unknown };
    return typeof server !== "string" || server === name ? value : { ...value, server: name };
  }

  async #refusedByName<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (thrown) {
      const operation = operationNotGranted(thrown);
      const name = this.#name();
      throw operation === null || name === null ? thrown : notGranted(name, operation);
    }
  }
}
