// The JSON WebSocket of one session, which it stays bound to whatever that is called: its methods, one subscription, and its
// end, after what was still to be said.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { WebSocket } from "ws";
import type { Observed } from "../calls.ts";
import type { OwnAnswer, OwnMethod } from "../json-sockets/conversation.ts";
import type { SocketRequest } from "../json-sockets/request-frame.ts";
import { Subscription } from "../json-sockets/subscription.ts";
import { readWish } from "../json-sockets/wish.ts";
import { JsonSocket, type JsonSocketParts } from "./json-socket.ts";
import type { SocketService } from "./socket-face.ts";

export type SocketParts = Pick<JsonSocketParts, "calls" | "methods" | "log" | "context">;

export class SessionSocket implements SocketService {
  readonly #observed: Observed;
  readonly #socket: JsonSocket;
  #subscription: Subscription;

  constructor(observed: Observed, parts: SocketParts) {
    this.#observed = observed;
    const subscribe: OwnMethod = { isOfSession: true, run: (request) => this.#subscribe(request) };
    this.#socket = new JsonSocket({
      ...parts,
      session: observed.id,
      own: new Map([["subscribe", subscribe]]),
      onRoom: () => this.#subscription.drained(),
      onLeft: () => {
        this.#subscription.close();
        observed.close();
      },
    });
    this.#subscription = Subscription.ofNothing(this.#telling);
  }

  open(socket: WebSocket): void {
    this.#socket.open(socket);
    this.#observed.listen({
      changed: () => this.#subscription.changed(),
      away: (since) => this.#subscription.away(since),
      back: () => this.#subscription.back(),
      ended: (info) => void this.#ended(info),
      lost: ({ message }) => void this.#socket.finish(1011, message),
    });
  }

  cut(code: number, reason: string): void {
    this.#socket.cut(code, reason);
  }

  abandon(): void {
    this.#socket.leave();
  }

  /** A new one takes the place of the one before, which ends with its answer. */
  async #subscribe({ params }: SocketRequest): Promise<OwnAnswer> {
    const wish = readWish(params);
    const result = { events: [...wish.events] };
    if (wish.events.size === 0) return { result, next: () => this.#replace(Subscription.ofNothing(this.#telling)) };
    const { subscription, begin } = await Subscription.prepare({ ...this.#telling, wish, tellsIdle: true });
    const next = () => {
      this.#replace(subscription);
      begin();
    };
    return { result, next };
  }

  #replace(subscription: Subscription): void {
    this.#subscription.close();
    this.#subscription = subscription;
    if (this.#socket.isLeft) subscription.close();
  }

  async #ended(info: SessionInfo): Promise<void> {
    await this.#subscription.finish(info);
    await this.#socket.finish(1000, "session ended");
  }

  get #telling() {
    const socket = this.#socket;
    return {
      observed: this.#observed,
      tell: (event: object) => socket.tell(event),
      lagged: (skipped: number, type: string) => socket.tell({ type, skipped }),
      room: () => socket.room(),
      bufferedBytes: () => socket.bufferedBytes,
      broke: (thrown: unknown) => socket.broke(thrown),
    };
  }
}
