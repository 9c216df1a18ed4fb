// Loads an HTTP server over a unix socket from a process of its own: some kept connections, each asking again as soon as it
// is answered. Cheap, so that the server is what is measured: reads no more of an answer than its status and length.
import { connect, type Socket } from "node:net";
import { latency } from "./measure.ts";
import { ready } from "./parent.ts";
import { Program } from "./program.ts";

export interface LoadOrder {
  readonly socketPath: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: string;
  /** Media type of the body; absent: bytes of no type. */
  readonly type?: string;
  readonly connections: number;
  readonly durationMs: number;
}

/** Answers per second, and how long one took, in ms. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Rejects when an answer is not a success. */
export function load(order: LoadOrder): Promise<LoadResult> {
  return Program.run<LoadResult>("load.ts", order);
}

class Asker {
  readonly samplesMs: number[] = [];
  readonly #request: Buffer;
  readonly #socket: Socket;
  readonly #untilMs: number;
  readonly #done: () => void;
  #head: Buffer = Buffer.alloc(0);
  #missingBytes = 0;
  #askedAtMs = 0;

  constructor(order: LoadOrder, untilMs: number, done: () => void) {
    const { method, path, body, type, socketPath } = order;
    const length = method === "POST" ? `content-length: ${Buffer.byteLength(body)}\r\n` : "";
    const about = type === undefined ? length : `content-type: ${type}\r\n${length}`;
    this.#request = Buffer.from(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${about}\r\n${body}`);
    this.#untilMs = untilMs;
    this.#done = done;
    this.#socket = connect(socketPath, () => this.#ask());
    this.#socket.on("data", (piece: Buffer) => this.#take(piece));
  }

  #ask(): void {
    this.#askedAtMs = performance.now();
    this.#socket.write(this.#request);
  }

  #take(piece: Buffer): void {
    if (this.#missingBytes > 0) this.#missingBytes -= piece.byteLength;
    else if (!this.#takeHead(piece)) return;
    if (this.#missingBytes > 0) return;
    const nowMs = performance.now();
    this.samplesMs.push(nowMs - this.#askedAtMs);
    if (nowMs < this.#untilMs) return this.#ask();
    this.#socket.end();
    this.#done();
  }

  /** False while the head has not wholly come. */
  #takeHead(piece: Buffer): boolean {
    this.#head = this.#head.byteLength > 0 ? Buffer.concat([this.#head, piece]) : piece;
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const head = this.#head.toString("latin1", 0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (!head.startsWith("HTTP/1.1 200") || length === undefined) throw new Error(`unexpected answer: ${head}`);
    this.#missingBytes = end + 4 + Number(length) - this.#head.byteLength;
    this.#head = Buffer.alloc(0);
    return true;
  }
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const { connections, durationMs } = order;
  const startedAtMs = performance.now();
  const all = Array.from({ length: connections }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { asker: new Asker(order, startedAtMs + durationMs, resolve), promise };
  });
  await Promise.all(all.map(({ promise }) => promise));
  const samplesMs = all.flatMap(({ asker }) => asker.samplesMs);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  return { perSecond: samplesMs.length / seconds, ...latency(samplesMs) };
}

if (import.meta.main) ready(run);
