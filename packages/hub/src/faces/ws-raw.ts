// The raw stream face: a session's output over a WebSocket, plain or as fleetty.stream.v1, and what its viewer types.
import { MalformedFrame } from "@fleetty/protocol/link";
import { SOCKET_HIGH_BYTES } from "@fleetty/protocol/stream/output-sender";
import type { WebSocket } from "ws";
import type { HubCalls, Viewer, ViewerOptions } from "../calls.ts";
import { SharedFrames } from "./shared-frames.ts";
import { SocketEnd } from "./socket-end.ts";
import type { AskedSocket, SocketService } from "./socket-face.ts";
import { FramedStream } from "./stream-framed.ts";
import { PlainStream } from "./stream-plain.ts";

/** What turns a viewer's frames into a socket's and back. */
export interface StreamForm {
  readonly sink: Parameters<HubCalls["watch"]>[1];
  /** Throws MalformedFrame for what ends the stream. */
  receive(viewer: Viewer, data: Buffer, isBinary: boolean): void;
}

export class RawSockets {
  readonly #calls: HubCalls;
  readonly #frames = new SharedFrames();

  constructor(calls: HubCalls) {
    this.#calls = calls;
  }

  async open({ input, context, isFramed }: AskedSocket): Promise<SocketService> {
    const stream = new RawStream(isFramed ? this.#frames : null);
    const options = { ...input, credits: isFramed } as unknown as ViewerOptions;
    stream.serves(await this.#calls.watch(options, stream.form.sink, context));
    return stream;
  }
}

/** A stream whose viewer is served before its socket is open: what is sent until then is held. */
class RawStream implements SocketService {
  readonly form: StreamForm;
  readonly #held: (string | Uint8Array)[] = [];
  #end: SocketEnd | null = null;
  #viewer: Viewer | null = null;
  #closing: { readonly code: number; readonly reason: string } | null = null;
  #isHigh = false;

  /** `frames`: null for a stream without them. */
  constructor(frames: SharedFrames | null) {
    const out = {
      send: (data: string | Uint8Array) => this.#send(data),
      bufferedBytes: () => this.#bufferedBytes(),
      close: (code: number, reason: string) => this.#close(code, reason),
    };
    this.form = frames ? new FramedStream(out, frames) : new PlainStream(out);
  }

  serves(viewer: Viewer): void {
    this.#viewer = viewer;
  }

  open(socket: WebSocket): void {
    this.#end = new SocketEnd({
      socket,
      receive: (data, isBinary) => this.#receive(data, isBinary),
      sent: () => this.#sent(),
      left: () => this.#viewer?.close(),
    });
    for (const data of this.#held.splice(0)) this.#send(data);
    if (this.#closing) this.#end.close(this.#closing.code, this.#closing.reason);
    // What was held may have stopped the viewer, and the socket has taken it.
    else this.#viewer?.drained();
  }

  cut(code: number, reason: string): void {
    this.#end?.cut(code, reason);
  }

  abandon(): void {
    this.#viewer?.close();
  }

  #send(data: string | Uint8Array): void {
    const end = this.#end;
    if (!end) {
      this.#held.push(data);
      return;
    }
    if (typeof data === "string") end.reply(data);
    else end.send(data);
    this.#isHigh ||= end.bufferedBytes >= SOCKET_HIGH_BYTES;
  }

  /** A socket that held too much has sent enough of it: the viewer stopped at the same mark. */
  #sent(): void {
    if (!this.#isHigh || this.#bufferedBytes() >= SOCKET_HIGH_BYTES) return;
    this.#isHigh = false;
    this.#viewer?.drained();
  }

  #bufferedBytes(): number {
    return this.#end?.bufferedBytes ?? this.#held.reduce((sum, data) => sum + data.length, 0);
  }

  #close(code: number, reason: string): void {
    this.#closing = { code, reason };
    this.#end?.close(code, reason);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#viewer) return;
    try {
      this.form.receive(this.#viewer, data, isBinary);
    } catch (thrown) {
      if (!(thrown instanceof MalformedFrame)) throw thrown;
      this.#close(4010, "protocol error");
      this.#viewer.close();
    }
  }
}
