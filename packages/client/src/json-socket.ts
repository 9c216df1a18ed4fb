// A JSON WebSocket as a program holds it: requests with their answers, and what else comes, one frame at a time. One
// connection, which is not made again: whoever wants to go on makes another socket. Knows no method and no event.
import { type ErrorCode, errorFromWire, FleettyError, type WireError } from "@fleetty/protocol/errors";
import { cancelled, errorFromAnswer, errorFromFailure } from "./refusals.ts";
import { ItemQueue } from "./stream/item-queue.ts";
import { type StreamSocket, type Transport, TransportFailure } from "./transport.ts";

/** A message of the server that answers no `request`: an event, or the answer to what was said by `say`. */
export type SocketFrame = Readonly<Record<string, unknown>>;

/** Which session a request on the fleet's socket is about. */
export interface SocketTarget {
  readonly session?: string;
  readonly server?: string;
}

export interface JsonSocketParts {
  readonly transport: () => Promise<Transport>;
  /** Path and query of the upgrade. Rejects for an input that cannot be used. */
  readonly path: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** Frames that may wait to be taken; a program that takes none of more than these is told so. */
const QUEUED_MAX = 10_000;

/**
 * Connects when it is first used. Iterated once, it yields what comes unasked, in its order, and ends when the session has;
 * it throws why it was refused or cut (`auth_invalid`, `server_unavailable`, …), as do requests under way.
 */
export class JsonSocket implements AsyncIterableIterator<SocketFrame, undefined> {
  readonly #parts: JsonSocketParts;
  readonly #frames = new ItemQueue<SocketFrame>({ weigh: () => 1, onConsumed: () => this.#untaken-- });
  readonly #asked = new Map<string, PromiseWithResolvers<unknown>>();
  #opening: Promise<StreamSocket> | undefined;
  #untaken = 0;
  #nextId = 1;
  /** Why nothing can be said any more. */
  #end: { readonly error: unknown } | null = null;

  constructor(parts: JsonSocketParts) {
    this.#parts = parts;
  }

  /** Resolves with the result. Throws the refusal. */
  async request(method: string, params: object = {}, target: SocketTarget = {}): Promise<unknown> {
    const id = `request-${this.#nextId++}`;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(id, asked);
    // It may be refused while it is still being sent.
    asked.promise.catch(() => {});
    try {
      await this.say({ id, method, params, ...target });
      return await asked.promise;
    } finally {
      this.#asked.delete(id);
    }
  }

  /** Sends a message as it is. */
  async say(message: string | object): Promise<void> {
    const socket = await this.#open();
    if (this.#end) throw this.#end.error;
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SocketFrame, undefined>> {
    // Why it cannot be opened is what the iteration ends with.
    await this.#open().catch(() => {});
    return this.#frames.next();
  }

  async return(): Promise<IteratorResult<SocketFrame, undefined>> {
    this.close();
    return { done: true, value: undefined };
  }

  close(): void {
    this.#frames.abandon();
    this.#over(cancelled(undefined));
    this.#opening?.then(
      (socket) => socket.close(),
      () => {},
    );
  }

  #open(): Promise<StreamSocket> {
    this.#opening ??= this.#connect().catch((thrown) => {
      this.#over(thrown);
      throw thrown;
    });
    return this.#opening;
  }

  async #connect(): Promise<StreamSocket> {
    const { signal } = this.#parts;
    const path = await this.#parts.path();
    const transport = await this.#parts.transport();
    const opened = Promise.withResolvers<StreamSocket>();
    const events = {
      opened: opened.resolve,
      frame: (data: string | Uint8Array) => this.#take(String(data)),
      closed: (code: number, reason: string) => this.#closed(code, reason),
    };
    try {
      const refused = await transport.openSocket({ path, protocol: null, events, signal });
      if (refused) throw errorFromAnswer(refused, { reads: true });
    } catch (failure) {
      if (!(failure instanceof TransportFailure)) throw failure;
      throw errorFromFailure(failure, { reads: true, address: transport.address });
    }
    return opened.promise;
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as SocketFrame;
    const asked = typeof frame["id"] === "string" ? this.#asked.get(frame["id"]) : undefined;
    if (asked && "error" in frame) asked.reject(errorFromWire(frame["error"] as WireError));
    else if (asked) asked.resolve(frame["result"]);
    else this.#queue(frame);
  }

  #queue(frame: SocketFrame): void {
    this.#untaken += 1;
    if (this.#untaken <= QUEUED_MAX) return this.#frames.push(frame);
    this.#over(refusal("channel_full", `${QUEUED_MAX} events were not taken; take them as they come`));
    this.#opening?.then((socket) => socket.close());
  }

  #closed(code: number, reason: string): void {
    if (code === 1000) this.#frames.finish("done");
    const why = code === CREDENTIAL_ENDED ? "auth_invalid" : "server_unavailable";
    this.#over(refusal(why, `the socket was closed: ${reason || code}`, { code }));
  }

  #over(error: unknown): void {
    this.#end ??= { error };
    this.#frames.finish({ error });
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}

/** Close code of the contract. */
const CREDENTIAL_ENDED = 4401;

function refusal(code: ErrorCode, message: string, details?: object): FleettyError {
  return new FleettyError(code, message, { ...details });
}
