// Holds what the tests of this folder share: a host that listens on a real socket and remembers what it was asked, and a
// dialler that sends whatever frames a test wants. Knows nothing of single tests.
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type Hello, LINK_PROTOCOL, ourRange, PROTOCOL_VERSION, type WorkerEnd } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { WebSocket } from "ws";
import { dialHost, type HostDialOptions, type OpenHostLink } from "./host-dial.ts";
import { type HostListenOptions, hostListener, makeHostKey } from "./host-listen.ts";
import { makeNonce, type ProofSubject, prove } from "./proof.ts";

export const hostId = "abcdefgh";
export const serverId = "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD";

/** A host whose operations answer with what they were asked, until `serve` is given. */
export class ListeningHost {
  readonly key = makeHostKey();
  readonly socketPath: string;
  readonly links: WorkerEnd[] = [];
  readonly closedLinks: WorkerEnd[] = [];
  /** Operations that have been served, in order. */
  readonly served: string[] = [];
  readonly acked: number[] = [];
  /** What it says that it holds. */
  sessions: readonly object[] = [];
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly #listener;
  readonly #links: OpenHostLink[] = [];
  readonly #diallers: RawDialler[] = [];

  private constructor(more: Partial<HostListenOptions["end"]>) {
    this.socketPath = join(this.#folder.path, "link.sock");
    this.#listener = hostListener({
      hostId,
      serverId,
      key: this.key,
      version: "0.0.1",
      journal: () => ({ id: "jrn_1", first: 1, last: 9 }),
      end: {
        serve: async (op, p) => ({ op, p }),
        onAck: (seq) => this.acked.push(seq),
        onDefect: () => {},
        ...more,
      },
      onLink: (end, welcome) => {
        this.links.push(end);
        end.send({ type: "inventory", sessions: this.sessions });
        end.send({ type: "evt", seq: welcome.journal_acked + 1, event: "test", at: "now", p: null });
      },
      onLinkClosed: (end) => this.closedLinks.push(end),
    });
  }

  static async open(serve?: HostListenOptions["end"]["serve"]): Promise<ListeningHost> {
    const host: ListeningHost = new ListeningHost({
      serve: async (op, p, context) => {
        host.served.push(op);
        return serve ? serve(op, p, context) : { op, p };
      },
    });
    host.#listener.server.listen(host.socketPath);
    await once(host.#listener.server, "listening");
    return host;
  }

  /** As the worker dials it. */
  async dial(more: Partial<HostDialOptions> = {}): Promise<OpenHostLink> {
    const link = await dialHost({ ...dialOptions(this.socketPath, this.key), ...more });
    this.#links.push(link);
    return link;
  }

  async dialRaw(path = "/link", headers: Record<string, string> = {}): Promise<RawDialler> {
    const dialler = new RawDialler(this.socketPath, path, headers);
    this.#diallers.push(dialler);
    await dialler.opened;
    return dialler;
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  async [Symbol.asyncDispose]() {
    for (const link of this.#links) link.close();
    for (const dialler of this.#diallers) dialler.socket.terminate();
    await this.close();
    this.#folder.remove();
  }
}

/** A session as an inventory shows it. */
export function sessionInfoOf(id: string, command: string): SessionInfo {
  const at = "2026-03-01T12:00:00.000Z";
  return {
    ...{ id, name: id, server: "here", pid: 1, command, rows: 24, cols: 80, clients: 0, tags: [], last_activity_ms: 0 },
    ...{ state: "running", exit: null, end_reason: null, created_at: at, exited_at: null, generation: 0, offset: 0 },
    ...{ epoch: 0, attention: "unknown", attention_since: at, title: "", cwd: null, recording: false },
    ...{ workspace: null, lease: null },
  };
}

export function dialOptions(socketPath: string, key: Uint8Array): HostDialOptions {
  return {
    hostId,
    socketPath,
    key,
    serverId,
    incarnation: 1,
    linkGeneration: 1,
    journalAcked: () => 4,
    onInventory: () => {},
    onEvent: () => {},
    onChanged: () => {},
    onTick: () => {},
    onClosed: () => {},
  };
}

/** Somebody at the socket who sends what it likes. */
export class RawDialler {
  readonly socket: WebSocket;
  readonly below: Socket;
  readonly opened: Promise<unknown>;
  /** Code and reason, once closed. */
  readonly closed: Promise<string>;
  readonly nonce = makeNonce();
  readonly #messages: string[] = [];
  #wake: () => void = () => {};

  constructor(socketPath: string, path: string, headers: Record<string, string>) {
    this.below = connect(socketPath);
    this.socket = new WebSocket(`ws://host${path}`, LINK_PROTOCOL, {
      createConnection: () => this.below,
      perMessageDeflate: false,
      headers,
    });
    this.opened = once(this.socket, "open");
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve(`${code} ${reason}`));
    });
    this.socket.on("error", () => {});
    this.socket.on("message", (data) => {
      this.#messages.push(String(data));
      this.#wake();
    });
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The next frame of that type; others before it are skipped. */
  async next<T>(type: string): Promise<T> {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if ((JSON.parse(message) as { type: string }).type === type) return JSON.parse(message) as T;
    }
  }

  async challenge(nonce = this.nonce): Promise<Hello> {
    this.send({ type: "challenge", hub: serverId, nonce, protocol: ourRange });
    return this.next<Hello>("hello");
  }

  /** A welcome that proves what `proof` says, or the given text. */
  welcome(
    hello: Hello,
    parts: { key: Uint8Array; linkGeneration?: number; incarnation?: number; proof?: string },
  ): void {
    const { key, linkGeneration = 1, incarnation = 1 } = parts;
    const subject: ProofSubject = { role: "hub", hubNonce: this.nonce, workerNonce: hello.nonce, linkGeneration };
    this.send({
      type: "welcome",
      link: "lnk_test",
      link_generation: linkGeneration,
      protocol: PROTOCOL_VERSION,
      incarnation,
      journal_acked: 0,
      policy: { max_frame: 1_048_576, max_inflight: 4096, credit: 1_048_576 },
      proof: parts.proof ?? prove(key, subject),
    });
  }

  /** The whole handshake; resolves when the inventory has come. */
  async link(parts: { key: Uint8Array; linkGeneration?: number; incarnation?: number }): Promise<void> {
    this.welcome(await this.challenge(), parts);
    await this.next("inventory");
  }

  request(id: number, op: string, gen = 1): void {
    const actor = { principal: "local", kind: "human", face: "test" };
    this.send({ type: "req", id, op, p: null, gen, deadline_ms: 60_000, actor, via: [] });
  }
}
