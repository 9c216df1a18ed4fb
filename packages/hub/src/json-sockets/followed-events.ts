// Tells the events of one stream on a socket, as fast as there is room for them; what has to be let go meanwhile the stream
// declares by itself. One stream at a time: a new one takes the place of the one before.
import type { FleetEvent } from "@fleetty/protocol/schemas/fleet-events";
import type { EventStream } from "../events/event-feed.ts";
import type { SocketOut } from "./socket-out.ts";

/** Events that are taken at a time. */
const TAKEN_MAX = 64;

export class FollowedEvents {
  readonly #out: SocketOut;
  #stream: EventStream | null = null;

  constructor(out: SocketOut) {
    this.#out = out;
  }

  /** `framesOf`: what is told of an event. */
  follow(stream: EventStream, framesOf: (event: FleetEvent) => readonly object[]): void {
    this.close();
    if (this.#out.isLeft()) return stream.close();
    this.#stream = stream;
    void this.#tell(stream, framesOf);
  }

  close(): void {
    this.#stream?.close();
    this.#stream = null;
  }

  /** Until the stream is closed. A log that cannot be read ends the socket, whose client comes back with its cursor. */
  async #tell(stream: EventStream, framesOf: (event: FleetEvent) => readonly object[]): Promise<void> {
    const { room, tell, fail } = this.#out;
    try {
      for (;;) {
        await room();
        const events = await stream.next(TAKEN_MAX);
        if (events.length === 0 || this.#stream !== stream) return;
        for (const frame of events.flatMap(framesOf)) tell(frame);
      }
    } catch {
      fail("events cannot be read just now");
    }
  }
}
