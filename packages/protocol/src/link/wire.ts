// Turns what a socket carries into frames and back: text or binary, whole or in parts. One for each end of a link, given
// the table of frames that come in. Knows no socket, no request and no session.
import { SOCKET_HIGH_BYTES } from "../stream/output-sender.ts";
import { type BinaryFrame, decodeBinary, encodeBinary } from "./binary-frames.ts";
import { Assembler, MESSAGE_MAX_BYTES, Outgoing, PART_BYTES } from "./parts.ts";
import { readFrame } from "./text-frames.ts";

/** What a link is sent over. `bufferedBytes` is what the socket has taken and the kernel has not. */
export interface Carrier {
  send(data: string | Uint8Array): void;
  bufferedBytes(): number;
  /** Ends the link with a WebSocket close code. */
  close(code: number, reason: string): void;
}

type Table = Parameters<typeof readFrame>[0];
type Incoming<T extends Table> = NonNullable<ReturnType<typeof readFrame<T>>>;

export interface WireOptions<T extends Table> {
  readonly carrier: Carrier;
  readonly incoming: T;
  readonly onText: (frame: Incoming<T>) => void;
  /** Given the whole of a message in parts before it is read; true when that is done with it. */
  readonly onWhole?: (bytes: Uint8Array) => boolean;
  readonly onBinary: (frame: BinaryFrame) => void;
}

/** Reads frames by their tag first; throws MalformedFrame for what ends the link. */
export class Wire<T extends Table> {
  readonly #options: WireOptions<T>;
  readonly #assembler = new Assembler();
  readonly #outgoing = new Outgoing();
  /** Frames of types that this version does not know. */
  unknownFrames = 0;

  constructor(options: WireOptions<T>) {
    this.#options = options;
  }

  get bufferedBytes(): number {
    return this.#options.carrier.bufferedBytes();
  }

  receive(data: string | Uint8Array): void {
    if (typeof data === "string") return this.#receiveText(data);
    const frame = decodeBinary(data);
    if (!frame) this.unknownFrames += 1;
    else if (frame.type !== "part") this.#options.onBinary(frame);
    else {
      const whole = this.#assembler.take(frame);
      if (whole && !this.#options.onWhole?.(whole)) this.#receiveText(new TextDecoder().decode(whole));
    }
  }

  /**
   * Sends a request or an answer, which is JSON already. What is sent later may come before the end of one that is long.
   * False: it is longer than a message may be, and not sent.
   */
  sendJson(text: string): boolean {
    const long = longText(text);
    if (long) return this.sendLong(long);
    this.#options.carrier.send(text);
    return true;
  }

  /** As `sendJson`, of text that is too long for one frame, in UTF-8. */
  sendLong(bytes: Uint8Array): boolean {
    if (bytes.byteLength > MESSAGE_MAX_BYTES) return false;
    this.#outgoing.add(bytes);
    while (this.#hasRoom && !this.#outgoing.isEmpty) this.#sendPart();
    return true;
  }

  /** Sends a frame before everything that is sent later, however long it is. */
  sendText(frame: { readonly type: string }): void {
    const text = JSON.stringify(frame);
    const long = longText(text);
    if (!long) return this.#options.carrier.send(text);
    for (const part of this.#outgoing.whole(long)) this.sendBinary(part);
  }

  /** The socket has sent what it held. A part goes then whatever others have filled it with since, so that none waits for ever. */
  drained(): void {
    do this.#sendPart();
    while (this.#hasRoom && !this.#outgoing.isEmpty);
  }

  /** All that is left goes to the socket at once: it is about to be closed, and sends what it has before. */
  flush(): void {
    while (!this.#outgoing.isEmpty) this.#sendPart();
  }

  /** The link is gone: what has not been sent never will be. */
  closed(): void {
    this.#outgoing.clear();
  }

  sendBinary(frame: BinaryFrame): void {
    this.#options.carrier.send(encodeBinary(frame));
  }

  close(code: number, reason: string): void {
    this.#options.carrier.close(code, reason);
  }

  get #hasRoom(): boolean {
    return this.bufferedBytes < SOCKET_HIGH_BYTES;
  }

  #sendPart(): void {
    const part = this.#outgoing.next();
    if (part) this.sendBinary(part);
  }

  #receiveText(text: string): void {
    const frame = readFrame(this.#options.incoming, text);
    if (frame) this.#options.onText(frame as Incoming<T>);
    else this.unknownFrames += 1;
  }
}

/** The text in UTF-8 where that is too long for one frame. */
function longText(text: string): Uint8Array | null {
  // A UTF-16 text over this length may still be short enough in bytes, never the other way round by more than 3×.
  if (text.length * 3 <= PART_BYTES) return null;
  const bytes = new TextEncoder().encode(text);
  return bytes.byteLength > PART_BYTES ? bytes : null;
}
