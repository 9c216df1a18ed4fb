// A session of the fake server: a log of output, a log of what was typed by client and number, and viewers that are sent
// what the contract says. Output that was trimmed away is a gap and a snapshot.
import { FleettyError } from "@fleetty/protocol/errors";
import { decodeBinary, encodeBinary, encodeSnapshot } from "@fleetty/protocol/link";
import type { Exit } from "@fleetty/protocol/schemas/common";
import type { WebSocket } from "ws";
import type { Asked } from "./fake-server.ts";

/** As much as the contract lets run ahead of credit. */
const WINDOW_BYTES = 256 * 1024;
const CHUNK_BYTES = 16 * 1024;

interface View {
  readonly socket: WebSocket;
  readonly client: string;
  position: number;
  limit: number;
}

export class FakeSession {
  readonly name: string;
  readonly id: string;
  /** Typed bytes in the order in which the terminal took them. */
  readonly typed: string[] = [];
  /** Inputs are taken but not acknowledged while this is set. */
  holdsAcks = false;
  exit: Exit | null = null;
  size = { rows: 24, cols: 80 };
  #output = Buffer.alloc(0);
  #oldest = 0;
  readonly #views = new Set<View>();
  readonly #nextInput = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
    this.id = `ses_${name.toUpperCase().padStart(26, "0").slice(0, 26)}`;
  }

  get end(): number {
    return this.#oldest + this.#output.byteLength;
  }

  get viewers(): number {
    return this.#views.size;
  }

  /** Highest credit that any viewer has given. */
  credited = 0;

  print(text: string | Uint8Array): void {
    this.#output = Buffer.concat([this.#output, Buffer.from(text)]);
    for (const view of this.#views) this.#pump(view);
  }

  /** Forgets the oldest bytes, as a full ring does. */
  trim(bytes: number): void {
    this.#output = this.#output.subarray(bytes);
    this.#oldest += bytes;
  }

  /** Ends; viewers are told after the last byte. */
  finish(exit: Exit): void {
    this.exit = exit;
    for (const view of [...this.#views]) this.#sayExit(view);
  }

  /** The server's viewers are gone with it. */
  forgetViewers(): void {
    this.#views.clear();
  }

  /** Sends every viewer a frame of its own choosing. */
  tell(frame: { readonly type: string }): void {
    for (const { socket } of this.#views) socket.send(JSON.stringify(frame));
  }

  admit(): void {
    if (this.exit) throw new FleettyError("session_exited", `session ${this.name} has ended`, { exit: this.exit });
  }

  info(): Record<string, unknown> {
    return {
      name: this.name,
      server: "fake-1",
      pid: this.exit ? null : 4242,
      command: "/bin/sh",
      ...this.size,
      clients: this.viewers,
      tags: [],
      last_activity_ms: 1500,
      id: this.id,
      state: this.exit ? "exited" : "running",
      exit: this.exit,
      end_reason: this.exit ? "exited" : null,
      created_at: "2026-03-02T09:00:00.000Z",
      exited_at: this.exit ? "2026-03-02T09:05:00.000Z" : null,
      generation: 3,
      offset: this.end,
      epoch: 2,
      attention: "unknown",
      attention_since: "2026-03-02T09:00:00.000Z",
      title: "",
      cwd: "/",
      recording: false,
      workspace: null,
      lease: null,
    };
  }

  answer(asked: Asked, what: string): unknown {
    if (asked.method === "GET" && what === "") return this.info();
    if (asked.method === "GET" && what === "output") return this.#read(asked.query);
    if (asked.method === "DELETE") return undefined;
    if (what !== "input") throw new FleettyError("not_found", `no path ${asked.path}`);
    this.admit();
    this.typed.push(asked.body);
    return { generation: this.typed.length, offset: this.end };
  }

  /** A viewer has come: the size, then a redraw or bytes from where it asked, then what comes. */
  view(socket: WebSocket, query: Readonly<Record<string, string>>): void {
    const from = query["from"] === undefined ? this.end : Number(query["from"]);
    const view: View = { socket, client: query["client"] ?? "", position: from, limit: from + WINDOW_BYTES };
    this.#views.add(view);
    socket.on("close", () => this.#views.delete(view));
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#typedBy(view, data);
      else this.#told(view, JSON.parse(data.toString("utf8")));
    });
    this.#say(view, { type: "size", ...this.size });
    if (query["snapshot"]) this.#snapshot(view);
    this.#pump(view);
  }

  #typedBy(view: View, data: Buffer): void {
    const frame = decodeBinary(data);
    if (frame?.type !== "input") return;
    const next = this.#nextInput.get(view.client) ?? 1;
    if (frame.offset > next)
      return this.#say(view, { type: "error", error: { code: "invalid_request", message: "hole" } });
    if (frame.offset === next) {
      this.#nextInput.set(view.client, next + 1);
      this.typed.push(Buffer.from(frame.payload).toString("utf8"));
    }
    if (!this.holdsAcks) this.#say(view, { type: "in_ack", upto: frame.offset, generation: next, offset: this.end });
  }

  #told(view: View, word: { type: string; upto?: number; rows?: number; cols?: number }): void {
    if (word.type === "size") {
      this.size = { rows: word.rows ?? 0, cols: word.cols ?? 0 };
      for (const each of this.#views) this.#say(each, { type: "size", ...this.size });
    }
    if (word.type !== "credit") return;
    this.credited = Math.max(this.credited, word.upto ?? 0);
    view.limit = Math.max(view.limit, (word.upto ?? 0) + WINDOW_BYTES);
    this.#pump(view);
  }

  #pump(view: View): void {
    if (view.position < this.#oldest) {
      this.#say(view, { type: "gap", from: view.position, to: this.end, reason: "expired" });
      this.#snapshot(view);
    }
    while (view.position < Math.min(this.end, view.limit)) {
      const at = view.position - this.#oldest;
      const room = Math.min(CHUNK_BYTES, view.limit - view.position);
      const payload = this.#output.subarray(at, at + room);
      view.socket.send(encodeBinary({ type: "output", flags: 0, channel: 0, offset: view.position, payload }));
      view.position += payload.byteLength;
    }
    if (this.exit && view.position === this.end) this.#sayExit(view);
  }

  #snapshot(view: View): void {
    view.position = this.end;
    view.limit = this.end;
    const payload = encodeSnapshot({ ...this.size, alternate: false, vt: `screen at ${this.end}` });
    view.socket.send(encodeBinary({ type: "snapshot", flags: 0, channel: 0, offset: this.end, payload }));
  }

  #sayExit(view: View): void {
    if (view.position < this.end) return;
    this.#say(view, { type: "exit", exit: this.exit, offset: this.end });
    this.#views.delete(view);
    view.socket.close(1000, "session ended");
  }

  #say(view: View, frame: { readonly type: string; readonly [member: string]: unknown }): void {
    view.socket.send(JSON.stringify({ ...frame, ch: 0 }));
  }

  #read(query: Readonly<Record<string, string>>): unknown {
    const asked = Number(query["from"] ?? this.#oldest);
    const from = Math.max(this.#oldest, asked < 0 ? this.end + asked : asked);
    const to = Math.min(this.end, from + Number(query["max_bytes"] ?? 65536));
    const bytes = this.#output.subarray(from - this.#oldest, to - this.#oldest);
    const gaps = from > asked && asked >= 0 ? [{ from: asked, to: from, reason: "expired" }] : [];
    const place = { from, to, end: this.end, oldest: this.#oldest, next: to < this.end ? to : null, gaps };
    if (query["format"] !== "raw") {
      const body = query["format"] === "base64" ? { data: bytes.toString("base64") } : { text: bytes.toString("utf8") };
      return { ...place, ...body };
    }
    const headers = { "content-type": "application/octet-stream", "fleetty-from": `${from}`, "fleetty-to": `${to}` };
    return new Response(bytes, { headers });
  }
}
