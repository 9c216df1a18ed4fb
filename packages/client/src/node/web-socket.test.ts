import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, describe, it } from "node:test";
import { STREAM_PROTOCOL } from "@fleetty/protocol/link";
import { FakeServer } from "../../test/fake-server.ts";
import type { SocketEvents } from "../transport.ts";
import { openWebSocket } from "./web-socket.ts";

const events: SocketEvents = { opened() {}, frame() {}, closed() {} };

describe("a socket of a stream", () => {
  const server = new FakeServer();

  before(() => server.start());
  after(() => server.stop());

  const open = (signal: AbortSignal, { socket = server.socket, session = "build" } = {}) => {
    const path = `/sessions/${session}/ws/raw`;
    return openWebSocket({ kind: "unix", socket }, { path, protocol: STREAM_PROTOCOL, events, signal });
  };

  it("is not opened for who has gone already", async () => {
    server.session("build");
    await assert.rejects(open(AbortSignal.abort()), { reason: "cancelled", sent: false });
    assert.equal(server.asked.length, 0);
  });

  it("leaves nothing on its owner's signal when it is refused or cannot be had, however often", async () => {
    const { signal } = new AbortController();
    assert.equal((await open(signal, { session: "nobody" }))?.status, 404);
    await assert.rejects(open(signal, { socket: `${server.folder}/nothing.sock` }), { reason: "unreachable" });
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});
