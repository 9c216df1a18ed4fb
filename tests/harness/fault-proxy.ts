// A real socket proxy that stands for a bad network: what passes in a direction can be lost or held back, until it is healed.
// Between any two that speak over a stream, on a unix socket or TCP. Knows no byte of what it carries.
//
//   open ──cut(direction)──► what is sent that way is lost, and nobody is told ──heal──► open; connections with a hole are reset
//     └────freeze(direction)──► what is sent that way waits where it is ──heal──► open; all of it comes
//
// Throttled it is slow, and otherwise what it was.
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** `up` is from who dialled the proxy to whom it dials. */
export type Direction = "up" | "down" | "both";
type Way = "up" | "down";
type State = "open" | "cut" | "frozen";

/** A socket's path, or a TCP address. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

export class FaultProxy {
  readonly #to: Address;
  readonly #folder: string | null;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #states: Record<Way, State> = { up: "open", down: "open" };
  /** Bytes that have come by, over all connections, also those that were lost. */
  readonly passed: Record<Way, number> = { up: 0, down: 0 };
  #restMs = 0;
  /** Cuts that wait for so many bytes more. */
  #awaited: { readonly direction: Direction; readonly way: Way; left: number; readonly cut: () => void }[] = [];

  private constructor(to: Address, isTcp: boolean) {
    this.#to = to;
    this.#folder = isTcp ? null : mkdtempSync("/tmp/ft-proxy-");
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** On a free TCP port of this machine, or on a unix socket in a private folder of its own. */
  static async open(to: Address, on: "unix" | "tcp" = "unix"): Promise<FaultProxy> {
    const proxy = new FaultProxy(to, on === "tcp");
    proxy.#server.listen(on === "tcp" ? { host: "127.0.0.1", port: 0 } : { path: proxy.socketPath });
    await once(proxy.#server, "listening");
    if (on === "unix") chmodSync(proxy.socketPath, 0o600);
    return proxy;
  }

  get socketPath(): string {
    return join(this.#folder ?? "", "proxy.sock");
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** From now on everything that goes that way is lost, on new connections too, and nobody is told. */
  cut(direction: Direction = "both"): void {
    this.#set(direction, "cut");
  }

  /** Cuts once so many bytes more have come `down`: within a frame, as networks do. Resolves when it has. */
  cutAfter(bytes: number, direction: Direction = "both"): Promise<void> {
    return new Promise((cut) => this.#awaited.push({ direction, way: "down", left: bytes, cut }));
  }

  /** From now on what goes that way waits. What both ends' sockets hold is all that is kept of it. */
  freeze(direction: Direction = "both"): void {
    this.#set(direction, "frozen");
  }

  /** From now on each connection rests for so long after every read, which is 64 KiB at most, in either way; 0: not at all. */
  throttle(restMs: number): void {
    this.#restMs = restMs;
  }

  /** Everything passes again. A connection that was cut has a hole, so it is reset. */
  heal(): void {
    this.#set("both", "open");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.reset();
    this.#server.close();
    await once(this.#server, "close");
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #set(direction: Direction, state: State): void {
    for (const way of direction === "both" ? (["up", "down"] as const) : [direction]) {
      this.#states[way] = state;
      for (const connection of this.#connections) connection.set(way, state);
    }
  }

  #accept(near: Socket): void {
    const connection = new Connection(near, connect(this.#to as NetConnectOpts), {
      passed: (way, bytes) => this.#passed(way, bytes),
      restMs: () => this.#restMs,
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
    for (const way of ["up", "down"] as const) connection.set(way, this.#states[way]);
  }

  /** How many of these bytes may pass: a cut that waited for them takes the rest. */
  #passed(way: Way, bytes: number): number {
    this.passed[way] += bytes;
    const due = this.#awaited.filter((one) => one.way === way && one.left < bytes);
    const pass = Math.min(bytes, ...due.map(({ left }) => left));
    this.#awaited = this.#awaited.filter((one) => !due.includes(one));
    for (const one of this.#awaited) if (one.way === way) one.left -= bytes;
    for (const { direction, cut } of due) {
      this.cut(direction);
      cut();
    }
    return pass;
  }
}

interface ConnectionEvents {
  /** Told of bytes before they pass; returns how many of them may. */
  passed(way: Way, bytes: number): number;
  /** How long a source is not read after a read. */
  restMs(): number;
  closed(): void;
}

/** One connection through the proxy. A target that does not take what comes holds its source back: nothing is gathered. */
class Connection {
  readonly #sources: Record<Way, Socket>;
  readonly #states: Record<Way, State> = { up: "open", down: "open" };
  readonly #events: ConnectionEvents;
  #hasHole = false;

  constructor(near: Socket, far: Socket, events: ConnectionEvents) {
    this.#sources = { up: near, down: far };
    this.#events = events;
    this.#carry("up", near, far);
    this.#carry("down", far, near);
  }

  set(way: Way, state: State): void {
    this.#states[way] = state;
    if (state === "cut") this.#hasHole = true;
    if (state === "open" && this.#hasHole) return this.reset();
    if (state === "frozen") this.#sources[way].pause();
    else this.#sources[way].resume();
  }

  /** Both ends see their connection break. */
  reset(): void {
    for (const socket of Object.values(this.#sources)) socket.destroy();
  }

  #carry(way: Way, source: Socket, target: Socket): void {
    source.on("data", (bytes: Buffer) => {
      if (this.#states[way] === "cut") return;
      const pass = this.#events.passed(way, bytes.byteLength);
      const isTaken = target.write(bytes.subarray(0, pass));
      const restMs = this.#events.restMs();
      if (!isTaken || restMs > 0) source.pause();
      if (isTaken && restMs > 0) setTimeout(() => this.#goOn(way), restMs);
    });
    target.on("drain", () => this.#goOn(way));
    source.on("end", () => {
      if (this.#states[way] !== "cut") target.end();
    });
    source.on("error", () => {});
    source.on("close", () => {
      if (!this.#isCut) target.destroy();
      if (target.destroyed) this.#events.closed();
    });
  }

  #goOn(way: Way): void {
    if (this.#states[way] !== "frozen") this.#sources[way].resume();
  }

  /** While either way is cut, nobody hears that the other end has gone. */
  get #isCut(): boolean {
    return this.#states.up === "cut" || this.#states.down === "cut";
  }
}
