// The JSON WebSocket of the fleet: requests name their sessions, and which sessions come and go is told unasked.
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import type { WebSocket } from "ws";
import type { EventStream } from "../events/event-feed.ts";
import { lifeFrames } from "../events/life-events.ts";
import { JsonSocket } from "./json-socket.ts";
import type { SessionSocketParts } from "./session-socket.ts";
import type { SocketService } from "./socket-face.ts";

/** Events that are taken at a time. */
const TAKEN_MAX = 64;

export class FleetSocket implements SocketService {
  readonly #life: EventStream;
  readonly #socket: JsonSocket;

  constructor(life: EventStream, parts: SessionSocketParts) {
    this.#life = life;
    this.#socket = new JsonSocket({
      ...parts,
      session: null,
      own: new Map(),
      onRoom: () => {},
      onLeft: () => life.close(),
    });
  }

  open(socket: WebSocket): void {
    this.#socket.open(socket);
    void this.#tell(this.#life, (event) => lifeFrames(event));
  }

  cut(code: number, reason: string): void {
    this.#socket.cut(code, reason);
  }

  abandon(): void {
    this.#socket.leave();
  }

  /** Until the stream is closed; a log that cannot be read ends the socket, whose client comes back with its cursor. */
  async #tell(stream: EventStream, framesOf: (event: FleetEvent) => readonly object[]): Promise<void> {
    try {
      for (;;) {
        await this.#socket.room();
        const events = await stream.next(TAKEN_MAX);
        if (events.length === 0) return;
        for (const event of events) for (const frame of framesOf(event)) this.#socket.tell(frame);
      }
    } catch {
      await this.#socket.finish(1011, "events cannot be read just now");
    }
  }
}
