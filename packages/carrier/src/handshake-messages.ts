// Hands over the messages of a handshake one by one, within its time, and then the socket to whoever goes on with it. Loses
// none in between. Knows no frame.
import { MalformedFrame } from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import { received } from "./socket-carrier.ts";

/** In all, from connect to inventory (link protocol, handshake). */
export const HANDSHAKE_MS = 5_000;

/** Messages of the handshake one by one; what comes after it goes to whom the socket is handed over. Loses none. */
export class HandshakeMessages {
  readonly opened: Promise<void>;
  /** Code that the other end closed with. */
  closedWith: number | null = null;
  readonly #queue: (string | Uint8Array)[] = [];
  #take: (() => void) | null = null;
  #failed: Error | null = null;
  #sink: ((data: string | Uint8Array) => void) | null = null;

  constructor(socket: WebSocket) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.opened = promise;
    if (socket.readyState === socket.OPEN) resolve();
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.on("message", (data, isBinary) => this.#arrive(received(data, isBinary)));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", (code) => {
      this.closedWith = code;
      this.#fail(new Error(`closed with ${code} during the handshake`));
    });
    // A frozen host's socket takes connections, and ws bounds none that it has not opened itself.
    const silent = new Error("no answer during the handshake");
    // Nobody waits for it on the side that was dialled.
    promise.catch(() => {});
    const timer = setTimeout(() => {
      reject(silent);
      this.#fail(silent);
    }, HANDSHAKE_MS);
    timer.unref();
  }

  async next(): Promise<string | Uint8Array> {
    while (this.#queue.length === 0) {
      if (this.#failed) throw this.#failed;
      await new Promise<void>((resolve) => {
        this.#take = resolve;
      });
    }
    return this.#queue.shift() as string | Uint8Array;
  }

  async nextText(): Promise<string> {
    const message = await this.next();
    if (typeof message !== "string") throw new MalformedFrame("a binary frame during the handshake");
    return message;
  }

  handOver(sink: (data: string | Uint8Array) => void): void {
    this.#sink = sink;
    for (const message of this.#queue.splice(0)) sink(message);
  }

  #arrive(message: string | Uint8Array): void {
    if (this.#sink) return this.#sink(message);
    this.#queue.push(message);
    this.#take?.();
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#take?.();
  }
}
