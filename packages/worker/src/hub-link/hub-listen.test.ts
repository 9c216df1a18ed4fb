// The listening side of a worker's private socket, over a real one: who gets a link, who is put out, and what it leaves behind.
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempDisposableSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { HandshakeMessages } from "@fleetty/carrier/handshake-messages";
import { greetMember, MEMBER_POLICY, Unproved } from "@fleetty/carrier/hub-greeting";
import { proofOf } from "@fleetty/carrier/proof";
import { ServerKey } from "@fleetty/carrier/server-key";
import { keyBeside, makeSocketKey } from "@fleetty/carrier/socket-key";
import { LINK_PROTOCOL, type MemberHello, ourRange, signedText, WorkerEnd } from "@fleetty/protocol/link";
import { pino } from "pino";
import { WebSocket } from "ws";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { HubListening } from "./hub-listen.ts";

const FACTS = {
  server: "srv_01K3Z8Q4T6V9X2B5N7M0R1S3WD",
  start_id: "one",
  hostname: "boxed",
  incarnation: 1,
  host_print: "here",
  version: "0.0.1",
  features: [],
};

/** A worker's socket in a folder that is made for it, and the hubs that were given links there. */
class Listener implements AsyncDisposable {
  readonly linked: string[] = [];
  readonly socketPath: string;
  readonly #folder = mkdtempDisposableSync("/tmp/ft-");
  readonly #listening: HubListening;
  readonly #sockets: WebSocket[] = [];

  constructor() {
    this.socketPath = join(this.#folder.path, "made", "link.sock");
    this.#listening = this.another();
  }

  static async open(): Promise<Listener> {
    const listener = new Listener();
    await listener.start();
    return listener;
  }

  start(): Promise<void> {
    return this.#listening.start();
  }

  close(): void {
    this.#listening.close();
  }

  /** One more that would listen at the same path. */
  another(): HubListening {
    return new HubListening({
      socketPath: this.socketPath,
      facts: FACTS,
      key: ServerKey.fromPem(ServerKey.makePem()),
      log: pino({ level: "silent" }),
      serve: ({ carrier, hub, linkGeneration }) => {
        this.linked.push(`${hub} ${linkGeneration}`);
        return new WorkerEnd({
          carrier: carrier(() => {}),
          linkGeneration,
          serve: async () => null,
          onAck: () => {},
          onDefect: () => {},
        });
      },
    });
  }

  get key(): Uint8Array {
    return readFileSync(keyBeside(this.socketPath));
  }

  dial(path = "/link", { protocol = LINK_PROTOCOL, headers = {} } = {}): WebSocket {
    const createConnection = () => connect(this.socketPath);
    const socket = new WebSocket(`ws://member${path}`, protocol, { createConnection, headers });
    socket.on("error", () => {});
    this.#sockets.push(socket);
    return socket;
  }

  /** How it ends for whoever was not linked before. */
  ending(socket: WebSocket): Promise<End> {
    const before = this.linked.length;
    let code: number | null = null;
    socket.once("close", (closedWith) => {
      code = closedWith;
    });
    const seen = () => this.linked;
    return waitUntil("it is closed or linked", () => code ?? (this.linked.length > before && "linked"), { seen });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = this.#sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED);
    for (const socket of open) socket.terminate();
    this.close();
    this.#folder.remove();
  }
}

/** A close code, or that there is a link. */
type End = number | "linked";

/** A hub with a key of its own. */
class Dialler {
  readonly key = ServerKey.fromPem(ServerKey.makePem());
  readonly lostAfterMs = 30_000;
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** As hubs do. Rejects as the handshake does. */
  async link(listener: Listener, linkGeneration: number, socketKey?: Uint8Array): Promise<WebSocket> {
    const socket = listener.dial();
    const messages = new HandshakeMessages(socket);
    await messages.opened;
    const judge = async () => ({ linkGeneration });
    await greetMember(socket, messages, { hub: this, judge, socketKey });
    return socket;
  }

  /** A welcome with `proof` of what the hub signs, whatever that is. */
  async welcome(listener: Listener, proof: (signed: string, hello: MemberHello) => string): Promise<End> {
    const socket = listener.dial();
    const ending = listener.ending(socket);
    const messages = new HandshakeMessages(socket);
    await messages.opened;
    const nonce = "of the hub";
    const challenge = { type: "challenge", hub: this.id, key: this.key.text, nonce, protocol: ourRange };
    socket.send(JSON.stringify(challenge));
    const hello = JSON.parse(await messages.nextText()) as MemberHello;
    const { server, incarnation, nonce: memberNonce } = hello;
    const subject = { hubNonce: nonce, memberNonce, hub: this.id, server, incarnation, linkGeneration: 1 };
    const signed = signedText("hub", subject);
    const rest = { link: "lnk_1", link_generation: 1, protocol: 1, policy: MEMBER_POLICY };
    socket.send(JSON.stringify({ type: "welcome", ...rest, proof: proof(signed, hello), sig: this.key.sign(signed) }));
    return ending;
  }
}

/** 1006 for a socket that was never opened. */
function closedWith(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once("close", resolve));
}

describe("a worker that listens", () => {
  it("links whoever has read its key, each hub by its newest link", async () => {
    await using listener = await Listener.open();
    const [one, other] = [new Dialler("srv_one"), new Dialler("srv_other")];
    const first = await one.link(listener, 1, listener.key);
    await other.link(listener, 1, listener.key);
    const closing = closedWith(first);
    const second = await one.link(listener, 2, listener.key);
    assert.equal(await closing, 4009);
    await waitUntil("all are linked", () => listener.linked.length === 3, { seen: () => listener.linked });
    assert.deepEqual(listener.linked, ["srv_one 1", "srv_other 1", "srv_one 2"]);
    // An old link, and another hub under the name of a linked one.
    assert.equal(await closedWith(await one.link(listener, 1, listener.key)), 4009);
    assert.equal(await closedWith(await new Dialler("srv_one").link(listener, 3, listener.key)), 4009);
    const parting = closedWith(second);
    listener.close();
    assert.equal(await parting, 1000);
    assert.equal(listener.linked.length, 3);
  });

  it("links nobody who has not, and is believed by nobody who has read another", async () => {
    await using listener = await Listener.open();
    const hub = new Dialler("srv_one");
    assert.equal(await listener.ending(await hub.link(listener, 1)), 4001);
    await assert.rejects(hub.link(listener, 1, makeSocketKey()), Unproved);
    const proofs: ((signed: string, hello: MemberHello) => string)[] = [
      (signed) => proofOf(makeSocketKey(), signed),
      (_signed, { proof }) => String(proof),
      (signed) => proofOf(listener.key, signed.replace("hub", "member")),
      (signed) => proofOf(listener.key, `${signed} `),
      () => "",
    ];
    for (const proof of proofs) assert.equal(await hub.welcome(listener, proof), 4001);
    assert.deepEqual(listener.linked, []);
    assert.equal(await hub.welcome(listener, (signed) => proofOf(listener.key, signed)), "linked");
  });

  it("answers nothing but links, from no page, to eight at once", async () => {
    await using listener = await Listener.open();
    const asked = request({ socketPath: listener.socketPath, path: "/link" }).end();
    const [answer] = await once(asked, "response");
    assert.equal(answer.statusCode, 426);
    answer.resume();
    const wrong = [
      listener.dial("/"),
      listener.dial("/workers"),
      listener.dial("/link", { protocol: "other" }),
      listener.dial("/link", { headers: { origin: "http://member" } }),
    ];
    assert.deepEqual(await Promise.all(wrong.map(closedWith)), [1006, 1006, 1006, 1006]);
    const silent = Array.from({ length: 8 }, () => listener.dial());
    await Promise.all(silent.map((socket) => once(socket, "open")));
    assert.equal(await closedWith(listener.dial()), 1006);
    silent[0]?.close();
    const hub = new Dialler("srv_one");
    const isLinked = () =>
      hub.link(listener, 1, listener.key).then(
        () => true,
        () => false,
      );
    await waitUntil("there is room again", isLinked);
  });

  it("makes a folder, a socket and a new key that are its own, and leaves the folder", async () => {
    await using listener = await Listener.open();
    const folder = join(listener.socketPath, "..");
    const modes = [folder, listener.socketPath, keyBeside(listener.socketPath)].map(
      (path) => statSync(path).mode & 0o777,
    );
    assert.deepEqual(modes, [0o700, 0o600, 0o600]);
    const { key } = listener;
    listener.close();
    assert.deepEqual(readdirSync(folder), []);
    const again = listener.another();
    await again.start();
    assert.notDeepEqual(listener.key, key);
    again.close();
  });

  it("does not listen in a folder that others can enter, nor where somebody answers", async () => {
    await using listener = await Listener.open();
    const occupied = { code: "forbidden", message: /is answered by another process; .*another --listen/ };
    const { key } = listener;
    await assert.rejects(listener.another().start(), occupied);
    assert.deepEqual(listener.key, key, "the key of whoever listens");
    chmodSync(join(listener.socketPath, ".."), 0o755);
    await assert.rejects(listener.another().start(), { code: "forbidden", message: /is open to others/ });
  });

  it("listens again when somebody has cleaned up around it, and keeps its links", async () => {
    await using listener = await Listener.open();
    const hub = new Dialler("srv_one");
    const before = await hub.link(listener, 1, listener.key);
    rmSync(join(listener.socketPath, ".."), { recursive: true });
    await waitUntil("it listens again", () => existsSync(listener.socketPath));
    await new Dialler("srv_other").link(listener, 1, listener.key);
    await waitUntil("both are linked", () => listener.linked.length === 2, { seen: () => listener.linked });
    assert.equal(before.readyState, WebSocket.OPEN);
  });
});
