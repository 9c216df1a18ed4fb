// Holds connections to members to the addresses that were judged: real sockets on several addresses of this machine, a
// name that leads elsewhere when it is asked again, and peers that are silent, hostile or somebody else.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { WebSocket, WebSocketServer } from "ws";
import { type CertificateFiles, makeCertificate, textOf } from "../../../../tests/harness/certificate.ts";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { IpAccess } from "./ip-access.ts";
import { readMemberAddress } from "./member-address.ts";
import { type Lookup, PinnedConnect, type PinnedConnectOptions } from "./pinned-connect.ts";

const anywhere = new IpAccess({ allowlist: [], blocklist: [] });
const never = new AbortController().signal;

/** A listener and all that connected to it; closed with everything at the end of the test. */
class Listener implements AsyncDisposable {
  readonly peers: Socket[] = [];
  readonly #server: Server;

  constructor(server: Server = createServer()) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.peers.push(socket);
      socket.on("error", () => {});
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(host: string, port = 0): Promise<this> {
    this.#server.listen({ host, port });
    await once(this.#server, "listening");
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.peers) socket.destroy();
    this.#server.close();
    if (this.#server.listening) await once(this.#server, "close");
  }
}

const listening = (host: string, port = 0) => new Listener().listen(host, port);

/** Answers of one name, in order; the last one for ever. */
function names(...answers: (readonly string[])[]): Lookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup = async (host: string) => {
    asked.push(host);
    return answers[Math.min(asked.length, answers.length) - 1] as readonly string[];
  };
  return Object.assign(lookup, { asked });
}

const noLookup: Lookup = (host) => assert.fail(`${host} was looked up`);

function dial(text: string, options: Partial<PinnedConnectOptions> = {}, signal = never) {
  return new PinnedConnect({ access: anywhere, ...options }).open(readMemberAddress(text), signal);
}

/** The open connection, which this test closes. */
async function reached(text: string, options: Partial<PinnedConnectOptions> = {}) {
  const end = await dial(text, options);
  assert.equal(end.kind, "connected", JSON.stringify(end.kind === "failed" && end));
  assert.ok(end.kind === "connected");
  return { ...end, [Symbol.dispose]: () => void end.socket.destroy() };
}

const closed = (socket: Socket | undefined) => waitUntil("the connection is closed", () => socket?.closed);

describe("a connection to a member", () => {
  it("goes to the address that was judged, whatever its name leads to afterwards", async () => {
    await using judged = await listening("127.0.0.2");
    await using other = await listening("127.0.0.3", judged.port);
    const lookup = names(["127.0.0.2"], ["127.0.0.3"]);
    const access = new IpAccess({ allowlist: ["127.0.0.2"], blocklist: [] });
    const connections = new PinnedConnect({ access, lookup });
    const to = readMemberAddress(`http://member.example:${judged.port}`);
    using connection = await reached(to.text, { access, lookup });
    assert.deepEqual([connection.address, connection.socket.remoteAddress], ["127.0.0.2", "127.0.0.2"]);
    assert.deepEqual(lookup.asked, ["member.example"]);
    const again = await connections.open(to, never);
    assert.deepEqual(again, {
      kind: "failed",
      reason: "address_denied",
      detail: "127.0.0.3 is outside the allowlist",
    });
    assert.deepEqual([judged.peers.length, other.peers.length], [1, 0]);
  });

  it("is not tried when one of the addresses is denied, in any spelling", async () => {
    await using listener = await listening("127.0.0.2");
    const access = new IpAccess({ allowlist: [], blocklist: ["127.0.0.3/32", "169.254.0.0/16"] });
    const denied = {
      "127.0.0.3": "127.0.0.3 is in 127.0.0.3/32 of the blocklist",
      "::ffff:127.0.0.3": "::ffff:127.0.0.3 is in 127.0.0.3/32 of the blocklist",
      "64:ff9b::a9fe:a9fe": "64:ff9b::a9fe:a9fe is in 169.254.0.0/16 of the blocklist",
      "0.0.0.0": "0.0.0.0 stands for no machine",
      "::": ":: stands for no machine",
    };
    for (const [address, detail] of Object.entries(denied)) {
      const lookup = names(["127.0.0.2", address]);
      const end = await dial(`http://member.example:${listener.port}`, { access, lookup });
      assert.deepEqual(end, { kind: "failed", reason: "address_denied", detail });
    }
    const literal = await dial("http://[::ffff:7f00:3]:80", { access, lookup: noLookup });
    assert.ok(literal.kind === "failed" && literal.reason === "address_denied");
    assert.equal(listener.peers.length, 0);
  });

  it("needs no lookup for an address, and reaches a mapped one as IPv4", async () => {
    await using listener = await listening("127.0.0.2");
    using literal = await reached(`http://127.0.0.2:${listener.port}`, { lookup: noLookup });
    assert.equal(literal.address, "127.0.0.2");
    const lookup = names(["::ffff:127.0.0.2", "127.0.0.2"]);
    using mapped = await reached(`http://member.example:${listener.port}`, { lookup });
    assert.deepEqual([mapped.address, mapped.socket.remoteFamily], ["127.0.0.2", "IPv4"]);
  });

  it("is made in plain text to this machine alone, where links may be plain nowhere else", async () => {
    await using listener = await listening("127.0.0.2");
    const plaintext = "loopback";
    using _near = await reached(`http://near.example:${listener.port}`, { plaintext, lookup: names(["127.0.0.2"]) });
    const far = await dial("http://far.example", { plaintext, lookup: names(["127.0.0.2", "192.0.2.1"]) });
    const detail = "192.0.2.1 would be reached in plain text, which plaintext_links forbids";
    assert.deepEqual(far, { kind: "failed", reason: "address_denied", detail });
    const secured = new PinnedConnect({ access: anywhere, plaintext });
    const judged = await secured.judgeOpen(readMemberAddress("https://192.0.2.1"), "192.0.2.1");
    assert.equal(judged.kind, "judged");
    const open = await secured.judgeOpen(readMemberAddress("http://127.0.0.2"), "192.0.2.1");
    assert.deepEqual(open, far);
  });

  it("is judged without being made, for whoever registers a member", async () => {
    await using listener = await listening("127.0.0.2");
    const access = new IpAccess({ allowlist: [], blocklist: ["127.0.0.3"] });
    const connections = new PinnedConnect({ access, lookup: names(["::ffff:127.0.0.2", "127.0.0.2"], ["127.0.0.3"]) });
    const to = readMemberAddress(`http://member.example:${listener.port}`);
    assert.deepEqual(await connections.judge(to, never), { kind: "judged", addresses: ["127.0.0.2"] });
    assert.equal((await connections.judge(to, never)).kind, "failed");
    assert.equal(listener.peers.length, 0);
  });

  it("asks the system for a name when nothing else is said", async () => {
    await using listener = await listening("127.0.0.1");
    using connection = await reached(`http://localhost:${listener.port}`);
    assert.equal(connection.address, "127.0.0.1");
  });

  it("comes from the first address that answers, and fails with the last one's code", async () => {
    await using listener = await listening("127.0.0.4");
    const several = names(["127.0.0.2", "127.0.0.3", "127.0.0.4"]);
    using connection = await reached(`http://member.example:${listener.port}`, { lookup: several });
    assert.equal(connection.address, "127.0.0.4");
    const refused = await dial(`http://member.example:${listener.port}`, { lookup: names(["127.0.0.2", "127.0.0.3"]) });
    assert.deepEqual(refused, { kind: "failed", reason: "dial_failed", detail: "ECONNREFUSED" });
  });

  it("fails when its name is unknown or has no address", async () => {
    const unknown = Object.assign(new Error("member.example is secret"), { code: "ENOTFOUND" });
    const failing: (readonly [Lookup, string])[] = [
      [() => Promise.reject(unknown), "ENOTFOUND"],
      [() => Promise.reject(new Error("member.example is secret")), "unknown"],
      [names([]), "no_address"],
    ];
    for (const [lookup, detail] of failing) {
      const end = await dial("http://member.example", { lookup });
      assert.deepEqual(end, { kind: "failed", reason: "dial_failed", detail });
    }
  });

  it("carries the link, with the written host in its request", async () => {
    const http = createHttpServer();
    const links = new WebSocketServer({ server: http });
    await using listener = await new Listener(http).listen("127.0.0.2");
    const asked = new Promise<IncomingMessage>((resolve) => links.once("connection", (_, request) => resolve(request)));
    const to = readMemberAddress(`http://Member.Example:${listener.port}/node-1/`);
    using connection = await reached(to.text, { lookup: names(["127.0.0.2"]) });
    const link = new WebSocket(to.linkUrl, { createConnection: () => connection.socket });
    await once(link, "open");
    const { url, headers } = await asked;
    assert.deepEqual([url, headers.host], ["/node-1/link", `member.example:${listener.port}`]);
    assert.equal(listener.peers.length, 1);
    link.terminate();
  });

  it("shows an error before somebody listens as its end", async () => {
    await using listener = await listening("127.0.0.2");
    using connection = await reached(`http://127.0.0.2:${listener.port}`);
    (await waitUntil("it is accepted", () => listener.peers[0])).resetAndDestroy();
    await closed(connection.socket);
  });
});

describe("a connection that takes too long", () => {
  it("fails when its name is not found in time", async () => {
    const lookup = () => new Promise<never>(() => {});
    const end = await dial("http://member.example", { lookup, deadlineMs: 20 });
    assert.deepEqual(end, { kind: "failed", reason: "dial_failed", detail: "deadline" });
  });

  it("fails when TLS is not answered in time, and leaves nothing open", async () => {
    await using listener = await listening("127.0.0.2");
    const end = await dial(`https://127.0.0.2:${listener.port}`, { deadlineMs: 100 });
    assert.deepEqual(end, { kind: "failed", reason: "dial_failed", detail: "deadline" });
    listener.peers[0]?.resume();
    await closed(listener.peers[0]);
  });

  it("is given up when it is no longer wanted, wherever it is", async () => {
    await using listener = await listening("127.0.0.2");
    const reason = new Error("the member was removed");
    await assert.rejects(dial("http://x", { lookup: noLookup }, AbortSignal.abort(reason)), reason);
    const stop = new AbortController();
    const lookup = () => new Promise<never>(() => stop.abort(reason));
    await assert.rejects(dial("http://x", { lookup }, stop.signal), reason);
    const later = new AbortController();
    const securing = dial(`https://127.0.0.2:${listener.port}`, {}, later.signal);
    const peer = await waitUntil("it is accepted", () => listener.peers[0]);
    later.abort(reason);
    await assert.rejects(securing, reason);
    peer.resume();
    await closed(peer);
  });
});

describe("an address that never answers", () => {
  let silent: ChildProcess;
  let port: number;
  const room: Socket[] = [];

  before(async () => {
    const program = join(import.meta.dirname, "fixtures/silent-listener.ts");
    silent = spawn(process.execPath, [program, "127.0.0.5"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(silent.stdout as NonNullable<typeof silent.stdout>, "data");
    port = Number(line);
    await waitUntil("it is frozen", () => readFileSync(`/proc/${silent.pid}/stat`, "utf8").includes(") T "));
    for (let count = 0; count < 2; count += 1) {
      const socket = connect({ host: "127.0.0.5", port });
      await once(socket, "connect");
      room.push(socket);
    }
  });

  after(() => {
    for (const socket of room) socket.destroy();
    silent.kill("SIGKILL");
  });

  /** Node's name for a socket that is being connected. */
  const isUnderWay = () => process.getActiveResourcesInfo().includes("ConnectWrap");
  const nothingUnderWay = () => waitUntil("no attempt is under way", () => !isUnderWay());

  it("does not keep the next one waiting", async () => {
    await using listener = await listening("127.0.0.2", port);
    const lookup = names(["127.0.0.5", "127.0.0.2"]);
    using connection = await reached(`http://member.example:${listener.port}`, { lookup });
    assert.equal(connection.address, "127.0.0.2");
    await nothingUnderWay();
  });

  it("is waited for beside the next one, which refuses, until the deadline", async () => {
    const lookup = names(["127.0.0.5", "127.0.0.2"]);
    const end = await dial(`http://member.example:${port}`, { lookup, deadlineMs: 400 });
    assert.deepEqual(end, { kind: "failed", reason: "dial_failed", detail: "deadline" });
  });

  it("is given up when it is no longer wanted", async () => {
    const stop = new AbortController();
    const dialling = dial(`http://127.0.0.5:${port}`, {}, stop.signal);
    await waitUntil("an attempt is under way", isUnderWay);
    stop.abort(new Error("the member was removed"));
    await assert.rejects(dialling, /was removed/);
    await nothingUnderWay();
  });
});

describe("a connection over TLS", () => {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  let files: CertificateFiles;
  let ca: string[];

  before(() => {
    files = makeCertificate(folder.path, "member", ["member.example"]);
    ca = [textOf(files)];
  });

  after(() => folder.remove());

  /** On 127.0.0.2; `names` are those that peers asked for. */
  async function secureListener() {
    const server = createTlsServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) });
    const names: unknown[] = [];
    server.on("secureConnection", (socket: TLSSocket) => {
      names.push(socket.servername);
      socket.on("error", () => {});
      socket.end("hello");
    });
    return { listener: await new Listener(server).listen("127.0.0.2"), names };
  }

  it("is one with the written host, at the judged address", async () => {
    const secure = await secureListener();
    await using listener = secure.listener;
    const lookup = names(["127.0.0.2"]);
    using connection = await reached(`https://Member.Example:${listener.port}`, { lookup, ca });
    const [said] = await once(connection.socket, "data");
    assert.deepEqual([String(said), connection.address, secure.names], ["hello", "127.0.0.2", ["member.example"]]);
  });

  it("fails with an authority that is unknown, and with a certificate of another host", async () => {
    const { listener } = await secureListener();
    await using _ = listener;
    const lookup = names(["127.0.0.2"]);
    const failing = [
      [`https://member.example:${listener.port}`, {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      [`https://other.example:${listener.port}`, { ca }, "ERR_TLS_CERT_ALTNAME_INVALID"],
      [`https://127.0.0.2:${listener.port}`, { ca }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const;
    for (const [text, trust, detail] of failing) {
      assert.deepEqual(await dial(text, { lookup, ...trust }), { kind: "failed", reason: "tls_failed", detail });
    }
    for (const peer of listener.peers) await closed(peer);
  });

  it("fails with a peer that speaks something else or hangs up, and repeats nothing of it", async () => {
    await using garbage = await new Listener(createServer((socket) => socket.end("hunter2 speaks no TLS"))).listen(
      "127.0.0.2",
    );
    await using absent = await new Listener(createServer((socket) => socket.destroy())).listen("127.0.0.2");
    for (const { port } of [garbage, absent]) {
      const end = await dial(`https://127.0.0.2:${port}`, { ca });
      assert.ok(end.kind === "failed" && end.reason === "tls_failed", JSON.stringify(end));
      assert.match(end.detail, /^(ERR_SSL_[A-Z_]+|ECONNRESET|EPIPE)$/);
    }
  });

  it("trusts nobody but an address that is in the certificate", async () => {
    const server = createTlsServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) });
    await using listener = await new Listener(server).listen("127.0.0.1");
    using connection = await reached(`https://127.0.0.1:${listener.port}`, { ca, lookup: noLookup });
    assert.equal(connection.address, "127.0.0.1");
  });

  it("needs authorities that are certificates", () => {
    assert.throws(
      () => new PinnedConnect({ access: anywhere, ca: ["-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"] }),
    );
  });
});
