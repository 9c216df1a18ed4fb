// The JSON WebSocket of one session, which it stays bound to whatever that is called: ends when the session has, after what was
// still to be said.

import type { WebSocket } from "ws";
import type { Observed } from "../calls.ts";
import { JsonSocket, type JsonSocketParts } from "./json-socket.ts";
import type { SocketService } from "./socket-face.ts";

export type SessionSocketParts = Pick<JsonSocketParts, "calls" | "methods" | "log" | "context">;

export class SessionSocket implements SocketService {
  readonly #observed: Observed;
  readonly #socket: JsonSocket;

  constructor(observed: Observed, parts: SessionSocketParts) {
    this.#observed = observed;
    this.#socket = new JsonSocket({
      ...parts,
      session: observed.id,
      own: new Map(),
      onRoom: () => {},
      onLeft: () => observed.close(),
    });
  }

  open(socket: WebSocket): void {
    this.#socket.open(socket);
    this.#observed.listen({
      changed: () => {},
      away: () => {},
      back: () => {},
      ended: () => void this.#socket.finish(1000, "session ended"),
      lost: ({ message }) => void this.#socket.finish(1011, message),
    });
  }

  cut(code: number, reason: string): void {
    this.#socket.cut(code, reason);
  }

  abandon(): void {
    this.#socket.leave();
  }
}
