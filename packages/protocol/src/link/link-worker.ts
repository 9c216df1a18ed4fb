// A worker at the other end of a link, as its hub uses it. Knows no socket and no health: it is handed the end that is open
// just now, and told of events as they come.
import type { AnyEvent } from "../events.ts";
import type { LinkOperationName, OperationInput, OperationOutput } from "../operations/index.ts";
import type { Screen } from "../schemas/common.ts";
import type { InputRequest, OpenInput, OpenStream, StreamRequest, WorkerPort } from "../worker-port.ts";
import type { Call, ChannelEvents, HubEnd } from "./hub-end.ts";
import { openInput, openStream } from "./open-channel.ts";
import type { PreparedJson } from "./prepared-json.ts";
import { ScreenCache } from "./screen-cache.ts";

export interface LinkWorkerOptions {
  /** The open link. Throws `server_unavailable` when there is none. */
  readonly end: () => HubEnd;
  /** Id of the live session that a reference means there; null where that is not known. */
  readonly liveId: (session: string) => string | null;
}

export class LinkWorker implements WorkerPort {
  readonly #options: LinkWorkerOptions;
  readonly #listeners = new Set<(event: AnyEvent, seq: number) => void>();
  readonly #screens = new ScreenCache();

  constructor(options: LinkWorkerOptions) {
    this.#options = options;
  }

  async call<Name extends LinkOperationName>(
    name: Name,
    input: OperationInput<Name>,
    call: Call,
  ): Promise<OperationOutput<Name> | PreparedJson> {
    const answer = name === "sessions.screen" ? this.#screen(input as never, call) : this.#ask(name, input, call);
    return (await answer) as OperationOutput<Name> | PreparedJson;
  }

  async stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    return openStream(this.#options.end(), request, events, call);
  }

  async input(request: InputRequest, events: ChannelEvents, call: Call): Promise<OpenInput> {
    return openInput(this.#options.end(), request, events, call);
  }

  events(listener: (event: AnyEvent, seq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changes(listener: (session: string) => void): () => void {
    return this.#screens.listen(listener);
  }

  /** The other end has said that a screen which was read is no longer the newest. */
  changed(session: string): void {
    this.#screens.drop(session);
  }

  /** Nobody says any more what has changed. */
  lost(): void {
    this.#screens.clear();
  }

  /** The other end has told of this under that number; 0 for what is in no journal. */
  tell(event: AnyEvent, seq: number): void {
    if (event.type === "session.exited" || event.type === "session.removed") this.#screens.drop(event.session.id);
    for (const listener of [...this.#listeners]) listener(event, seq);
  }

  #ask(name: LinkOperationName, input: unknown, call: Call): Promise<unknown> {
    return this.#options.end().request(name, input, call);
  }

  /** The other end tells of changes to screens that were read by id. */
  async #screen(input: OperationInput<"sessions.screen">, call: Call): Promise<unknown> {
    const { session, format = "styled", since_epoch, highlights } = input;
    const id = this.#options.liveId(session);
    if (id === null) return this.#ask("sessions.screen", input, call);
    this.#options.end();
    // What stands out is not kept.
    const kept = !highlights && this.#screens.read(id, format, since_epoch, performance.now());
    if (kept) return kept;
    const ask = () => this.#ask("sessions.screen", { ...input, session: id }, call) as Promise<Screen>;
    const isWhole = since_epoch === undefined && !highlights;
    return isWhole ? this.#screens.fetch(id, format, ask) : this.#screens.passOn(id, ask);
  }
}
