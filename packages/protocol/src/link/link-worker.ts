// A worker at the other end of a link, as its hub uses it. Knows no socket and no health: it is handed the end that is open
// just now, and told of events as they come.
import type { AnyEvent } from "../events.ts";
import type { LinkOperationName, OperationInput, OperationOutput } from "../operations/index.ts";
import type { OpenInput, OpenStream, StreamRequest, WorkerPort } from "../worker-port.ts";
import type { Call, ChannelEvents, HubEnd } from "./hub-end.ts";
import { openInput, openStream } from "./open-channel.ts";

export class LinkWorker implements WorkerPort {
  readonly #end: () => HubEnd;
  readonly #listeners = new Set<(event: AnyEvent) => void>();

  /** `end`: the open link. Throws `server_unavailable` when there is none. */
  constructor(end: () => HubEnd) {
    this.#end = end;
  }

  async call<Name extends LinkOperationName>(
    name: Name,
    input: OperationInput<Name>,
    call: Call,
  ): Promise<OperationOutput<Name>> {
    return (await this.#end().request(name, input, call)) as OperationOutput<Name>;
  }

  async stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    return openStream(this.#end(), request, events, call);
  }

  async input(
    request: { readonly session: string; readonly client: string },
    events: ChannelEvents,
    call: Call,
  ): Promise<OpenInput> {
    return openInput(this.#end(), request, events, call);
  }

  events(listener: (event: AnyEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The other end has told of this. */
  tell(event: AnyEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
