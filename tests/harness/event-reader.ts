// Follows the events of a server with the client, for a test: keeps all that came, and waits for what is to come.
import type { Client, FleetEvent } from "@fleetty/client";
import type { OperationInput } from "@fleetty/protocol/operations";
import { waitUntil } from "./wait-until.ts";

export class EventReader implements AsyncDisposable {
  readonly events: FleetEvent[] = [];
  /** Why it ended; null while it goes on. */
  failure: unknown = null;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(client: Client, input: OperationInput<"events.stream"> = {}) {
    this.#done = this.#read(client.events.stream(input, { signal: this.#abort.signal }));
  }

  /** Resolves with the first that `is` holds for. */
  async sees(what: string, is: (event: FleetEvent) => boolean): Promise<FleetEvent> {
    const find = () => this.events.find(is) ?? this.#ended();
    return waitUntil(what, find, { seen: () => this.told.slice(-30) });
  }

  /** Each in a line: type, session or server, and what its data says of it. */
  get told(): readonly string[] {
    return this.events.map(({ type, server, session, data }) => `${type} ${session ?? server} ${JSON.stringify(data)}`);
  }

  typesOf(session: string): readonly string[] {
    return this.events.filter((event) => event.session === session).map(({ type }) => type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  #ended(): undefined {
    if (this.failure !== null) throw this.failure;
  }

  async #read(stream: AsyncIterable<FleetEvent>): Promise<void> {
    try {
      for await (const event of stream) this.events.push(event);
    } catch (thrown) {
      this.failure = thrown;
    }
  }
}
