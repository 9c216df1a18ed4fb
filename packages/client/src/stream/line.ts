// One connection of a watch, speaking fleetty.stream.v1: the frames of the link on the one channel 0. Turns what a socket
// carries into frames and a viewer's words into bytes. Knows no order of things and no reconnecting.
import {
  decodeBinary,
  decodeSnapshot,
  encodeBinary,
  readFrame,
  STREAM_PROTOCOL,
  toViewer,
} from "@fleetty/protocol/link";
import type { HttpAnswer, SocketEvents, StreamSocket, Transport } from "../transport.ts";
import type { StreamFrame, ViewerWord } from "./words.ts";

const CHANNEL = 0;

export interface LineEvents {
  opened(line: Line): void;
  frame(frame: StreamFrame): void;
  /** The other end sent what is no frame; the line is of no more use. */
  broken(error: unknown): void;
  closed(code: number, reason: string): void;
}

export interface LineRequest {
  readonly path: string;
  readonly events: LineEvents;
  readonly signal: AbortSignal;
}

/** Resolves once the line is open, or with the answer that refused it. Throws as the transport does. */
export function openLine(transport: Transport, request: LineRequest): Promise<HttpAnswer | undefined> {
  const { path, events, signal } = request;
  const socketEvents: SocketEvents = {
    opened: (socket) => events.opened(new Line(socket)),
    frame: (data) => receive(data, events),
    closed: (code, reason) => events.closed(code, reason),
  };
  return transport.openSocket({ path, protocol: STREAM_PROTOCOL, events: socketEvents, signal });
}

export class Line {
  readonly #socket: StreamSocket;

  constructor(socket: StreamSocket) {
    this.#socket = socket;
  }

  say(word: ViewerWord): void {
    this.#socket.send(encode(word));
  }

  close(): void {
    this.#socket.close();
  }
}

function encode(word: ViewerWord): string | Uint8Array {
  if (word.type !== "input") return JSON.stringify({ ...word, ch: CHANNEL });
  return encodeBinary({ type: "input", flags: 0, channel: CHANNEL, offset: word.number, payload: word.bytes });
}

function receive(data: string | Uint8Array, events: LineEvents): void {
  try {
    const frame = typeof data === "string" ? readFrame(toViewer, data) : readBinary(data);
    if (frame) events.frame(frame);
  } catch (error) {
    events.broken(error);
  }
}

function readBinary(data: Uint8Array): StreamFrame | null {
  const frame = decodeBinary(data);
  if (frame?.type === "output") return { type: "output", offset: frame.offset, bytes: frame.payload };
  if (frame?.type !== "snapshot") return null;
  return { type: "snapshot", offset: frame.offset, snapshot: decodeSnapshot(frame.payload) };
}
