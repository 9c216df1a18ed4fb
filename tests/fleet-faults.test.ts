// What breaks between a hub and its members: a member that freezes, a cable that is cut in either direction, a hub that dies,
// addresses behind which something else answers. No session ends, no byte is lost, nothing is typed twice, what is shown is
// true or dated, and the other members notice nothing.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Direction } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { fixture } from "./harness/programs.ts";
import { ResumingViewer } from "./harness/resuming-viewer.ts";
import { startServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Silent members are given up after so long, and probed after a third of it. */
const SILENCE_MS = 2_000;
const hub = { args: ["--member-silence-ms", `${SILENCE_MS}`] };

/** Prints numbered lines for ever on that server; resolves when it has begun. */
async function printing(fleet: TestFleet, name: string, server: string): Promise<TestSession> {
  const argv = [fixture("print-steadily"), "2048"];
  const session = await TestSession.start(fleet.hub.socketPath, name, { argv, server });
  await session.printed(NUMBERS_FROM);
  return session;
}

/** What came are the lines that were printed, each byte once. */
function assertWhole(bytes: Buffer): void {
  const end = bytes.byteLength;
  assert.ok(end > NUMBERS_FROM);
  assert.equal(bytes.subarray(NUMBERS_FROM).equals(numberedLines(NUMBERS_FROM, end)), true, "a hole or a repetition");
}

describe("a member that freezes", () => {
  it("is unavailable after its silence, named in lists, and back with every byte when it goes on", async () => {
    await using fleet = await startFleet({ members: ["web-1", "web-2"], hub });
    const [frozen, other] = [fleet.member("web-1"), fleet.member("web-2")];
    const session = await printing(fleet, "prints", "web-1");
    const viewer = await RawViewer.open(fleet.hub.socketPath, "prints", { from: 0 });
    const elsewhere = await TestSession.start(fleet.hub.socketPath, "elsewhere", {
      argv: [fixture("say")],
      server: "web-2",
      ready: "ready",
    });
    await viewer.until("it streams", ({ end }) => end > 4_096);
    const { pid } = await session.info();
    frozen.freeze();
    await fleet.becomes("web-1", "unavailable", "silent");
    const { json: server } = await fleet.hub.ask({ path: "/servers/web-1" });
    assert.ok(server.link_log.some(({ event }: { event: string }) => event === "unavailable silent"));
    const listed = await fleet.hub.ask({ path: "/sessions" });
    assert.deepEqual([listed.headers["fleetty-partial"], listed.json.length], ["web-1", 1]);
    const asked = await fleet.hub.ask({ path: "/sessions/prints" });
    assert.equal(asked.json.error.code, "server_unavailable");
    await elsewhere.type("still here\\n\n");
    await elsewhere.shows("still here");
    assert.equal((await fleet.server("web-2")).health, "healthy");
    assert.ok(await other.answers());
    const seen = viewer.end;
    frozen.thaw();
    await fleet.becomes("web-1", "healthy");
    await viewer.until("it goes on where it was", ({ end }) => end > seen + 4_096);
    assert.deepEqual(viewer.gaps, []);
    assertWhole(viewer.bytes);
    assert.equal((await session.info()).pid, pid);
    viewer.close();
  });
});

describe("a cable that is cut", () => {
  it("in either direction or both loses no byte, and types nothing twice", async () => {
    await using fleet = await startFleet({ members: [], hub });
    await using member = await startServer({ tcp: true, args: ["--hostname", "web-1"] });
    using folder = mkdtempDisposableSync("/tmp/ft-cut-");
    const typed = join(folder.path, "typed");
    const proxy = await fleet.addBehindProxy(member, "web-1");
    await printing(fleet, "prints", "web-1");
    const argv = [fixture("record-input"), typed];
    await TestSession.start(fleet.hub.socketPath, "types", { argv, server: "web-1", ready: "ready" });
    const output = new ResumingViewer(fleet.hub.socketPath, "prints", "reader");
    const input = new ResumingViewer(fleet.hub.socketPath, "types", "typist");
    const words: string[] = [];
    const type = (count: number) => {
      for (let at = 0; at < count; at += 1) {
        words.push(`word-${words.length}.`);
        input.type(words.at(-1) as string);
      }
    };
    const goesOn = async () => {
      const seen = output.end;
      await waitUntil("output goes on", () => output.end > seen + 4_096, { seen: () => output.end });
    };
    await goesOn();
    for (const direction of ["up", "down", "both"] as const satisfies readonly Direction[]) {
      type(20);
      proxy.cut(direction);
      type(20);
      await fleet.becomes("web-1", "unavailable", "silent");
      type(20);
      proxy.heal();
      await fleet.becomes("web-1", "healthy");
      await waitUntil("all is typed", () => input.pendingCount === 0, { seen: () => input.pendingCount });
      await goesOn();
      // What the terminal has is acknowledged before the program has read it.
      const read = () => readFileSync(typed, "utf8");
      await waitUntil("all is read", () => read().length >= words.join("").length, { seen: read });
      assert.equal(read(), words.join(""), `cut ${direction}`);
      assert.deepEqual(output.gaps, []);
      assertWhole(output.bytes);
    }
    await output.close();
    await input.close();
  });
});

describe("a link that is lost again and again", () => {
  it("is said to flap, as a condition and as an event, and works", async () => {
    await using fleet = await startFleet({ members: [], hub });
    await using member = await startServer({ tcp: true, args: ["--hostname", "web-1"] });
    const proxy = await fleet.addBehindProxy(member, "web-1");
    for (let loss = 1; loss <= 3; loss += 1) {
      assert.deepEqual((await fleet.server("web-1")).conditions, [], `before loss ${loss}`);
      proxy.cut();
      proxy.heal();
      await fleet.becomes("web-1", "unavailable");
      await fleet.becomes("web-1", "healthy");
    }
    const { conditions } = await fleet.server("web-1");
    assert.deepEqual([conditions.length, conditions[0].type], [1, "Flapping"]);
    const path = "/events?types=server.condition&cursor=oldest&limit=1";
    const { json } = await fleet.hub.ask({ path, headers: { accept: "application/json" } });
    const [{ server, data }] = json.events;
    assert.deepEqual([server, data.condition, data.active], ["web-1", "Flapping", true]);
    assert.ok(await member.answers());
  });
});

describe("a hub that dies", () => {
  it("ends nothing: a remote session prints on, is waited for, and is streamed without a hole when the hub is back", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const session = await printing(fleet, "prints", "web-1");
    const viewer = new ResumingViewer(fleet.hub.socketPath, "prints", "reader");
    await waitUntil("it streams", () => viewer.end > 4_096, { seen: () => viewer.end });
    const { pid } = await session.info();
    await fleet.hub.kill();
    assert.equal((await fleet.member("web-1").ask({ path: "/sessions/prints" })).json.pid, pid);
    const seen = viewer.end;
    await fleet.hub.start();
    await fleet.becomes("web-1", "healthy");
    await waitUntil("it is streamed again", () => viewer.end > seen + 4_096, { seen: () => viewer.end });
    assert.deepEqual(viewer.gaps, []);
    assertWhole(viewer.bytes);
    const found = await fleet.hub.ask({ path: "/sessions/prints" });
    assert.deepEqual([found.json.pid, found.json.server], [pid, "web-1"]);
    await viewer.close();
  });
});

describe("a hub that is started again while a member is away", () => {
  it("knows what that member had, and says of when", async () => {
    await using fleet = await startFleet({ members: ["web-1"], hub });
    const member = fleet.member("web-1");
    const argv = ["/bin/cat"];
    const { json: made } = await fleet.hub.ask({ path: "/sessions", body: { name: "kept", argv, server: "web-1" } });
    await fleet.hub.ask({ method: "PATCH", path: "/sessions/kept", body: { add_tags: ["ci"] } });
    await fleet.hub.ask({ path: "/sessions", body: { name: "over", argv, server: "web-1" } });
    await fleet.hub.ask({ method: "DELETE", path: "/sessions/over" });
    const told = { path: "/events?cursor=oldest&types=session.exited", headers: { accept: "application/json" } };
    assert.equal((await fleet.hub.ask(told)).json.events.length, 1);
    await fleet.hub.stop();
    member.freeze();
    await fleet.hub.start();
    for (const path of ["/sessions/kept", `/sessions/${made.id}`, "/sessions/kept/screen"]) {
      const { status, json } = await fleet.hub.ask({ path });
      assert.deepEqual([status, json.error.code], [503, "server_unavailable"], path);
    }
    const listed = await fleet.hub.ask({ path: "/sessions?include=unreachable&tag=ci" });
    const [{ id, state, as_of: asOf, server }, ...others] = listed.json;
    assert.deepEqual([id, state, server, others], [made.id, "unreachable", "web-1", []]);
    assert.ok(asOf >= made.created_at && asOf <= new Date().toISOString(), asOf);
    const ended = await fleet.hub.ask({ path: "/sessions?include=unreachable,exited" });
    assert.deepEqual(
      ended.json.map((info: { name: string; state: string }) => [info.name, info.state]),
      [
        ["kept", "unreachable"],
        ["over", "exited"],
      ],
    );
    member.thaw();
    await fleet.becomes("web-1", "healthy");
    assert.equal((await fleet.hub.ask({ path: "/sessions/kept" })).json.pid, made.pid);
  });
});

describe("a member that comes back", () => {
  it("under another hostname is the same server, with its sessions", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    const { id } = await fleet.server("web-1");
    const body = { name: "build", argv: ["/bin/cat"], server: "web-1" };
    const { json: made } = await fleet.hub.ask({ path: "/sessions", body });
    await member.stop();
    const args = ["--hostname", "web-9", "--bind", `127.0.0.1:${port}`];
    await using renamed = await startServer({ home: member.home, args });
    await fleet.becomes("web-9", "healthy");
    assert.equal((await fleet.server("web-9")).id, id);
    assert.equal((await fleet.hub.ask({ path: "/servers/web-1" })).json.error.code, "server_not_found");
    assert.equal((await fleet.hub.ask({ path: `/sessions/${made.id}` })).json.server, "web-9");
    assert.ok(await renamed.answers());
  });

  it("as another server is not believed", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    await member.stop();
    const args = ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`];
    await using impostor = await startServer({ args, env: { FLEETTY_TOKEN: member.token } });
    await fleet.becomes("web-1", "rejected", "bad_identity");
    const refused = await fleet.hub.ask({ path: "/sessions", body: { server: "web-1" } });
    assert.equal(refused.json.error.code, "server_unavailable");
    assert.deepEqual((await impostor.ask({ path: "/sessions?include=exited" })).json, []);
    await impostor.stop();
  });
});

describe("two hubs that have each other", () => {
  it("list the sessions of each once, and reach them", async () => {
    await using one = await startServer({ tcp: true, args: ["--hostname", "one"] });
    await using fleet = await startFleet({ members: [], hub: { tcp: true } });
    await fleet.addServer(one, "one");
    const { port } = await fleet.hub.tcp();
    const body = { address: `http://127.0.0.1:${port}`, token: fleet.hub.token };
    assert.equal((await one.ask({ path: "/servers", body })).status, 201);
    await waitUntil(
      "each has the other",
      async () => (await one.ask({ path: "/servers/hub-1" })).json.health === "healthy",
    );
    for (const [server, name] of [
      [one, "at-one"],
      [fleet.hub, "at-hub"],
    ] as const) {
      assert.equal((await server.ask({ path: "/sessions", body: { name, argv: ["/bin/cat"] } })).status, 201);
    }
    for (const server of [one, fleet.hub]) {
      const names = async () =>
        (await server.ask({ path: "/sessions" })).json.map(({ name }: { name: string }) => name);
      await waitUntil("both are listed once", async () => (await names()).sort().join() === "at-hub,at-one", {
        seen: names,
      });
      for (const name of ["at-one", "at-hub"]) {
        const found = async () => (await server.ask({ path: `/sessions/${name}/screen` })).status === 200;
        await waitUntil(`${name} is reached`, found);
      }
    }
  });
});

describe("an address behind which", () => {
  let fleet: TestFleet;
  const opened = new AsyncDisposableStack();

  before(async () => {
    fleet = await startFleet({ members: [] });
  });
  after(async () => {
    await opened.disposeAsync();
    await fleet[Symbol.asyncDispose]();
  });

  /** Adds what listens there, and gives what is said of it once it is unavailable. */
  async function added(port: number): Promise<{ reason: string; detail: string; text: string }> {
    const address = `http://127.0.0.1:${port}`;
    const { status } = await fleet.hub.ask({
      path: "/servers",
      body: { address, token: "a token for whoever is there" },
    });
    assert.equal(status, 201);
    await fleet.becomes(address, "unavailable");
    const server = await fleet.server(address);
    const { detail } = server.link_log.at(-1);
    return { reason: server.reason, detail, text: JSON.stringify(server) };
  }

  function http(status: number, headers: Record<string, string> = {}): Promise<number> {
    const server = createServer((_, response) => response.writeHead(status, headers).end("SECRET OF THE PEER"));
    server.on("upgrade", (_, socket) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} X\r\n${lines.join("")}content-length: 18\r\n\r\nSECRET OF THE PEER`);
    });
    return listening(server);
  }

  function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
    opened.defer(() => {
      server.close();
    });
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
    );
  }

  it("something answers that refuses is told by its status alone", async () => {
    for (const [status, detail] of [
      [500, "http_500"],
      [404, "http_404"],
      [200, "http_200"],
    ] as const) {
      const said = await added(await http(status));
      assert.deepEqual([said.reason, said.detail], ["dial_failed", detail]);
      assert.doesNotMatch(said.text, /SECRET/);
    }
    const unauthorized = await added(await http(401));
    assert.deepEqual([unauthorized.reason, unauthorized.detail], ["auth_failed", "http_401"]);
  });

  it("something redirects is not followed", async () => {
    let contacted = 0;
    const target = await listening(
      createTcpServer((socket) => {
        contacted += 1;
        socket.destroy();
      }),
    );
    const said = await added(await http(302, { location: `http://127.0.0.1:${target}/link` }));
    assert.deepEqual([said.reason, said.detail, contacted], ["dial_failed", "redirect", 0]);
  });

  it("something speaks another language, or breaks off, is not reached, and its words are not repeated", async () => {
    const garbage = await listening(createTcpServer((socket) => socket.end("SSH-2.0-SECRET OF THE PEER\r\n")));
    const mute = await listening(createTcpServer((socket) => socket.once("data", () => socket.destroy())));
    for (const port of [garbage, mute]) {
      const said = await added(port);
      assert.equal(said.reason, "dial_failed");
      assert.doesNotMatch(said.text, /SECRET/);
    }
    assert.doesNotMatch(fleet.hub.log, /SECRET/);
  });

  it("nobody ever answers is given up in time", async () => {
    const said = await added(await listening(createTcpServer(() => {})));
    assert.deepEqual([said.reason, said.detail], ["dial_failed", "no_answer"]);
  });
});
