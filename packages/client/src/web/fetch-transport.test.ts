import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { STREAM_PROTOCOL } from "@fleetty/protocol/link";
import { FakeServer } from "../../test/fake-server.ts";
import type { SocketEvents } from "../transport.ts";
import { openTransport } from "./open-transport.ts";

const request = { method: "GET", path: "/sessions", headers: {}, body: undefined, deadlineMs: 10_000 } as const;
const { signal } = new AbortController();

describe("the transport of a page", () => {
  const server = new FakeServer();
  let url: string;

  before(async () => {
    url = await server.start(true);
    server.session("build");
  });

  beforeEach(() => {
    server.asked.length = 0;
    server.answers.clear();
  });

  after(() => server.stop());

  /** Resolves with how it was opened, and closes it. */
  async function open(token: string | undefined, path: string) {
    const closed = Promise.withResolvers<number>();
    const events: SocketEvents = {
      opened: (socket) => socket.close(),
      frame() {},
      closed: (code) => closed.resolve(code),
    };
    const asked = { path, protocol: STREAM_PROTOCOL, events, signal };
    const refused = await openTransport({ url, token }).openSocket(asked);
    return refused ?? (await closed.promise);
  }

  it("hands over what is streamed with its token, and what refuses it, and says when it was cancelled", async () => {
    const transport = openTransport({ url, token: "secret" });
    const events = { method: "GET", path: "/events", headers: { accept: "text/event-stream" }, signal } as const;
    server.answers.set("GET /events", () => new Response("id: 1\n\n", { status: 200 }));
    const { status, body } = await transport.stream(events);
    let text = "";
    for await (const bytes of body) text += new TextDecoder().decode(bytes);
    assert.deepEqual([status, text, server.asked[0]?.authorization], [200, "id: 1\n\n", "Bearer secret"]);
    server.answers.set("GET /events", () => new Response("", { status: 403 }));
    assert.equal((await transport.stream(events)).status, 403);
    const abort = new AbortController();
    server.answers.set("GET /events", () => {
      abort.abort();
      return new Promise(() => {});
    });
    await assert.rejects(transport.stream({ ...events, signal: abort.signal }), { reason: "cancelled" });
    transport.close();
  });

  it("gets a ticket with its token for each socket, and shows the socket the ticket alone", async () => {
    let tickets = 0;
    server.answers.set("POST /auth/ws-ticket", () => Response.json({ ticket: `t${tickets++}` }, { status: 200 }));
    assert.equal(await open("secret", "/sessions/build/ws/raw"), 1000);
    assert.equal(await open("secret", "/sessions/build/ws/raw?from=0"), 1000);
    assert.deepEqual(
      server.asked.map(({ path, query, authorization }) => [path, query, authorization]),
      [
        ["/auth/ws-ticket", {}, "Bearer secret"],
        ["/sessions/build/ws/raw", { ticket: "t0" }, undefined],
        ["/auth/ws-ticket", {}, "Bearer secret"],
        ["/sessions/build/ws/raw", { from: "0", ticket: "t1" }, undefined],
      ],
    );
  });

  it("asks for none where no token is wanted", async () => {
    assert.equal(await open(undefined, "/sessions/build/ws/raw"), 1000);
    assert.deepEqual(
      server.asked.map(({ query }) => query),
      [{}],
    );
  });

  it("tells why there is no ticket, and what answers that is no server", async () => {
    server.answers.set("POST /auth/ws-ticket", () =>
      Response.json({ error: { code: "auth_invalid" } }, { status: 403 }),
    );
    assert.equal(((await open("secret", "/sessions/build/ws/raw")) as { status: number }).status, 403);
    for (const other of ["<html>", "{}"]) {
      server.answers.set("POST /auth/ws-ticket", () => new Response(other, { status: 200 }));
      assert.equal(((await open("secret", "/sessions/build/ws/raw")) as { status: number }).status, 200);
    }
  });

  it("cannot tell why a socket was refused, nor whether a request was", async () => {
    await assert.rejects(open(undefined, "/sessions/nobody/ws/raw"), { reason: "untold" });
    const events: SocketEvents = { opened() {}, frame() {}, closed() {} };
    const undiallable = { path: "/sessions/build/ws/raw", protocol: "no token", events, signal };
    await assert.rejects(openTransport({ url }).openSocket(undiallable), { reason: "untold" });
    const nowhere = openTransport({ url: "http://127.0.0.1:1" });
    await assert.rejects(nowhere.request({ ...request, signal }), { reason: "untold", sent: true });
  });

  it("gives up at its deadline, when its caller goes, and when it is closed", async () => {
    const never = Promise.withResolvers<unknown>();
    server.answers.set("GET /sessions", () => never.promise);
    const transport = openTransport({ url });
    const gone = AbortSignal.abort();
    await assert.rejects(transport.request({ ...request, signal: gone }), { reason: "cancelled", sent: false });
    await assert.rejects(transport.request({ ...request, signal, deadlineMs: 1 }), { reason: "timeout", sent: true });
    const abort = new AbortController();
    const left = transport.request({ ...request, signal: abort.signal });
    abort.abort();
    await assert.rejects(left, { reason: "cancelled", sent: true });
    const closed = transport.request({ ...request, signal });
    transport.close();
    await assert.rejects(closed, { reason: "cancelled" });
    never.resolve([]);
  });

  it("refuses what only Node can do", () => {
    assert.throws(() => openTransport({ socket: "/run/x.sock" }), { code: "unsupported" });
    assert.throws(() => openTransport({ url, ca: "…" }), { code: "unsupported" });
    assert.throws(() => openTransport({ url: `${url}/?token=x` }), { code: "invalid_request" });
  });
});
