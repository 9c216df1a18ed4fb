// Sending away whoever is attached, through the real binary: those go and stay away, all others see on.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

async function create(name: string): Promise<string> {
  const { json } = await server.ask({ path: "/sessions", body: { name, argv: ["/bin/cat"] } });
  return json.id;
}

const detach = (session: string) => server.ask({ method: "POST", path: `/sessions/${session}/detach` });
const clientsOf = async (session: string): Promise<number> =>
  (await server.ask({ path: `/sessions/${session}` })).json.clients;

describe("detach", () => {
  it("closes those that attached, of this session alone, and leaves other viewers their stream", async () => {
    await create("build");
    await create("other");
    const open = (session: string, query = {}) => RawViewer.open(server.socketPath, session, query);
    const attached = [await open("build", { attach: true }), await open("build", { attach: true, snapshot: true })];
    const looking = await open("build");
    const elsewhere = await open("other", { attach: true });
    assert.equal(await clientsOf("build"), 3);
    assert.equal((await detach("build")).status, 204);
    for (const viewer of attached) await viewer.until("it is sent away", ({ closed }) => closed !== null);
    assert.deepEqual(
      attached.map(({ closed }) => closed),
      attached.map(() => ({ code: 4000, reason: "detached" })),
    );
    await server.ask({ path: "/sessions/build/input", body: "for those who stay\n" });
    await looking.until("it sees on", ({ text }) => text.includes("for those who stay"));
    assert.deepEqual([looking.closed, elsewhere.closed], [null, null]);
    await waitUntil("only one is left", async () => (await clientsOf("build")) === 1);
    for (const viewer of [looking, elsewhere]) viewer.close();
  });

  it("closes a plain stream that attached in the same way, and one that is just beginning", async () => {
    const id = await create("plain");
    const closes: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const socket = new WebSocket(`ws+unix:${server.socketPath}:/sessions/plain/ws/raw?attach=1&snapshot=1`);
      socket.on("close", (code) => closes.push(code));
      socket.on("error", () => {});
      if (round > 0) await waitUntil("it is known", async () => (await clientsOf("plain")) > 0);
      await waitUntil("it is closed", async () => (await detach(id)).status === 204 && closes.length === round + 1);
    }
    assert.deepEqual(closes, [4000, 4000, 4000, 4000, 4000]);
    await waitUntil("nobody is counted any more", async () => (await clientsOf("plain")) === 0);
  });

  it("does nothing where nobody is attached, and to a session that has ended", async () => {
    await create("lonely");
    assert.equal((await detach("lonely")).status, 204);
    await server.ask({ path: "/sessions/lonely/input", body: "\x04" });
    await server.ask({ path: "/sessions/lonely/wait", body: { until: { exit: true } } });
    assert.equal((await detach("lonely")).status, 204);
    const { code, stdout, stderr } = await server.fleetty(["detach", "lonely"]);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    assert.equal((await server.fleetty(["detach", "nobody"])).code, 4);
  });

  it("ends a client's watch for good, with word of it", async () => {
    await create("watched");
    using client = server.client();
    const items: string[] = [];
    const watching = (async () => {
      for await (const item of client.sessions.watch({ session: "watched", attach: true })) {
        items.push(item.type === "closed" ? `closed: ${item.reason}` : item.type);
      }
    })();
    await waitUntil("it watches", async () => (await clientsOf("watched")) === 1);
    await client.sessions.detach({ session: "watched" });
    await watching;
    assert.equal(items.at(-1), "closed: detached");
    assert.ok(!items.includes("disconnected"), items.join());
  });
});
