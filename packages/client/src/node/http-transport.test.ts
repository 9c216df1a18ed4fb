// Brief requests over a real unix socket: which connection each takes, and when one may be written again.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { FakeServer } from "../../test/fake-server.ts";
import type { StreamedRequest, Transport } from "../transport.ts";
import { openTransport } from "./open-transport.ts";

const post: StreamedRequest = {
  method: "POST",
  path: "/mcp",
  headers: {},
  body: "{}",
  signal: new AbortController().signal,
  isBrief: true,
};

describe("a brief answer that is streamed", () => {
  let server: FakeServer;
  let transport: Transport;

  beforeEach(async () => {
    server = new FakeServer();
    await server.start();
    transport = openTransport({ socket: server.socket });
    server.answers.set("POST /mcp", () => "heard");
  });

  afterEach(async () => {
    transport.close();
    await server.stop();
  });

  async function sent(request = post, by = transport): Promise<string> {
    const { body } = await by.stream(request);
    let text = "";
    for await (const piece of body) text += Buffer.from(piece).toString("utf8");
    return text;
  }

  it("leaves its connection to the next one, and others have their own", async () => {
    for (let time = 0; time < 3; time++) assert.equal(await sent(), '"heard"');
    assert.equal(server.connected, 1);
    await sent({ ...post, isBrief: false });
    assert.equal(server.connected, 2);
    await sent();
    assert.equal(server.connected, 2);
  });

  it("is asked for again where the kept connection had gone before the request was written", async () => {
    await sent();
    server.cut();
    assert.equal(await sent(), '"heard"');
    assert.deepEqual([server.asked.length, server.connected], [2, 2]);
  });

  it("is in doubt when its request was written, and is not asked for again", async () => {
    await sent();
    server.answers.set("POST /mcp", () => server.cut());
    await assert.rejects(sent(), { reason: "connection_lost", sent: true });
    assert.deepEqual([server.asked.length, server.connected], [2, 1]);
  });

  it("comes over TCP on a connection of its own, where none that idled can be trusted", async () => {
    const remote = new FakeServer();
    const url = await remote.start(true);
    remote.answers.set("POST /mcp", () => "heard");
    const byTcp = openTransport({ url, token: "fty_secret" });
    for (let time = 0; time < 2; time++) await sent(post, byTcp);
    assert.equal(remote.connected, 2);
    byTcp.close();
    await remote.stop();
  });
});
