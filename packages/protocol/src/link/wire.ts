// Turns what a socket carries into frames and back: text or binary, whole or in parts. One for each end of a link, given
// the table of frames that come in. Knows no socket, no request and no session.
import { type BinaryFrame, decodeBinary, encodeBinary } from "./binary-frames.ts";
import { Assembler, MESSAGE_MAX_BYTES, PART_BYTES, split } from "./parts.ts";
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
  #nextPart = 1;
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

  /** Sends a frame that is JSON already, so that a prepared answer is not built twice. False: it is too long, not sent. */
  sendJson(text: string): boolean {
    // A UTF-16 text over this length may still be short enough in bytes, never the other way round by more than 3×.
    const isShort = text.length * 3 <= PART_BYTES;
    const bytes = isShort ? null : new TextEncoder().encode(text);
    if (bytes && bytes.byteLength > PART_BYTES) return this.sendLong(bytes);
    this.#options.carrier.send(text);
    return true;
  }

  /** As `sendJson`, of text that is too long for one frame, in UTF-8. */
  sendLong(bytes: Uint8Array): boolean {
    if (bytes.byteLength > MESSAGE_MAX_BYTES) return false;
    for (const part of split(this.#nextPart++, bytes)) this.sendBinary(part);
    return true;
  }

  sendText(frame: { readonly type: string }): void {
    this.sendJson(JSON.stringify(frame));
  }

  sendBinary(frame: BinaryFrame): void {
    this.#options.carrier.send(encodeBinary(frame));
  }

  close(code: number, reason: string): void {
    this.#options.carrier.close(code, reason);
  }

  #receiveText(text: string): void {
    const frame = readFrame(this.#options.incoming, text);
    if (frame) this.#options.onText(frame as Incoming<T>);
    else this.unknownFrames += 1;
  }
}
