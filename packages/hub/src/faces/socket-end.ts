// One WebSocket while it is served: keeps it alive, and honest about what it is answered. Decides when it is read no further,
// when it is given up, and that nothing more is taken from one that is left. Knows no frame.
import { SOCKET_HIGH_BYTES } from "@fleetty/protocol/stream/output-sender";
import type { RawData, WebSocket } from "ws";
import { keepAlive } from "./keep-alive.ts";
import { ReplyHold } from "./reply-hold.ts";

export interface SocketEndParts {
  readonly socket: WebSocket;
  readonly receive: (data: Buffer, isBinary: boolean) => void;
  /** The far side's kernel has taken something. */
  readonly sent: () => void;
  /** Nothing is taken from it any more, and nothing need be sent. May be called again. */
  readonly left: () => void;
}

/** Close code for a far side that asks and does not read (RFC 6455 registry, "try again later"). */
const TRY_AGAIN_LATER = 1013;
/** Whoever does not answer the close by then is cut off (public contract, token rotation). */
const CUT_WITHIN_MS = 1_000;
/** A long answer goes out in parts of one message, so that a slow reader is seen to take them. */
const PART_BYTES = SOCKET_HIGH_BYTES;

export class SocketEnd {
  readonly #parts: SocketEndParts;
  readonly #replies = new ReplyHold({
    pause: () => this.hold("replies"),
    resume: () => this.release("replies"),
    // Closes as soon as the far side reads again, if it does so within the time that `ws` gives it (30 s).
    giveUp: () => this.#leave(TRY_AGAIN_LATER, "answers were not read"),
  });
  /** Why it is not read just now. */
  readonly #holds = new Set<string>();
  #isLeft = false;

  constructor(parts: SocketEndParts) {
    const { socket, receive, left } = parts;
    this.#parts = parts;
    socket.on("message", (data, isBinary) => {
      if (!this.#isLeft) receive(bufferOf(data), isBinary);
    });
    socket.on("close", () => {
      this.#isLeft = true;
      this.#replies.stop();
      left();
    });
    socket.on("error", () => socket.terminate());
    keepAlive(socket);
  }

  get bufferedBytes(): number {
    return this.#parts.socket.bufferedAmount;
  }

  /** What has a gap, or more of the same, to stand for it. */
  send(data: string | Uint8Array): void {
    this.#parts.socket.send(data, () => {
      this.#replies.sent(0);
      this.#parts.sent();
    });
  }

  /** What has nothing to stand for it: who does not read such is read no further. */
  reply(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at === 0 || at < bytes.byteLength; at += PART_BYTES) {
      const part = bytes.subarray(at, at + PART_BYTES);
      this.#replies.sending(part.byteLength);
      const options = { binary: false, fin: at + part.byteLength >= bytes.byteLength };
      this.#parts.socket.send(part, options, () => {
        this.#replies.sent(part.byteLength);
        this.#parts.sent();
      });
    }
  }

  /** Reads no further until every reason for that is gone. */
  hold(reason: string): void {
    if (this.#isLeft) return;
    this.#holds.add(reason);
    this.#parts.socket.pause();
  }

  release(reason: string): void {
    this.#holds.delete(reason);
    if (this.#holds.size === 0) this.#parts.socket.resume();
  }

  /** What was sent still goes out; what still comes is dropped. */
  close(code: number, reason: string): void {
    this.#isLeft = true;
    this.#parts.socket.close(code, shortened(reason));
    // Else its answer would not be read.
    this.#parts.socket.resume();
  }

  /** Serves nothing more from this moment on, whatever the far side does. */
  cut(code: number, reason: string): void {
    const { socket } = this.#parts;
    this.#leave(code, reason);
    const timer = setTimeout(() => socket.terminate(), CUT_WITHIN_MS);
    socket.once("close", () => clearTimeout(timer));
  }

  #leave(code: number, reason: string): void {
    this.close(code, reason);
    this.#parts.left();
  }
}

/** What a close frame holds (RFC 6455, 5.5): 123 bytes, of which a character that is cut becomes three. */
const REASON_MAX_BYTES = 120;

function shortened(reason: string): string {
  return Buffer.from(reason).subarray(0, REASON_MAX_BYTES).toString("utf8");
}

function bufferOf(data: RawData): Buffer {
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
}
