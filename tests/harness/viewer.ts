// A raw viewer that keeps every byte with its offset, every gap and every snapshot: what it holds can be compared with what
// the session printed. Speaks fleetty.stream.v1 with nothing but `ws`.
import { once } from "node:events";
import { decodeBinary, decodeSnapshot, type Snapshot } from "@fleetty/protocol/link";
import { WebSocket } from "ws";
import { type Answer, ask } from "./http.ts";
import { waitUntil } from "./wait-until.ts";

export interface ViewerQuery {
  readonly from?: number;
  readonly snapshot?: boolean;
  readonly pace?: boolean;
  readonly readonly?: boolean;
  readonly attach?: boolean;
  readonly client?: string;
  readonly lease?: string;
}

/** Where a session's raw stream is. */
export function pathOf(session: string, query: ViewerQuery): string {
  const words = Object.entries(query).map(([name, value]) => `${name}=${value === true ? 1 : value}`);
  return `/sessions/${session}/ws/raw?${words.join("&")}`;
}

/** What makes a request an upgrade (RFC 6455, 4.1). */
export const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export interface TextFrame {
  readonly type: string;
  readonly [member: string]: unknown;
}

export class RawViewer {
  readonly socket: WebSocket;
  readonly texts: TextFrame[] = [];
  /** With how many pieces had come before. */
  readonly snapshots: (Snapshot & { readonly offset: number; readonly behind: number })[] = [];
  readonly gaps: { readonly from: number; readonly to: number }[] = [];
  /** Offset of the first byte that came, then bytes without holes but for the gaps. */
  first: number | null = null;
  end = 0;
  closed: { code: number; reason: string } | null = null;
  /** Set to false to be a viewer that never takes anything. */
  credits = true;
  /** What came, each piece with the offset of its first byte. */
  readonly pieces: { readonly offset: number; readonly bytes: Buffer }[] = [];

  constructor(socketPath: string, session: string, query: ViewerQuery = {}) {
    this.socket = new WebSocket(`ws+unix:${socketPath}:${pathOf(session, query)}`, "fleetty.stream.v1");
    this.socket.on("message", (data: Buffer, isBinary) =>
      isBinary ? this.#binary(data) : this.#text(data.toString()),
    );
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on("error", () => {});
  }

  static async open(socketPath: string, session: string, query: ViewerQuery = {}): Promise<RawViewer> {
    const viewer = new RawViewer(socketPath, session, query);
    await once(viewer.socket, "open");
    return viewer;
  }

  /** One that takes what the window lets through and credits nothing. */
  static async stalled(socketPath: string, session: string, query: ViewerQuery = {}): Promise<RawViewer> {
    const viewer = new RawViewer(socketPath, session, query);
    viewer.credits = false;
    await once(viewer.socket, "open");
    return viewer;
  }

  /** Asks for the stream in vain; resolves with the refusal. */
  static refused(socketPath: string, session: string, query: ViewerQuery = {}): Promise<Answer> {
    return ask({ socketPath }, { path: pathOf(session, query), headers: UPGRADE });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces.map(({ bytes }) => bytes));
  }

  get text(): string {
    return this.bytes.toString("utf8");
  }

  exit(): TextFrame | undefined {
    return this.texts.find(({ type }) => type === "exit");
  }

  type(number: number, text: string): void {
    const payload = Buffer.from(text);
    const frame = Buffer.alloc(16 + payload.byteLength);
    frame.writeUInt8(2, 0);
    frame.writeBigUInt64BE(BigInt(number), 8);
    payload.copy(frame, 16);
    this.socket.send(frame);
  }

  say(frame: TextFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Highest input that the terminal has. */
  written(): number {
    return Math.max(0, ...this.texts.filter(({ type }) => type === "in_ack").map(({ upto }) => Number(upto)));
  }

  async until(why: string, condition: (viewer: this) => boolean): Promise<void> {
    await waitUntil(why, () => condition(this), {
      seen: () => ({ end: this.end, text: this.text.slice(-300), texts: this.texts.slice(-5), closed: this.closed }),
    });
  }

  /** Takes what it has left lying, and from now on everything. */
  goOn(): void {
    this.credits = true;
    this.say({ type: "credit", ch: 0, upto: this.end });
  }

  /** Resolves when the server has handled everything that this viewer sent. */
  async handled(): Promise<void> {
    this.socket.ping();
    await once(this.socket, "pong");
  }

  close(): void {
    this.socket.close();
  }

  #binary(data: Buffer): void {
    const frame = decodeBinary(data);
    if (frame?.type === "snapshot") {
      this.snapshots.push({ offset: frame.offset, behind: this.pieces.length, ...decodeSnapshot(frame.payload) });
      if (this.first !== null && frame.offset > this.end)
        throw new Error(`an undeclared hole: a snapshot at ${frame.offset}, expected ${this.end} at most`);
      if (this.first === null) this.first = frame.offset;
      this.end = frame.offset;
    } else if (frame?.type === "output") {
      if (this.first === null) this.first = frame.offset;
      else if (frame.offset !== this.end)
        throw new Error(`a hole or a repetition: at ${frame.offset}, expected ${this.end}`);
      this.pieces.push({ offset: frame.offset, bytes: Buffer.from(frame.payload) });
      this.end = frame.offset + frame.payload.byteLength;
    }
    if (this.credits) this.say({ type: "credit", ch: 0, upto: this.end });
  }

  #text(text: string): void {
    const frame = JSON.parse(text) as TextFrame;
    this.texts.push(frame);
    if (frame.type !== "gap") return;
    this.gaps.push({ from: Number(frame["from"]), to: Number(frame["to"]) });
    this.end = Number(frame["to"]);
  }
}
