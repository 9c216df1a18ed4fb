// One JSON WebSocket: what is said on it, and how it is closed. Answers go out whatever the far side reads; events wait for
// room. Knows neither sessions nor events.
import { SOCKET_HIGH_BYTES } from "@fleetty/protocol/stream/output-sender";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type { CallContext, HubCalls } from "../calls.ts";
import { Conversation, type OwnMethod } from "../json-sockets/conversation.ts";
import type { Methods } from "../json-sockets/methods.ts";
import { within } from "../within.ts";
import { shown } from "./answer.ts";
import { SocketEnd } from "./socket-end.ts";

export interface JsonSocketParts {
  readonly calls: HubCalls;
  readonly methods: Methods;
  readonly log: Logger;
  readonly context: CallContext;
  readonly session: string | null;
  readonly own: ReadonlyMap<string, OwnMethod>;
  /** The socket has sent what it held. */
  readonly onRoom: () => void;
  /** Nothing is heard and nothing need be said any more. May be called again. */
  readonly onLeft: () => void;
}

/** What is still asked of a session that has ended is answered by then, or never. */
const LAST_ANSWERS_MS = 5_000;

export class JsonSocket {
  readonly #parts: JsonSocketParts;
  readonly #conversation: Conversation;
  #end: SocketEnd | null = null;
  #room: PromiseWithResolvers<void> | null = null;
  #isLeft = false;

  constructor(parts: JsonSocketParts) {
    const { log, context } = parts;
    this.#parts = parts;
    this.#conversation = new Conversation({
      ...parts,
      send: (text) => this.#end?.reply(text),
      flow: (isOpen) => (isOpen ? this.#end?.release("turns") : this.#end?.hold("turns")),
      shown: (error) => {
        const { requestId } = context;
        if (error.code === "internal_error")
          log.error(
            { request_id: requestId, err: error.cause ?? error },
            "a request on a socket failed inside the server",
          );
        return shown(error, requestId);
      },
    });
  }

  open(socket: WebSocket): void {
    this.#end = new SocketEnd({
      socket,
      receive: (data, isBinary) => {
        if (!isBinary) this.#conversation.receive(data.toString("utf8"));
      },
      sent: () => this.#sent(),
      left: () => this.leave(),
    });
    this.#end.send('{"connected":true}');
  }

  /** Whether nobody hears any more. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Whether an event has to wait. */
  get isFull(): boolean {
    return this.bufferedBytes >= SOCKET_HIGH_BYTES;
  }

  get bufferedBytes(): number {
    return this.#end?.bufferedBytes ?? 0;
  }

  /** Resolves when there is room for an event, or nobody hears any more. */
  async room(): Promise<void> {
    while (this.isFull && !this.#isLeft) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
    }
  }

  tell(event: object): void {
    this.#end?.send(JSON.stringify(event));
  }

  /** Closes when what was asked has been answered. */
  async finish(code: number, reason: string): Promise<void> {
    await within(LAST_ANSWERS_MS, this.#conversation.settled());
    this.#end?.close(code, reason);
  }

  /** Closes after a defect: what was promised is not told any more. */
  broke(thrown: unknown): void {
    const { log, context } = this.#parts;
    log.error({ request_id: context.requestId, err: thrown }, "what a socket is told broke; it is closed");
    void this.finish(1011, "what was subscribed to cannot be told any more");
  }

  cut(code: number, reason: string): void {
    this.#end?.cut(code, reason);
  }

  /** Nobody hears any more. */
  leave(): void {
    this.#isLeft = true;
    this.#conversation.close();
    this.#room?.resolve();
    this.#parts.onLeft();
  }

  #sent(): void {
    if (this.isFull) return;
    this.#room?.resolve();
    this.#room = null;
    this.#parts.onRoom();
  }
}
