// A server that speaks the contract and runs nothing: sessions are byte logs in memory. It can be killed and started again
// on the same log, as the real one can, and counts what it was asked. For the tests of those who speak to a server.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { FleettyError, toFleettyError } from "@fleetty/protocol/errors";
import { WebSocketServer } from "ws";
import { FakeSession } from "./fake-session.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly authorization: string | undefined;
}

type Answerer = (asked: Asked) => unknown;

export class FakeServer {
  readonly folder = mkdtempSync(join(tmpdir(), "fleetty-fake-"));
  readonly socket = join(this.folder, "default.http.sock");
  readonly sessions = new Map<string, FakeSession>();
  readonly asked: Asked[] = [];
  /** How many connections there have been. */
  connected = 0;
  /** Answers by "METHOD /path" that stand before everything else; may throw FleettyError. */
  readonly answers = new Map<string, Answerer>();
  readonly #connections = new Set<Socket>();
  readonly #upgrades = new WebSocketServer({ noServer: true });
  #server: Server | undefined;

  /** Listens on the unix socket, or on a TCP port of the loopback when `tcp` is asked for. Resolves with its URL or path. */
  async start(tcp = false): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on("connection", (socket) => {
      this.connected += 1;
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
    });
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server = server;
    await new Promise<void>((resolve) => {
      if (tcp) server.listen(0, "127.0.0.1", resolve);
      else server.listen(this.socket, resolve);
    });
    if (!tcp) chmodSync(this.socket, 0o600);
    const address = server.address();
    return typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : this.socket;
  }

  /** Dies as by kill -9: every connection is cut where it is. Sessions live on. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const session of this.sessions.values()) session.forgetViewers();
    this.cut();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    rmSync(this.socket, { force: true });
  }

  /** Every connection ends where it is, before anybody at its other end can notice. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  session(name: string): FakeSession {
    const session = this.sessions.get(name) ?? new FakeSession(name);
    this.sessions.set(name, session);
    return session;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = askedOf(request, Buffer.concat(chunks).toString("utf8"));
    this.asked.push(asked);
    try {
      const value = await this.#answer(asked);
      if (value instanceof Response) return void (await passOn(value, response));
      if (value === undefined) return void response.writeHead(204).end();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    } catch (thrown) {
      refuse(response, toFleettyError(thrown));
    }
  }

  #answer(asked: Asked): unknown {
    const own = this.answers.get(`${asked.method} ${asked.path}`);
    if (own) return own(asked);
    if (asked.path === "/health") return { status: "ok" };
    const [, root, name = "", what = ""] = asked.path.split("/");
    if (root !== "sessions") throw new FleettyError("not_found", `no path ${asked.path}`);
    if (name === "") return [...this.sessions.values()].map((session) => session.info());
    return this.#find(decodeURIComponent(name)).answer(asked, what);
  }

  #find(reference: string): FakeSession {
    const found = [...this.sessions.values()].find(({ name, id }) => name === reference || id === reference);
    if (found) return found;
    throw new FleettyError("session_not_found", `session ${JSON.stringify(reference)} not found`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const asked = askedOf(request, "");
    this.asked.push(asked);
    try {
      const session = this.#find(decodeURIComponent(asked.path.split("/")[2] ?? ""));
      session.admit();
      this.#upgrades.handleUpgrade(request, socket, head, (webSocket) => session.view(webSocket, asked.query));
    } catch (thrown) {
      const error = toFleettyError(thrown);
      const body = JSON.stringify({ error: error.toWire() });
      socket.end(`HTTP/1.1 ${error.status} Refused\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    }
  }
}

function askedOf(request: IncomingMessage, body: string): Asked {
  const url = new URL(request.url ?? "/", "http://localhost");
  const query = Object.fromEntries(url.searchParams);
  const { authorization } = request.headers;
  return { method: request.method ?? "", path: url.pathname, query, body, authorization };
}

function refuse(response: ServerResponse, error: FleettyError): void {
  response.writeHead(error.status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: error.toWire() }));
}

async function passOn(value: Response, response: ServerResponse): Promise<void> {
  response.writeHead(value.status, Object.fromEntries(value.headers));
  response.end(Buffer.from(await value.arrayBuffer()));
}
