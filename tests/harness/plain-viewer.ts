// A viewer of the plain raw stream: keeps every frame as it came. Speaks nothing but `ws`, without a sub-protocol.
import { once } from "node:events";
import { WebSocket } from "ws";
import { pathOf, type ViewerQuery } from "./viewer.ts";
import { waitUntil } from "./wait-until.ts";

/** What a frame that redraws the screen begins with (ECMA-48, RIS). */
export const RESET = "\x1bc";

export class PlainViewer {
  readonly socket: WebSocket;
  readonly frames: Buffer[] = [];
  closed: { code: number; reason: string } | null = null;

  private constructor(socketPath: string, session: string, query: ViewerQuery) {
    this.socket = new WebSocket(`ws+unix:${socketPath}:${pathOf(session, query)}`);
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error(`a text frame on a plain stream: ${data}`);
      this.frames.push(data);
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on("error", () => {});
  }

  static async open(socketPath: string, session: string, query: ViewerQuery = {}): Promise<PlainViewer> {
    const viewer = new PlainViewer(socketPath, session, query);
    await once(viewer.socket, "open");
    return viewer;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.frames);
  }

  /** Resolves when the server has handled everything that this viewer sent. */
  async handled(): Promise<void> {
    this.socket.ping();
    await once(this.socket, "pong");
  }

  async until(why: string, condition: (viewer: this) => boolean): Promise<void> {
    await waitUntil(why, () => condition(this), {
      seen: () => ({ bytes: this.bytes.byteLength, last: this.bytes.toString().slice(-300), closed: this.closed }),
    });
  }

  close(): void {
    this.socket.close();
  }
}
