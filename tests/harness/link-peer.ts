// Dials a hub as a worker that says what it is told to say: with any key, any code, any machine. What a thief and a guesser
// would send, over a real socket.
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { type JoinCode, readJoinCode } from "@fleetty/carrier/join-code";
import { MemberGreeting } from "@fleetty/carrier/member-greeting";
import { ServerKey } from "@fleetty/carrier/server-key";
import { makeId } from "@fleetty/protocol/ids";
import { LINK_PROTOCOL, WorkerEnd } from "@fleetty/protocol/link";
import { WebSocket } from "ws";

export interface PeerFacts {
  readonly server?: string;
  readonly hostname?: string;
  readonly incarnation?: number;
  readonly hostPrint?: string;
  readonly startId?: string;
  /** PEM of its private key. */
  readonly pem?: string;
  /** As the text that people are handed, or taken apart and changed. */
  readonly code?: string | JoinCode;
}

/** What its request says beside who it is. */
export interface Upgrade {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocol?: string;
}

export type PeerEnd =
  | { readonly kind: "linked" }
  | { readonly kind: "closed"; readonly code: number }
  | { readonly kind: "refused"; readonly status: number };

export class LinkPeer implements Disposable {
  readonly server: string;
  readonly #facts: PeerFacts;
  readonly #key: ServerKey;
  readonly #port: number;
  readonly #sockets: WebSocket[] = [];

  constructor(port: number, facts: PeerFacts = {}) {
    this.#port = port;
    this.#facts = facts;
    this.#key = ServerKey.fromPem(facts.pem ?? ServerKey.makePem());
    this.server = facts.server ?? makeId("srv");
  }

  get key(): string {
    return this.#key.text;
  }

  /** Code that the newest link is closed with, whoever closes it. */
  ended(): Promise<number> {
    return new Promise((resolve) => this.#sockets.at(-1)?.once("close", resolve));
  }

  /** Ends the newest link. */
  hangUp(): void {
    this.#sockets.at(-1)?.close();
  }

  /** Comes to the door and says nothing; resolves with the code that it is closed with. */
  connect({ headers = {} }: Upgrade = {}): Promise<number> {
    const socket = this.#open({ headers });
    return new Promise((resolve) => socket.once("close", resolve));
  }

  /** Resolves when it is linked, or when it is not. `more` is for this time. */
  async dial(more: PeerFacts = {}, upgrade: Upgrade = {}): Promise<PeerEnd> {
    const socket = this.#open(upgrade);
    const { promise, resolve } = Promise.withResolvers<PeerEnd>();
    socket.on("unexpected-response", (_request, { statusCode = 0 }) =>
      resolve({ kind: "refused", status: statusCode }),
    );
    socket.on("close", (code) => resolve({ kind: "closed", code }));
    socket.on("open", () => void this.#greet(socket, { ...this.#facts, ...more }, resolve).catch(() => {}));
    return promise;
  }

  #open({ headers = {}, protocol = LINK_PROTOCOL }: Upgrade): WebSocket {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/workers`, protocol, { headers });
    socket.on("error", () => {});
    this.#sockets.push(socket);
    return socket;
  }

  async #greet(socket: WebSocket, facts: PeerFacts, resolve: (end: PeerEnd) => void): Promise<void> {
    const messages = new HandshakeMessages(socket);
    const { code } = facts;
    const greeting = new MemberGreeting({
      facts: {
        server: this.server,
        start_id: facts.startId ?? "00000000-0000-4000-8000-000000000000",
        hostname: facts.hostname ?? "peer-1",
        incarnation: facts.incarnation ?? 1,
        host_print: facts.hostPrint ?? "machine-of-the-peer",
        version: "0.0.0",
        features: [],
      },
      key: facts.pem === undefined ? this.#key : ServerKey.fromPem(facts.pem),
      lastGenerationOf: () => 0,
      join: typeof code === "string" ? readJoinCode(code) : (code ?? null),
      send: (text) => socket.send(text),
      refuse: (closeCode, reason) => socket.close(closeCode, reason),
    });
    let hub = greeting.take(await messages.next());
    while (!hub) hub = greeting.take(await messages.next());
    const end = new WorkerEnd({
      carrier: { send: (data) => socket.send(data), bufferedBytes: () => 0, close: (...args) => socket.close(...args) },
      linkGeneration: hub.linkGeneration,
      serve: async () => null,
      onAck: () => {},
      onDefect: () => {},
    });
    end.send({ type: "inventory", sessions: [] });
    messages.handOver((data) => end.receive(data));
    resolve({ kind: "linked" });
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}
