// The dialling side of a host's link over a real socket: what opens it, what it refuses, and what its end means.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempDisposableSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { JournalEvent } from "@fleetty/protocol/link";
import { WebSocketServer } from "ws";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { dialHost } from "./host-dial.ts";
import { makeHostKey } from "./host-listen.ts";
import { dialOptions, hostId, ListeningHost, serverId, sessionInfoOf } from "./link-harness.ts";
import { makeNonce, prove } from "./proof.ts";

const call = { actor: { principal: "local", kind: "human", face: "test" }, via: [], deadlineMs: 60_000 } as const;

function refused(reason: string) {
  return { code: "server_unavailable", details: { reason, may_have_run: false }, message: new RegExp(hostId) };
}

describe("dialling a session host", () => {
  it("opens a link to who holds the same key, and tells what that host says of itself", async () => {
    await using host = await ListeningHost.open();
    const inventories: unknown[] = [];
    const { end, hello } = await host.dial({ onInventory: (sessions) => inventories.push(sessions) });
    assert.deepEqual([hello.server, hello.version, hello.journal.id], [serverId, "0.0.1", "jrn_1"]);
    assert.deepEqual(inventories, [[]]);
    assert.deepEqual(await end.request("sessions.get", { session: "a" }, call), {
      op: "sessions.get",
      p: { session: "a" },
    });
  });

  it("tells the host what is on disk already, and hears the outcomes after that, also those sent at once", async () => {
    await using host = await ListeningHost.open();
    const events: JournalEvent[] = [];
    const asked: string[] = [];
    const { end } = await host.dial({
      journalAcked: (journal) => asked.push(journal) + 6,
      onEvent: (event) => events.push(event),
    });
    await waitUntil("the outcome has come", () => events.length > 0);
    assert.deepEqual([asked, events.map(({ seq }) => seq)], [["jrn_1"], [8]]);
    end.ack(8);
    await waitUntil("the host has the acknowledgement", () => host.acked.length > 0);
    assert.deepEqual(host.acked, [8]);
  });

  it("learns of every session before any outcome, however long their command lines are", async () => {
    await using host = await ListeningHost.open();
    host.sessions = Array.from({ length: 256 }, (_, index) => sessionInfoOf(`ses_${index}`, "x".repeat(4_000)));
    const told: string[] = [];
    await host.dial({
      onInventory: (sessions) => told.push(`${sessions.length} sessions, the last ${sessions.at(-1)?.id}`),
      onEvent: ({ event }) => told.push(event),
    });
    await waitUntil("the outcome has come", () => told.length > 1);
    assert.deepEqual(told, ["256 sessions, the last ses_255", "test"]);
  });

  it("refuses a host of another key, which learns nothing but a nonce", async () => {
    await using host = await ListeningHost.open();
    await assert.rejects(host.dial({ key: makeHostKey() }), refused("bad_identity"));
    assert.deepEqual([host.links, host.served], [[], []]);
    await host.dial();
  });

  it("refuses when nobody listens, and when there is no socket at all", async () => {
    const host = await ListeningHost.open();
    const { socketPath, key } = host;
    await host[Symbol.asyncDispose]();
    await assert.rejects(dialHost(dialOptions(socketPath, key)), refused("dial_failed"));
  });

  it("refuses whoever speaks something else", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "link.sock");
    const strangers = [
      createServer((socket) => socket.resume().end("220 mail.example\r\n")),
      createServer((socket) => socket.destroy()),
      createHttpServer((_request, response) => response.end("hello")),
    ];
    for (const stranger of strangers) {
      await using listening = stranger.listen(path);
      await once(listening, "listening");
      await assert.rejects(dialHost(dialOptions(path, makeHostKey())), refused("dial_failed"));
    }
  });

  it("is told when the host leaves, and refuses what was asked of it", async () => {
    await using host = await ListeningHost.open(() => new Promise(() => {}));
    let closings = 0;
    const { end } = await host.dial({ onClosed: () => (closings += 1) });
    const asked = end.request("sessions.wait", {}, call);
    await waitUntil("it is being served", () => host.served.length > 0);
    // No server of a fleet is meant, so none is named.
    const closed = { reason: "closed" };
    const mayHaveRun = { code: "server_unavailable", details: { ...closed, may_have_run: "unknown" } };
    await Promise.all([assert.rejects(asked, mayHaveRun), host.close()]);
    await waitUntil("its end is told", () => closings > 0);
    assert.deepEqual([closings, end.isOpen], [1, false]);
    await assert.rejects(end.request("sessions.get", {}, call), { details: { ...closed, may_have_run: false } });
  });
});

/** A false host: answers the challenge with `hello` made from the dialler's nonce, then sends what follows. */
async function falseHost(hello: (hubNonce: string) => object | string | Buffer, after: readonly object[] = []) {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  const path = join(folder.path, "link.sock");
  const heard: string[] = [];
  const closedWith: number[] = [];
  const server = createHttpServer().listen(path);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("close", (code) => closedWith.push(code));
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as { type: string; nonce: string };
      heard.push(frame.type);
      if (frame.type !== "challenge") return;
      const answer = hello(frame.nonce);
      socket.send(typeof answer === "string" || Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
      for (const more of after) socket.send(JSON.stringify(more));
    });
  });
  await once(server, "listening");
  return {
    path,
    heard,
    closedWith,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
      folder.remove();
    },
  };
}

describe("dialling a false host", () => {
  const key = makeHostKey();
  const workerNonce = makeNonce();
  const helloOf = (proof: string, more: object = {}) => ({
    type: "hello",
    server: serverId,
    start_id: "start",
    nonce: workerNonce,
    version: "9",
    protocol: { min: 1, max: 1 },
    features: [],
    journal: { id: "jrn_1", first: 1, last: 0 },
    proof,
    ...more,
  });
  const proved = (hubNonce: string, more: object = {}) =>
    helloOf(prove(key, { role: "worker", hubNonce, workerNonce, linkGeneration: 0 }), more);

  it("refuses a proof that was heard on an earlier link", async () => {
    const heard = prove(key, { role: "worker", hubNonce: makeNonce(), workerNonce, linkGeneration: 0 });
    await using host = await falseHost(() => helloOf(heard));
    await assert.rejects(dialHost(dialOptions(host.path, key)), refused("bad_identity"));
    assert.deepEqual(host.heard, ["challenge"], "it was not welcomed");
  });

  it("refuses a host of a protocol that it does not speak, before it proves itself", async () => {
    await using host = await falseHost((nonce) => proved(nonce, { protocol: { min: 900, max: 901 } }));
    await assert.rejects(dialHost(dialOptions(host.path, key)), refused("incompatible_version"));
    assert.deepEqual(host.heard, ["challenge"]);
  });

  it("ends a link on which it sends what breaks the protocol, or a frame over 1 MiB, and says that it is closed", async () => {
    const cases: [after: unknown, code: number][] = [
      [{ type: "res", id: "one" }, 4010],
      [{ type: "changed", session: "x".repeat(2 * 1024 * 1024) }, 1009],
    ];
    for (const [after, code] of cases) {
      await using host = await falseHost(proved, [{ type: "inventory", sessions: [] }, after as object]);
      let closings = 0;
      const { end } = await dialHost({ ...dialOptions(host.path, key), onClosed: () => (closings += 1) });
      await waitUntil("the link is closed", () => closings > 0 && host.closedWith.length > 0);
      assert.deepEqual([host.closedWith, end.isOpen], [[code], false]);
    }
  });

  it("refuses what is no hello, no inventory, or no frame at all", async () => {
    const cases: [Parameters<typeof falseHost>, reason: string][] = [
      [[() => ({ type: "inventory", sessions: [] })], "protocol"],
      [[() => ({ type: "from_the_future" })], "protocol"],
      [[(nonce) => proved(nonce), [{ type: "changed", session: "ses_a" }]], "protocol"],
      [[() => ({ type: "hello" })], "dial_failed"],
      [[() => "{"], "dial_failed"],
      [[() => Buffer.from([1, 2, 3])], "dial_failed"],
    ];
    for (const [[hello, after], reason] of cases) {
      await using host = await falseHost(hello, after);
      await assert.rejects(dialHost(dialOptions(host.path, key)), refused(reason));
    }
  });
});
