// The JSON WebSocket of the fleet: methods that name their sessions, a subscription for each session that is asked for, and
// unasked which sessions come and go.
import type { WebSocket } from "ws";
import type { EventStream } from "../events/event-feed.ts";
import { lifeFrames } from "../events/life-events.ts";
import { EventMethods } from "../json-sockets/event-methods.ts";
import { FleetSubscriptions } from "../json-sockets/fleet-subscriptions.ts";
import { FollowedEvents } from "../json-sockets/followed-events.ts";
import { serverMode } from "../json-sockets/server-mode.ts";
import type { SocketOut } from "../json-sockets/socket-out.ts";
import { JsonSocket } from "./json-socket.ts";
import type { SocketParts } from "./session-socket.ts";
import type { SocketService } from "./socket-face.ts";

export class FleetSocket implements SocketService {
  readonly #socket: JsonSocket;
  readonly #begin: () => void;

  /** `life`: who comes and goes. */
  constructor(life: EventStream, parts: SocketParts) {
    const out: SocketOut = {
      tell: (message) => this.#socket.tell(message),
      room: () => this.#socket.room(),
      bufferedBytes: () => this.#socket.bufferedBytes,
      isLeft: () => this.#socket.isLeft,
      fail: (reason) => void this.#socket.finish(1011, reason),
      broke: (thrown) => this.#socket.broke(thrown),
    };
    const subscriptions = new FleetSubscriptions({ ...parts, out });
    const events = new EventMethods({ ...parts, out });
    const lives = new FollowedEvents(out);
    this.#begin = () => lives.follow(life, lifeFrames);
    this.#socket = new JsonSocket({
      ...parts,
      session: null,
      own: new Map([
        ["subscribe", subscriptions.subscribe],
        ["subscribe_events", events.subscribe],
        ["unsubscribe_events", events.unsubscribe],
        ["set_server_mode", serverMode(parts)],
      ]),
      onRoom: () => subscriptions.drained(),
      onLeft: () => {
        life.close();
        lives.close();
        events.close();
        subscriptions.close();
      },
    });
  }

  open(socket: WebSocket): void {
    this.#socket.open(socket);
    this.#begin();
  }

  cut(code: number, reason: string): void {
    this.#socket.cut(code, reason);
  }

  abandon(): void {
    this.#socket.leave();
  }
}
