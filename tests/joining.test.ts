// Workers that dial their hub, each a real process: how one joins with a code, comes back by itself whatever dies, and is asked
// like any other server; and how whoever has no business there is kept out.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readJoinCode } from "@fleetty/carrier/join-code";
import { ServerKey } from "@fleetty/carrier/server-key";
import { LINK_PROTOCOL } from "@fleetty/protocol/link";
import { WebSocketServer } from "ws";
import { auditOf } from "./harness/audit.ts";
import { FaultProxy } from "./harness/fault-proxy.ts";
import { TestFleet } from "./harness/fleet.ts";
import { freePort } from "./harness/free-port.ts";
import { LinkPeer, type PeerEnd } from "./harness/link-peer.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

const LINKED: PeerEnd = { kind: "linked" };
const closed = (code: number): PeerEnd => ({ kind: "closed", code });

/** A hub on a port that it has again after a restart. */
async function startHub(args: readonly string[] = []) {
  const port = await freePort();
  const hub = await startServer({ args: ["--hostname", "hub-1", "--bind", `127.0.0.1:${port}`, ...args] });
  const fleet = new TestFleet(hub, new Map(), new AsyncDisposableStack());
  return { hub, fleet, port, url: `http://127.0.0.1:${port}` };
}

async function makeCode(hub: TestServer, body: object = {}) {
  const { status, json } = await hub.ask({ path: "/servers/join-codes", body });
  assert.equal(status, 201, JSON.stringify(json));
  return json as { id: string; code: string; expires_at: string; command: string };
}

describe("a worker that dials its hub", () => {
  let hub: TestServer;
  let fleet: TestFleet;
  let port: number;
  let url: string;

  before(async () => {
    ({ hub, fleet, port, url } = await startHub());
  });
  after(() => hub[Symbol.asyncDispose]());

  it("joins with a code on its standard input once a person has approved, and comes back whoever dies", async () => {
    await using worker = new TestWorkerProcess("reported");
    const { code, command } = await makeCode(hub, { name: "nat-1", labels: { zone: "b" }, approve: true });
    assert.equal(command, `fleetty worker --join ${url}`);
    worker.start({ args: ["--join", url], stdin: `${code}\n` });
    await fleet.becomes("nat-1", "rejected", "pending_approval");
    await waitUntil("it is told to wait", () => worker.log.includes("pending_approval"), { seen: () => worker.log });
    assert.equal((await hub.fleetty(["servers", "approve", "nat-1"])).code, 0);
    await fleet.becomes("nat-1", "healthy");
    const { id, address, link, reported_hostname: reported, labels } = await fleet.server("nat-1");
    assert.deepEqual([id, address, link, reported], [worker.id, `link:${worker.id}`, "joined", "reported"]);
    assert.equal(labels.zone, "b");
    for (const text of [worker.commandLine, worker.log, worker.kept, hub.log]) assert.ok(!text.includes(code));
    const [, secret = "none"] = code.split(".");
    assert.ok(!`${worker.kept}${JSON.stringify(auditOf(hub))}${hub.log}`.includes(secret));
    assert.equal((await hub.ask({ path: "/server/info?server=nat-1" })).json.id, worker.id);
    assertRefused(await hub.ask({ path: "/server/persist?server=nat-1" }), "unsupported");
    const { json: offered } = await hub.ask({ path: "/servers/nat-1/capabilities" });
    assert.deepEqual([offered.server, offered.shells.includes("sh"), offered.os], ["nat-1", true, process.platform]);

    const session = await TestSession.start(hub.socketPath, "build", {
      argv: [fixture("say")],
      ready: "ready",
      server: "nat-1",
    });
    const { pid } = await session.info();

    await hub.kill();
    await hub.start();
    await fleet.becomes("nat-1", "healthy");
    await session.type("after the hub\\n\n");
    await session.shows("after the hub");

    await worker.kill();
    await fleet.becomes("nat-1", "unavailable", "closed");
    worker.start();
    await fleet.becomes("nat-1", "healthy");
    await session.type("after the worker\\n\n");
    await session.shows("after the worker");
    assert.equal((await session.info()).pid, pid);

    assert.equal(await worker.stop(), 0, worker.log);
    await fleet.becomes("nat-1", "unavailable", "closed");
    assert.equal(worker.hosts().length, 1);
  });

  it("does what is granted, reads its code from a file, and says why it ends when it is not let in", async () => {
    await using worker = new TestWorkerProcess("narrow");
    const { code } = await makeCode(hub);
    const codeFile = join(worker.home.root, "code");
    writeFileSync(codeFile, code, { mode: 0o600 });
    const args = ["--control-plane", `ws://127.0.0.1:${port}/workers`, "--code-file", codeFile];
    worker.start({ args: [...args, "--grant", "sessions.list", "--grant", "sessions.start"] });
    await fleet.becomes("narrow", "healthy");
    const made = await hub.ask({ path: "/sessions", body: { name: "x", argv: [fixture("say")], server: "narrow" } });
    assert.equal(made.status, 201, made.body.toString());
    const refused = await hub.ask({ path: "/sessions/x/input", body: "no\n" });
    assert.deepEqual([refused.status, refused.json.error.code], [403, "forbidden"]);
    const own = () => auditOf(worker).map(({ principal, operation, outcome }) => [principal, operation, outcome]);
    await waitUntil("the worker has it in its audit", () => own().length === 2, { seen: own });
    const { id } = (await hub.ask({ path: "/server/info" })).json;
    assert.deepEqual(own(), [
      [`${id}/local`, "sessions.create", "ok"],
      [`${id}/local`, "sessions.input", "forbidden"],
    ]);

    // Its key is known, so a code that was used does no harm at the next start.
    await worker.stop();
    worker.start({ args });
    await fleet.becomes("narrow", "healthy");
    assert.equal((await hub.ask({ path: "/sessions/x/input", body: "yes\n" })).status, 200);
    assert.equal((await hub.ask({ method: "POST", path: "/servers/narrow/revoke" })).json.reason, "revoked");
    assert.equal(await worker.ended(), 3);
    assert.match(worker.log, /key was revoked/);
    assert.ok(worker.hosts().length === 1, "its sessions live on");
  });

  it("that hears nothing gives its link up after the silence that its hub has, and comes back", async () => {
    const { hub: hasty, fleet: hastyFleet, port: itsPort } = await startHub(["--member-silence-ms", "1000"]);
    await using _ = hasty;
    await using proxy = await FaultProxy.open({ host: "127.0.0.1", port: itsPort }, "tcp");
    await using worker = new TestWorkerProcess("deaf");
    const { code } = await makeCode(hasty);
    worker.start({ args: ["--join", `http://127.0.0.1:${proxy.port}`], stdin: `${code}\n` });
    await hastyFleet.becomes("deaf", "healthy");
    proxy.cut("down");
    const isLost = () => worker.log.includes("the link to the hub is lost");
    await waitUntil("it notices, before it would by itself", isLost, { seen: () => worker.log, deadlineMs: 20_000 });
    proxy.heal();
    await hastyFleet.becomes("deaf", "healthy");
  });

  it("tells nothing to a hub that is not the one of its code, and joins none without a code", async () => {
    await using worker = new TestWorkerProcess("lost");
    const { code } = await makeCode(hub);
    await using impostor = await startImpostor();
    worker.start({ args: ["--join", impostor.url], stdin: `${code}\n` });
    assert.equal(await worker.ended(), 3);
    assert.match(worker.log, /not the code's hub/);
    assert.deepEqual(impostor.heard, []);
    for (const [args, stdin, code, said] of [
      [["--join", url], "fjc_no code\n", 2, /no join code in standard input/],
      [["--join", "http://hub.example"], "", 2, /by https:\/\/ alone/],
      [[], "", 2, /has joined no hub yet/],
    ] as const) {
      worker.start({ args, stdin });
      assert.equal(await worker.ended(), code, worker.log);
      assert.match(worker.log, said);
    }
  });
});

/** Says that it is a hub, with a key of its own, and keeps what it hears. */
async function startImpostor() {
  const heard: string[] = [];
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => LINK_PROTOCOL });
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (data) => heard.push(String(data)));
      const key = ServerKey.fromPem(ServerKey.makePem()).text;
      const protocol = { min: 1, max: 1 };
      webSocket.send(JSON.stringify({ type: "challenge", hub: "srv_x", key, nonce: "n", protocol }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    heard,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
    },
  };
}

describe("the door for workers", () => {
  let hub: TestServer;
  let fleet: TestFleet;
  let port: number;

  before(async () => {
    ({ hub, fleet, port } = await startHub(["--trust-proxy", "127.0.0.1"]));
  });
  after(() => hub[Symbol.asyncDispose]());

  it("takes a code once, in its time, from who has it whole", async () => {
    const short = await makeCode(hub, { ttl_ms: 1_000 });
    const { id, code } = await makeCode(hub);
    using first = new LinkPeer(port, { hostname: "first", code });
    using second = new LinkPeer(port, { hostname: "second", code });
    using guesser = new LinkPeer(port, { hostname: "guesser" });
    const parts = readJoinCode(code);
    assert.ok(parts);
    const wrong = { ...parts, secretHash: readJoinCode((await makeCode(hub)).code)?.secretHash ?? "" };
    const unknown = { ...parts, id: "jcd_01K3Z8Q4T6V9X2B5N7M0R1S3WD" };
    assert.deepEqual(await guesser.dial(), closed(4001));
    assert.deepEqual(await guesser.dial({ code: wrong }), closed(4001));
    assert.deepEqual(await guesser.dial({ code: unknown }), closed(4001));
    assert.deepEqual(await first.dial(), LINKED);
    await fleet.becomes("first", "healthy");
    assert.deepEqual(await second.dial(), closed(4001));
    await waitUntil("the short code is over", () => Date.now() > Date.parse(short.expires_at));
    assert.deepEqual(await second.dial({ code: short.code }), closed(4001));
    const joins = () => auditOf(hub).filter(({ operation }) => operation === "servers.join");
    await waitUntil("all is in the audit", () => joins().length === 3, { seen: joins });
    assert.deepEqual(
      joins().map(({ principal, outcome, detail }) => [principal, outcome, JSON.parse(detail)]),
      [
        [id, "ok", { server: first.server }],
        [id, "auth_invalid", { server: second.server, code: "used" }],
        [short.id, "auth_invalid", { server: second.server, code: "expired" }],
      ],
    );
    const taken = await makeCode(hub);
    assert.equal((await hub.ask({ method: "DELETE", path: `/servers/join-codes/${taken.id}` })).status, 204);
    assert.deepEqual(await second.dial({ code: taken.code }), closed(4001));
    const again = await hub.ask({ method: "DELETE", path: `/servers/join-codes/${taken.id}` });
    assert.deepEqual([again.status, again.json.error.code], [404, "join_code_not_found"]);
  });

  it("does not use a code up for who cannot be let in, and keeps names unique", async () => {
    const { code } = await makeCode(hub);
    using peer = new LinkPeer(port, { code });
    assert.deepEqual(await peer.dial({ hostname: "HUB-1" }), closed(4013));
    assert.deepEqual(await peer.dial({ hostname: "not a name" }), closed(4013));
    assert.deepEqual(await peer.dial({ hostname: "unique" }), LINKED);
    const named = await hub.ask({ path: "/servers/join-codes", body: { name: "UNIQUE" } });
    assert.equal(named.json.error.code, "server_name_conflict");
  });

  it("never lets a revoked key in again, and a new key of that server with a new code", async () => {
    using peer = new LinkPeer(port, { hostname: "revoked", code: (await makeCode(hub)).code });
    assert.deepEqual(await peer.dial(), LINKED);
    await fleet.becomes("revoked", "healthy");
    const ending = peer.ended();
    assert.equal((await hub.ask({ method: "POST", path: "/servers/revoked/revoke" })).json.health, "rejected");
    assert.equal(await ending, 4003);
    const { code } = await makeCode(hub);
    assert.deepEqual(await peer.dial(), closed(4003));
    assert.deepEqual(await peer.dial({ code }), closed(4003));
    const approved = await hub.ask({ path: "/servers/revoked/approve", body: {} });
    assert.deepEqual([approved.status, approved.json.error.details.reason], [403, "revoked"]);
    assert.deepEqual(await peer.dial({ code, pem: ServerKey.makePem() }), LINKED);
    await fleet.becomes("revoked", "healthy");
    assert.equal((await fleet.server("revoked")).id, peer.server);
    await hub.ask({ method: "DELETE", path: "/servers/revoked" });
    assert.deepEqual(await peer.dial({ code: (await makeCode(hub)).code }), closed(4003));
    assert.equal((await hub.ask({ path: "/servers/revoked" })).status, 404);
  });

  it("forgets the key of a server that was removed, which joins again with a new code", async () => {
    using peer = new LinkPeer(port, { hostname: "removed", code: (await makeCode(hub)).code });
    assert.deepEqual(await peer.dial(), LINKED);
    await fleet.becomes("removed", "healthy");
    const ending = peer.ended();
    assert.equal((await hub.ask({ method: "DELETE", path: "/servers/removed" })).status, 204);
    assert.equal(await ending, 1000);
    assert.deepEqual(await peer.dial(), closed(4001));
    assert.deepEqual(await peer.dial({ code: (await makeCode(hub)).code }), LINKED);
  });

  it("keeps another key of a known server out, code or not, until a person approves that very key", async () => {
    using peer = new LinkPeer(port, { hostname: "renewed", code: (await makeCode(hub)).code });
    assert.deepEqual(await peer.dial(), LINKED);
    peer.hangUp();
    await fleet.becomes("renewed", "unavailable", "closed");
    const pem = ServerKey.makePem();
    const { text: key } = ServerKey.fromPem(pem);
    const { code } = await makeCode(hub);
    assert.deepEqual(await peer.dial({ pem, code }), closed(4001));
    await fleet.becomes("renewed", "rejected", "bad_identity");
    const { link_log: log } = await fleet.server("renewed");
    assert.match(log.at(-1).detail, new RegExp(`another key: ${key}$`));
    const { text: nobodys } = ServerKey.fromPem(ServerKey.makePem());
    const other = await hub.ask({ path: "/servers/renewed/approve", body: { key: nobodys } });
    assert.equal(other.json.error.code, "invalid_request");
    assert.equal((await hub.ask({ path: "/servers/renewed/approve", body: { key } })).status, 200);
    assert.deepEqual(await peer.dial({ pem }), LINKED);
    assert.deepEqual(await peer.dial(), closed(4001));
    assert.equal((await fleet.server("renewed")).health, "healthy");
  });

  it("keeps a copy on another machine out while the first is alive, and says what it suspects", async () => {
    await using worker = new TestWorkerProcess("original");
    worker.start({ args: ["--join", `http://127.0.0.1:${port}`], stdin: `${(await makeCode(hub)).code}\n` });
    await fleet.becomes("original", "healthy");
    using thief = new LinkPeer(port, { server: worker.id, pem: worker.key, hostname: "original", incarnation: 99 });
    assert.deepEqual(await thief.dial(), closed(4009));
    const { health, conditions } = await fleet.server("original");
    assert.equal(health, "healthy");
    assert.deepEqual(
      conditions.map(({ type }: { type: string }) => type),
      ["CloneSuspected"],
    );
    assert.match(conditions[0].reason, /machine-of-the-peer/);
    // A moved disk: the first is gone, and the newcomer is a later run.
    await worker.kill();
    await fleet.becomes("original", "unavailable", "closed");
    assert.deepEqual(await thief.dial(), LINKED);
    assert.equal((await hub.ask({ path: "/servers/original/approve", body: {} })).json.conditions.length, 0);
  });

  it("gives the link to the later run on one machine, and to neither when they take turns", async () => {
    using peer = new LinkPeer(port, { hostname: "twin", code: (await makeCode(hub)).code, incarnation: 5 });
    assert.deepEqual(await peer.dial({ startId: "one" }), LINKED);
    await fleet.becomes("twin", "healthy");
    const ending = peer.ended();
    assert.deepEqual(await peer.dial({ startId: "two" }), LINKED);
    assert.equal(await ending, 4009);
    assert.deepEqual(await peer.dial({ startId: "old", incarnation: 4 }), closed(4009));
    for (const startId of ["one", "two", "one"]) assert.deepEqual(await peer.dial({ startId }), LINKED);
    assert.deepEqual(await peer.dial({ startId: "two" }), closed(4001));
    assert.deepEqual(await peer.dial({ startId: "three" }), closed(4001));
    await fleet.becomes("twin", "rejected", "bad_identity");
    await hub.ask({ path: "/servers/twin/approve", body: {} });
    assert.deepEqual(await peer.dial({ startId: "two" }), LINKED);
  });

  it("refuses pages, what is no link, and who comes in the clear from another machine", async () => {
    using peer = new LinkPeer(port, { hostname: "far", code: (await makeCode(hub)).code });
    const refused = (status: number): PeerEnd => ({ kind: "refused", status });
    assert.deepEqual(await peer.dial({}, { headers: { origin: `http://127.0.0.1:${port}` } }), refused(403));
    assert.deepEqual(await peer.dial({}, { protocol: "other" }), refused(400));
    const far = { "x-forwarded-for": "192.0.2.7" };
    assert.deepEqual(await peer.dial({}, { headers: far }), refused(403));
    assert.deepEqual(await peer.dial({}, { headers: { ...far, "x-forwarded-proto": "http" } }), refused(403));
    const encrypted = { ...far, "x-forwarded-proto": "https", host: "any.example" };
    assert.deepEqual(await peer.dial({}, { headers: encrypted }), LINKED);
  });

  it("greets eight at once from one address, and nobody for longer than it takes", async () => {
    using silent = new LinkPeer(port, {});
    using peer = new LinkPeer(port, { hostname: "ninth", code: (await makeCode(hub)).code });
    const from = { headers: { "x-forwarded-for": "192.0.2.8", "x-forwarded-proto": "https" } };
    const ends = Array.from({ length: 8 }, () => silent.connect(from));
    await waitUntil("all are being greeted", async () => {
      const end = await peer.dial({ server: "nobody" }, from);
      return end.kind === "refused" && end.status === 429;
    });
    assert.deepEqual(await peer.dial({}, { headers: { ...from.headers, "x-forwarded-for": "192.0.2.9" } }), LINKED);
    assert.deepEqual([...new Set(await Promise.all(ends))], [1006]);
    assert.equal((await peer.dial({}, from)).kind, "linked");
  });

  it("does not listen to an address from which too much was wrong", async () => {
    using guesser = new LinkPeer(port, { hostname: "guesser" });
    const from = { headers: { "x-forwarded-for": "192.0.2.66", "x-forwarded-proto": "https" } };
    for (let count = 0; count < 20; count += 1) assert.deepEqual(await guesser.dial({}, from), closed(4001));
    assert.deepEqual(await guesser.dial({}, from), { kind: "refused", status: 429 });
    const { code } = await makeCode(hub);
    assert.deepEqual(await guesser.dial({ code }, from), { kind: "refused", status: 429 });
    assert.deepEqual(await guesser.dial({ code }), LINKED);
  });
});
