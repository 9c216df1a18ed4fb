// Listens on a session host's unix socket and admits one hub end at a time: whoever proves to hold the key and has not
// a lower incarnation than the one before. Decides the handshake; what is asked afterwards goes to the host.
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { answer } from "@fleetty/carrier/answering";
import { createServer } from "@fleetty/carrier/http-server";
import { linkSockets } from "@fleetty/carrier/link-offer";
import { carrierOver } from "@fleetty/carrier/socket-carrier";
import {
  agree,
  fromHub,
  type Hello,
  MalformedFrame,
  ourRange,
  readFrame,
  type Welcome,
  WorkerEnd,
  type WorkerEndOptions,
} from "@fleetty/protocol/link";
import type { WebSocket } from "ws";
import { isProof, makeNonce, prove } from "./proof.ts";

/** Before its proof a dialler may send this much (link protocol, handshake). */
const HANDSHAKE_FRAME_BYTES = 64 * 1024;
/** Diallers that have not proved themselves yet, at once. */
const HALF_OPEN_MAX = 8;

export interface HostListenOptions {
  readonly hostId: string;
  readonly serverId: string;
  readonly key: Uint8Array;
  readonly version: string;
  readonly journal: () => Hello["journal"];
  readonly end: Omit<WorkerEndOptions, "carrier" | "linkGeneration">;
  /** A hub end has been admitted: it gets the inventory and what it has not acknowledged yet. */
  readonly onLink: (end: WorkerEnd, welcome: Welcome) => void;
  readonly onLinkClosed: (end: WorkerEnd) => void;
}

export interface HostListener {
  readonly server: Server;
  /** Resolves when what was sent has gone out and the link is closed. */
  close(): Promise<void>;
}

/** Returns at once; the caller makes the server listen. */
export function hostListener(options: HostListenOptions): HostListener {
  const startId = randomUUID();
  const sockets = linkSockets();
  const server = createServer((_request, response) => response.writeHead(426).end());
  const admission = new Admission(options, startId);
  server.on("upgrade", (request, socket, head) => {
    const isWelcome = request.url === "/link" && !request.headers.origin && admission.hasRoom;
    if (!isWelcome) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (webSocket) => admission.greet(webSocket, socket as Socket));
  });
  return { server, close: () => admission.close(server) };
}

interface Holder {
  readonly end: WorkerEnd;
  readonly socket: WebSocket;
  readonly incarnation: number;
}

class Admission {
  readonly #options: HostListenOptions;
  readonly #startId: string;
  #halfOpen = 0;
  #holder: Holder | null = null;
  #linkGeneration = 0;

  constructor(options: HostListenOptions, startId: string) {
    this.#options = options;
    this.#startId = startId;
  }

  get hasRoom(): boolean {
    return this.#halfOpen < HALF_OPEN_MAX;
  }

  async close(server: Server): Promise<void> {
    server.close();
    const socket = this.#holder?.socket;
    if (!socket || socket.readyState === socket.CLOSED) return;
    this.#holder?.end.flush();
    const closed = once(socket, "close");
    socket.close(1000, "host ends");
    await closed;
  }

  greet(socket: WebSocket, below: Socket): void {
    this.#halfOpen += 1;
    const handshake = new Handshake(this.#options, socket, {
      start_id: this.#startId,
      last_link_generation: this.#linkGeneration,
    });
    answer(socket, {
      take: (message) => handshake.take(message),
      open: (welcome) => this.#admit(socket, below, welcome),
      onSettled: () => {
        this.#halfOpen -= 1;
      },
    });
  }

  #admit(socket: WebSocket, below: Socket, welcome: Welcome): WorkerEnd | null {
    const isStale =
      welcome.link_generation <= this.#linkGeneration || welcome.incarnation < (this.#holder?.incarnation ?? 0);
    if (isStale) {
      socket.close(4009, "superseded");
      return null;
    }
    this.#holder?.socket.close(4009, "superseded");
    this.#holder?.end.closed();
    this.#linkGeneration = welcome.link_generation;
    const end: WorkerEnd = new WorkerEnd({
      ...this.#options.end,
      carrier: carrierOver({ webSocket: socket, socket: below, onDrained: () => end.drained() }),
      linkGeneration: welcome.link_generation,
    });
    this.#holder = { end, socket, incarnation: welcome.incarnation };
    socket.once("close", () => this.#leave(end));
    this.#options.onLink(end, welcome);
    return end;
  }

  #leave(end: WorkerEnd): void {
    if (this.#holder?.end === end) this.#holder = null;
    this.#options.onLinkClosed(end);
  }
}

/** The host's side of the handshake: answers the challenge, then checks the welcome. */
class Handshake {
  readonly #options: HostListenOptions;
  readonly #facts: Pick<Hello, "start_id" | "last_link_generation">;
  readonly #socket: WebSocket;
  readonly #nonce = makeNonce();
  #hubNonce: string | null = null;

  constructor(options: HostListenOptions, socket: WebSocket, facts: Pick<Hello, "start_id" | "last_link_generation">) {
    this.#options = options;
    this.#facts = facts;
    this.#socket = socket;
  }

  /** The welcome when `message` completes the handshake, else null; a socket that fails is closed here. */
  take(message: string | Uint8Array): Welcome | null {
    if (typeof message !== "string" || message.length > HANDSHAKE_FRAME_BYTES) throw new MalformedFrame("no handshake");
    const frame = readFrame(fromHub, message);
    if (frame?.type === "challenge" && this.#hubNonce === null) {
      if (agree(ourRange, frame.protocol) === null) this.#socket.close(4011, "version");
      else this.#hello(frame.nonce);
      return null;
    }
    if (frame?.type === "welcome" && this.#isProved(frame)) return frame;
    this.#socket.close(4001, "bad identity");
    return null;
  }

  #hello(hubNonce: string): void {
    this.#hubNonce = hubNonce;
    const { key, serverId, version, journal } = this.#options;
    const hello: Hello = {
      type: "hello",
      server: serverId,
      ...this.#facts,
      nonce: this.#nonce,
      version,
      protocol: ourRange,
      features: [],
      journal: journal(),
      proof: prove(key, { role: "worker", hubNonce, workerNonce: this.#nonce, linkGeneration: 0 }),
    };
    this.#socket.send(JSON.stringify(hello));
  }

  #isProved(welcome: Welcome): boolean {
    if (this.#hubNonce === null) return false;
    const subject = { role: "hub", hubNonce: this.#hubNonce, workerNonce: this.#nonce } as const;
    return isProof(this.#options.key, { ...subject, linkGeneration: welcome.link_generation }, welcome.proof);
  }
}

/** A new key for a host: 256 random bits. */
export function makeHostKey(): Uint8Array {
  return randomBytes(32);
}
