// A viewer that costs next to nothing: keeps no byte, counts what came, what was declared missing and what is missing without a
// word, and gives credit as seldom as it may. Speaks fleetty.stream.v1 with nothing but `ws`.
import { once } from "node:events";
import { decodeBinary } from "@fleetty/protocol/link";
import { WebSocket } from "ws";

/** Credit reaches 256 KiB beyond what is consumed (public contract); said at half of it, output never stops for it. */
const CREDIT_EVERY_BYTES = 128 * 1024;

export class StreamViewer implements Disposable {
  readonly #socket: WebSocket;
  readonly #exited = Promise.withResolvers<number>();
  /** Called with each piece of output. */
  onOutput: (bytes: Uint8Array) => void = () => {};
  receivedBytes = 0;
  declaredBytes = 0;
  undeclaredBytes = 0;
  #end = 0;
  #credited = 0;
  #inputs = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => (isBinary ? this.#binary(data) : this.#text(data.toString())));
    socket.on("close", () => this.#exited.reject(new Error("the stream closed before the session's exit")));
    this.#exited.promise.catch(() => {});
  }

  /** Watches from the first byte on, which must still be there. */
  static async open(socketPath: string, session: string, pace = false): Promise<StreamViewer> {
    const url = `ws+unix:${socketPath}:/sessions/${session}/ws/raw?from=0${pace ? "&pace=1" : ""}`;
    const viewer = new StreamViewer(new WebSocket(url, "fleetty.stream.v1"));
    await once(viewer.#socket, "open");
    return viewer;
  }

  /** Resolves with the offset at which the session ended, when all before it has been told. */
  get exited(): Promise<number> {
    return this.#exited.promise;
  }

  type(text: string): void {
    const bytes = Buffer.from(text);
    const frame = Buffer.alloc(16 + bytes.byteLength);
    this.#inputs += 1;
    frame.writeUInt8(2, 0);
    frame.writeBigUInt64BE(BigInt(this.#inputs), 8);
    frame.set(bytes, 16);
    this.#socket.send(frame);
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }

  #binary(data: Buffer): void {
    const frame = decodeBinary(data);
    if (frame) this.#reach(frame.offset);
    if (frame?.type === "output") {
      this.#end += frame.payload.byteLength;
      this.receivedBytes += frame.payload.byteLength;
      this.onOutput(frame.payload);
    }
    if (this.#end - this.#credited < CREDIT_EVERY_BYTES) return;
    this.#credited = this.#end;
    this.#socket.send(JSON.stringify({ type: "credit", ch: 0, upto: this.#end }));
  }

  #text(text: string): void {
    const frame = JSON.parse(text) as { type: string; from: number; to: number; offset: number };
    if (frame.type === "gap") {
      this.#reach(frame.from);
      this.declaredBytes += frame.to - frame.from;
      this.#end = frame.to;
    } else if (frame.type === "exit") {
      this.#reach(frame.offset);
      this.#exited.resolve(frame.offset);
    }
  }

  /** What comes next begins here: bytes that were skipped without a word, or came twice, are counted. */
  #reach(offset: number): void {
    this.undeclaredBytes += Math.abs(offset - this.#end);
    this.#end = offset;
  }
}
