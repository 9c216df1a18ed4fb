// A worker as a caller sees it who may see only some of its sessions: the others are in no list, answer to no name and no id,
// and nothing is told of them. What is created carries the caller's tag. Wraps any port, and knows no fleet.
//
// What is asked of a session is decided when it is asked, and sent on by id, so that a name cannot come to mean another
// session on the way. What lasts (a wait, a stream, inputs) ends when the session is taken out of the caller's sight.
import { FleettyError } from "@fleetty/protocol/errors";
import type { AnyEvent } from "@fleetty/protocol/events";
import { type Call, type ChannelEvents, plainAnswer } from "@fleetty/protocol/link";
import {
  findOperation,
  type LinkOperationName,
  type OperationInput,
  type OperationOutput,
} from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { InputRequest, OpenInput, OpenStream, StreamRequest, WorkerPort } from "@fleetty/protocol/worker-port";

/** Whether a session is there for the caller. */
export type Sees = (session: SessionInfo) => boolean;

/** What a reference means among the sessions that are meant at all: an id; else the live one of that name; else the newest ended. */
export type FindAmong = (reference: string, isMeant: Sees) => SessionInfo | undefined;

export interface NarrowedWorkerParts {
  readonly port: WorkerPort;
  readonly find: FindAmong;
  readonly sees: Sees;
  /** What is created carries the first of them; secrets for others are out of sight. */
  readonly tags: readonly string[];
}

export class NarrowedWorker implements WorkerPort {
  readonly #parts: NarrowedWorkerParts;

  constructor(parts: NarrowedWorkerParts) {
    this.#parts = parts;
  }

  async call<Name extends LinkOperationName>(name: Name, input: OperationInput<Name>, call: Call) {
    return (await this.#answer(name, input as Asked, call)) as OperationOutput<Name>;
  }

  async stream(request: StreamRequest, events: ChannelEvents, call: Call): Promise<OpenStream> {
    const session = this.#idOf(request.session);
    return this.#whileSeen(session, events, (told) => this.#parts.port.stream({ ...request, session }, told, call));
  }

  async input(request: InputRequest, events: ChannelEvents, call: Call): Promise<OpenInput> {
    const session = this.#idOf(request.session);
    return this.#whileSeen(session, events, (told) => this.#parts.port.input({ ...request, session }, told, call));
  }

  /** One that is taken out of sight is told as removed. */
  events(listener: (event: AnyEvent, seq: number) => void): () => void {
    const { port, sees } = this.#parts;
    return port.events((event, seq) => {
      if (sees(event.session)) listener(event, seq);
      else if (event.type === "session.tags_changed")
        listener({ type: "session.removed", session: event.session }, seq);
    });
  }

  changes(listener: (session: string) => void): () => void {
    const { port, find, sees } = this.#parts;
    return port.changes((session) => {
      if (find(session, sees)) listener(session);
    });
  }

  /** Calls `tell` when the session is taken out of sight, or has been by now. Returns how to stop listening. */
  whenHidden(id: string, tell: (refusal: FleettyError) => void): () => void {
    const { port, find, sees } = this.#parts;
    const stop = port.events(({ session }) => {
      if (session.id === id && !sees(session)) tell(notSeen(id));
    });
    if (!find(id, sees)) queueMicrotask(() => tell(notSeen(id)));
    return stop;
  }

  async #answer(name: LinkOperationName, input: Asked, call: Call): Promise<unknown> {
    const { port } = this.#parts;
    if (name === "sessions.list") return this.#list(input, call);
    if (name === "sessions.start") return this.#start(input, call);
    if (name === "server.info") return this.#info(call);
    if (name === "worker.journal") return this.#journal(input, call);
    if (name === "secrets.list") return this.#secrets(input as OperationInput<"secrets.list">, call);
    if (name === "secrets.set" || name === "secrets.remove") throw bounded();
    const row = findOperation(name);
    if (row?.runs !== "session") return port.call(name, input as never, call);
    const session = this.#idOf(input.session ?? "");
    if (name === "sessions.secret" && input.name !== undefined) await this.#requireSecret(input.name, call);
    const asked = { ...input, session } as never;
    if (!row.blocks) return port.call(name, asked, call);
    const hidden = Promise.withResolvers<never>();
    const ended = new AbortController();
    const stop = this.whenHidden(session, (refusal) => {
      hidden.reject(refusal);
      ended.abort();
    });
    const signal = call.signal ? AbortSignal.any([call.signal, ended.signal]) : ended.signal;
    try {
      return await Promise.race([port.call(name, asked, { ...call, signal }), hidden.promise]);
    } finally {
      stop();
    }
  }

  async #list(input: Asked, call: Call): Promise<readonly SessionInfo[]> {
    const { port, sees } = this.#parts;
    const answer = await port.call("sessions.list", input as OperationInput<"sessions.list">, call);
    return plainAnswer(answer).filter(sees);
  }

  /** An id that was used before may be that of a session out of sight. */
  async #start(input: Asked, call: Call): Promise<unknown> {
    const { port, sees } = this.#parts;
    const tags = [...this.#parts.tags.slice(0, 1), ...(input.tags ?? [])];
    const info = (await port.call("sessions.start", { ...input, tags } as never, call)) as unknown as SessionInfo;
    return sees(info) ? info : refuse(info.id);
  }

  async #info(call: Call): Promise<unknown> {
    const [info, sessions] = await Promise.all([this.#parts.port.call("server.info", {}, call), this.#list({}, call)]);
    return { ...(info as object), session_count: sessions.length };
  }

  async #journal(input: Asked, call: Call): Promise<OperationOutput<"worker.journal">> {
    const { port, sees } = this.#parts;
    const answer = await port.call("worker.journal", input as OperationInput<"worker.journal">, call);
    const part = plainAnswer(answer) as OperationOutput<"worker.journal">;
    const events = part.events.flatMap((one) => {
      const { session } = one.p as { session: SessionInfo };
      if (sees(session)) return [one];
      return one.event === "session.tags_changed" ? [{ ...one, event: "session.removed", p: { session } }] : [];
    });
    return { ...part, events };
  }

  /** Those for every session, and those for sessions that the caller sees by their tag. */
  async #secrets(input: OperationInput<"secrets.list">, call: Call): Promise<OperationOutput<"secrets.list">> {
    const { port, tags } = this.#parts;
    const page = plainAnswer(await port.call("secrets.list", input, call)) as OperationOutput<"secrets.list">;
    const isSeen = (secret: { readonly tags: readonly string[] }) =>
      secret.tags.length === 0 || secret.tags.some((tag) => tags.includes(tag));
    return { ...page, items: page.items.filter(isSeen) };
  }

  /** Whoever may give a session further tags gets no secret by that. Throws `secret_not_found`. */
  async #requireSecret(name: string, call: Call): Promise<void> {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: OperationOutput<"secrets.list"> = await this.#secrets({ limit: 1000, cursor }, call);
      if (page.items.some((secret) => secret.name === name)) return;
      cursor = page.next_cursor;
    }
    throw new FleettyError("secret_not_found", `secret ${name} not found; list the secrets to see what is there`);
  }

  /** Throws `session_not_found`. */
  #idOf(reference: string): string {
    const { find, sees } = this.#parts;
    return find(reference, sees)?.id ?? refuse(reference);
  }

  async #whileSeen<Open extends { close(): void }>(
    id: string,
    events: ChannelEvents,
    open: (events: ChannelEvents) => Promise<Open>,
  ): Promise<Open> {
    let channel: Open | null = null;
    let refusal: FleettyError | null = null;
    const stop = this.whenHidden(id, (told) => {
      refusal = told;
      stop();
      channel?.close();
      if (channel) events.closed(told.message);
    });
    const closed = (reason: string) => {
      stop();
      events.closed(reason);
    };
    try {
      channel = await open(withClosed(events, closed));
    } catch (thrown) {
      stop();
      throw thrown;
    }
    const opened = channel;
    const close = () => {
      stop();
      opened.close();
    };
    if (refusal === null) return { ...opened, close };
    close();
    throw refusal;
  }
}

/** What of an input decides. */
interface Asked {
  readonly session?: string;
  readonly name?: string;
  readonly tags?: readonly string[];
}

const FRAMES = ["output", "snapshot", "gap", "size", "exit", "written", "failed"] as const;

/** The same listener but for its `closed`. */
function withClosed(events: ChannelEvents, closed: (reason: string) => void): ChannelEvents {
  const heard = FRAMES.flatMap((frame) => {
    const listen = events[frame] as ((...told: unknown[]) => void) | undefined;
    return listen ? [[frame, listen.bind(events)]] : [];
  });
  return { ...(Object.fromEntries(heard) as Partial<ChannelEvents>), closed };
}

function bounded(): FleettyError {
  const message = "secrets are for all sessions of a server, and your token sees only some; use one without bounds";
  return new FleettyError("forbidden", message, { reason: "bounded" });
}

function notSeen(reference: string): FleettyError {
  const message = `session ${JSON.stringify(reference.slice(0, 80))} not found; list the sessions to see what is there`;
  return new FleettyError("session_not_found", message);
}

function refuse(reference: string): never {
  throw notSeen(reference);
}
