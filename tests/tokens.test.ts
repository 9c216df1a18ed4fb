// Named tokens, given away and taken back: each may do what it was given, sees what it was given, at the hub and at a member
// that a hub reaches with one, and is worth nothing from the moment when it is over.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { auditOf, hubDb } from "./harness/audit.ts";
import { FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Ask } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import type { TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let fleet: TestFleet;
let hub: TestServer;
let member: TestServer;

before(async () => {
  fleet = await startFleet({ members: ["web-1"], hub: { tcp: true } });
  hub = fleet.hub;
  member = fleet.member("web-1");
});
after(() => fleet[Symbol.asyncDispose]());

/** What is asked with one token. */
class Bearer {
  readonly id: string;
  readonly token: string;
  readonly #server: TestServer;

  constructor(server: TestServer, { id, token }: { id: string; token: string }) {
    this.#server = server;
    this.id = id;
    this.token = token;
  }

  static async made(server: TestServer, body: object): Promise<Bearer> {
    const { status, json, body: text } = await server.ask({ path: "/tokens", body });
    assert.equal(status, 201, String(text));
    return new Bearer(server, json);
  }

  ask(asked: Ask) {
    return this.#server.askTcp(asked, this.token);
  }

  get(path: string) {
    return this.ask({ path });
  }

  async names(): Promise<string[]> {
    const { json } = await this.get("/sessions");
    return json.map(({ server, name }: { server: string; name: string }) => `${server}/${name}`);
  }

  /** A viewer of `session`. */
  async watch(session: string): Promise<TcpSocket> {
    const { port } = await this.#server.tcp();
    const url = `ws://127.0.0.1:${port}/sessions/${session}/ws/raw?snapshot=1`;
    return TcpSocket.ask(url, { headers: { authorization: `Bearer ${this.token}` } });
  }

  /** A wait that only the end of the session or of the right to wait answers. */
  wait(session: string) {
    const signal = AbortSignal.timeout(60_000);
    return this.ask({
      path: `/sessions/${session}/wait`,
      body: { until: { exit: true }, max_wait_ms: 300_000 },
      signal,
    });
  }

  async takeBack(): Promise<void> {
    assert.equal((await this.#server.ask({ method: "DELETE", path: `/tokens/${this.id}` })).status, 204);
  }
}

/** A session that root has started; `tags` are given to it. */
async function say(name: string, { server, tags = [] }: { server?: string; tags?: string[] } = {}) {
  const options = { argv: [fixture("say")], ready: "ready", ...(server !== undefined && { server }) };
  const session = await TestSession.start(hub.socketPath, name, options);
  if (tags.length > 0) await tag(session, { add_tags: tags });
  return session;
}

/** The hub leaves its member, and comes back with another token, or over another way. */
async function relink(token: string, port: number): Promise<void> {
  assert.equal((await hub.ask({ method: "DELETE", path: "/servers/web-1" })).status, 204);
  const added = { path: "/servers", body: { address: `http://127.0.0.1:${port}`, token } };
  assert.equal((await hub.ask(added)).status, 201);
  await fleet.becomes("web-1", "healthy");
}

async function tag(session: TestSession, body: object): Promise<void> {
  assert.equal((await session.ask("", { method: "PATCH", body })).status, 200);
}

describe("a token that may observe", () => {
  it("is made and shown once by the command line, looks at everything, and changes nothing", async () => {
    const made = await hub.fleetty(["tokens", "add", "watcher", "--verbs", "observe", "--expires", "12h"]);
    assert.match(made.stdout, /^fty_[A-Za-z0-9]{43}\n$/, made.stderr);
    const watcher = new Bearer(hub, { id: "", token: made.stdout.trim() });
    const session = await say("build");
    assert.deepEqual(await watcher.names(), ["hub-1/build"]);
    const viewer = await watcher.watch("build");
    await session.type("for everybody\\n\n");
    await viewer.shows("for everybody");
    assert.match((await watcher.get("/sessions/build/screen?format=plain")).body.toString(), /for everybody/);
    for (const [asked, verb] of [
      [{ path: "/sessions/build/input", body: "rm\n" }, "input"],
      [{ path: "/sessions", body: {} }, "create"],
      [{ path: "/sessions/build", method: "DELETE" }, "kill"],
      [{ path: "/servers/web-1", method: "DELETE" }, "fleet"],
      [{ path: "/tokens", body: { name: "more", verbs: ["observe"] } }, "admin"],
      [{ path: "/tokens" }, "admin"],
    ] as const) {
      assert.deepEqual(assertRefused(await watcher.ask(asked), "forbidden").details, { verb });
    }
    viewer.type("rm\n");
    assert.equal(await viewer.closed(), 1008);
    const whoami = (await watcher.get("/auth/session")).json;
    assert.deepEqual([whoami.principal, whoami.kind, whoami.verbs, whoami.on], ["watcher", "agent", ["observe"], "*"]);

    const { stdout } = await hub.fleetty(["tokens", "ls"]);
    assert.match(stdout, /^NAME .*\nwatcher +agent +observe +\* +- +in 11h\S* +\S+ ago +tok_\w+\n$/);
    const listed = JSON.parse((await hub.fleetty(["tokens", "ls", "--json"])).stdout);
    assert.deepEqual([listed.items.length, listed.next_cursor, listed.items[0].name], [1, null, "watcher"]);
    const entries = auditOf(hub);
    const refused = entries.filter(({ principal, outcome }) => principal === "watcher" && outcome === "forbidden");
    assert.ok(refused.some(({ operation }) => operation === "tokens.create"));
    assert.equal(JSON.stringify([listed, entries]).includes(watcher.token), false);
    assert.equal((await hub.fleetty(["tokens", "rm", listed.items[0].id])).code, 0);
    assertRefused(await watcher.get("/sessions"), "auth_invalid");
    await session.kill();
  });

  it("is refused where it would be more than it says", async () => {
    const refusals = [
      [{ name: "x", verbs: ["observe"], on: "web-*" }, "invalid_selector"],
      [{ name: "x", verbs: ["observe"], on: "H-A" }, "invalid_selector"],
      [{ name: "x", verbs: ["observe"], tags: ["a b"] }, "invalid_tag"],
      [{ name: "root", verbs: ["observe"] }, "invalid_body"],
      [{ name: "a/b", verbs: ["observe"] }, "invalid_body"],
      [{ name: "x", verbs: [] }, "invalid_body"],
      [{ name: "x", verbs: ["audit"] }, "invalid_body"],
      [{ name: "x", verbs: ["admin"], tags: ["ci"] }, "invalid_body"],
      [{ name: "x", verbs: ["admin"], on: "web-1" }, "invalid_body"],
      [{ name: "x", verbs: ["observe"], expires_in_ms: 59_999 }, "invalid_body"],
    ] as const;
    for (const [body, code] of refusals) assertRefused(await hub.ask({ path: "/tokens", body }), code);
    assertRefused(await hub.ask({ path: "/tokens?cursor=x" }), "invalid_cursor");
    assertRefused(await hub.ask({ method: "DELETE", path: "/tokens/tok_nobody" }), "token_not_found");
  });
});

describe("a token of some tags", () => {
  it("sees the sessions that carry one, on every server, and no others by any name", async () => {
    const ci = await Bearer.made(hub, {
      name: "ci",
      verbs: ["observe", "input", "create", "kill"],
      tags: ["ci", "qa"],
    });
    const hidden = await say("build", { tags: ["prod"] });
    const seen = await say("build", { server: "web-1", tags: ["qa"] });
    const away = await say("secret", { server: "web-1" });
    assert.deepEqual(await ci.names(), ["web-1/build"]);
    assert.equal((await ci.get("/sessions/build")).json.server, "web-1");
    const { id } = await hidden.info();
    for (const session of ["hub-1%2Fbuild", "local%2Fbuild", id, "secret", "web-1%2Fsecret", (await away.info()).id]) {
      assertRefused(await ci.get(`/sessions/${session}`), "session_not_found");
      assertRefused(await ci.ask({ path: `/sessions/${session}/input`, body: "x" }), "session_not_found");
      const { refusal } = await ci.watch(session);
      assertRefused(refusal ?? assert.fail(`${session} is watched`), "session_not_found");
    }
    const { json: servers } = await ci.get("/servers");
    assert.deepEqual(
      servers.map(({ hostname, sessions }: { hostname: string; sessions: number }) => [hostname, sessions]),
      [
        ["hub-1", 0],
        ["web-1", 1],
      ],
    );
    assert.equal((await ci.get("/server/info")).json.session_count, 0);
    assert.equal((await ci.get("/server/info?server=web-1")).json.session_count, 1);
    assertRefused(await ci.get("/metrics"), "forbidden");
    for (const server of ["web-1", "hub-1"]) {
      const created = await ci.ask({
        path: "/sessions",
        body: { name: "mine", argv: ["/bin/cat"], server, tags: ["x"] },
      });
      assert.deepEqual(created.json.tags, ["ci", "x"], String(created.body));
      const path = `/sessions/${server}%2Fmine`;
      assert.equal((await ci.get(path)).json.server, server);
      assert.equal((await ci.ask({ method: "DELETE", path })).status, 204);
    }
    await ci.takeBack();
    for (const session of [hidden, seen, away]) await session.kill();
  });

  it("loses a session that loses its tag, with what waits for it and watches it, and gains one that gets it", async () => {
    const ci = await Bearer.made(hub, { name: "ci", verbs: ["observe"], tags: ["ci"] });
    for (const server of ["hub-1", "web-1"]) {
      const session = await say("job", { server });
      const name = `${server}%2Fjob`;
      assertRefused(await ci.get(`/sessions/${name}`), "session_not_found");
      await tag(session, { add_tags: ["ci"] });
      await waitUntil("it is seen", async () => (await ci.get(`/sessions/${name}`)).status === 200);
      const wait = ci.wait(name);
      const viewer = await ci.watch(name);
      const other = await RawViewer.open(hub.socketPath, name);
      await viewer.shows("ready");
      await tag(session, { remove_tags: ["ci"] });
      assertRefused(await wait, "session_not_found");
      await viewer.closed();
      assertRefused(await ci.get(`/sessions/${name}`), "session_not_found");
      await session.type("still here\\n\n");
      await waitUntil("others watch on", () => String(other.bytes).includes("still here"));
      await session.kill();
    }
    await ci.takeBack();
  });

  it("loses one whose tag was taken while its server could not be reached", async () => {
    await using proxy = await FaultProxy.open(await member.tcp(), "tcp");
    await relink(member.token, proxy.port);
    const ci = await Bearer.made(hub, { name: "ci", verbs: ["observe"], tags: ["ci"] });
    const session = await say("cut", { server: "web-1", tags: ["ci"] });
    const viewer = await ci.watch("cut");
    await viewer.shows("ready");
    proxy.freeze("down");
    const path = "/sessions/cut";
    assert.equal((await member.ask({ method: "PATCH", path, body: { remove_tags: ["ci"] } })).status, 200);
    proxy.cut();
    proxy.heal();
    await viewer.closed();
    assertRefused(await ci.get(path), "session_not_found");
    await session.kill();
    await ci.takeBack();
    await relink(member.token, (await member.tcp()).port);
  });
});

describe("a token of some servers", () => {
  it("sees those alone, also when it does not say where", async () => {
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { labels: { env: "staging" } } });
    const staging = await Bearer.made(hub, {
      name: "staging",
      verbs: ["observe", "create", "kill"],
      on: "@env=staging",
    });
    const here = await say("here");
    const there = await say("there", { server: "web-1" });
    const servers = async () =>
      (await staging.get("/servers")).json.map(({ hostname }: { hostname: string }) => hostname);
    assert.deepEqual([await servers(), await staging.names()], [["web-1"], ["web-1/there"]]);
    for (const path of ["/servers/hub-1", "/servers/local", "/sessions?server=local", "/sessions/local%2Fhere"]) {
      assertRefused(await staging.get(path), "server_not_found");
    }
    assertRefused(await staging.get("/sessions/here"), "session_not_found");
    assertRefused(await staging.ask({ path: "/sessions", body: { argv: ["/bin/cat"] } }), "server_not_found");
    const body = { name: "made", argv: ["/bin/cat"] };
    for (const where of [{ server: "web-1" }, { on: "*" }]) {
      const made = await staging.ask({ path: "/sessions", body: { ...body, ...where } });
      assert.deepEqual([made.status, made.json.server], [201, "web-1"], String(made.body));
      assert.equal((await staging.ask({ method: "DELETE", path: "/sessions/made" })).status, 204);
    }
    assertRefused(await staging.ask({ path: "/sessions", body: { ...body, on: "hub-1" } }), "server_not_found");
    const { targets } = (await staging.ask({ path: "/servers/resolve", body: { on: "*" } })).json;
    assert.deepEqual(targets, [{ server: "web-1", health: "healthy" }]);
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { labels: { env: "prod" } } });
    assert.deepEqual([await servers(), await staging.names()], [[], []]);
    assertRefused(await staging.get("/sessions/there"), "session_not_found");
    await staging.takeBack();
    for (const session of [here, there]) await session.kill();
  });
});

describe("a token that is over", () => {
  it("takes its sockets and waits along at once, here and on members, and leaves those of others", async () => {
    const session = await say("long", { server: "web-1" });
    const ended = await Bearer.made(hub, { name: "ended", verbs: ["observe"] });
    const other = await Bearer.made(hub, { name: "other", verbs: ["observe"] });
    const wait = ended.wait("long");
    const viewers = [await ended.watch("long"), await other.watch("long")];
    for (const viewer of viewers) await viewer.shows("ready");
    await ended.takeBack();
    assert.equal(await viewers[0]?.closed(), 4401);
    assertRefused(await wait, "auth_invalid");
    assertRefused(await ended.get("/sessions"), "auth_invalid");
    await session.type("for the other\\n\n");
    await viewers[1]?.shows("for the other");
    await viewers[1]?.close();
    await other.takeBack();
    await session.kill();
  });

  it("is that over a restart too, whether it was taken back or has expired, and others are kept", async () => {
    const kept = await Bearer.made(hub, { name: "kept", verbs: ["observe"], on: "web-1,local", tags: ["ci"] });
    const expired = await Bearer.made(hub, { name: "expired", verbs: ["observe"] });
    const gone = await Bearer.made(hub, { name: "gone", verbs: ["observe"] });
    for (const one of [kept, expired]) assert.equal((await one.get("/sessions")).status, 200);
    await gone.takeBack();
    await hub.stop();
    {
      using database = new DatabaseSync(hubDb(hub));
      const set = database.prepare("UPDATE tokens SET expires_at = '2001-01-01T00:00:00.000Z' WHERE id = ?");
      assert.equal(set.run(expired.id).changes, 1);
    }
    await hub.start();
    await fleet.becomes("web-1", "healthy");
    assert.deepEqual((await kept.get("/auth/session")).json.tags, ["ci"]);
    for (const one of [expired, gone]) assertRefused(await one.get("/sessions"), "auth_invalid");
    const { json } = await hub.ask({ path: "/tokens" });
    const listed = json.items.map(({ name, last_used_at }: Record<string, unknown>) => [name, last_used_at !== null]);
    assert.deepEqual(listed.sort(), [
      ["expired", true],
      ["kept", true],
    ]);
    for (const one of [kept, expired]) await one.takeBack();
  });
});

describe("a hub that has a named token of a member", () => {
  async function linkedWith(body: object): Promise<Bearer> {
    const token = await Bearer.made(member, body);
    await relink(token.token, (await member.tcp()).port);
    return token;
  }

  it("may look where the token may only look, whoever asks it", async () => {
    const session = await say("far", { server: "web-1" });
    const looker = await linkedWith({ name: "looker", verbs: ["observe"] });
    assert.match((await session.ask("/screen?format=plain")).body.toString(), /ready/);
    const viewer = await RawViewer.open(hub.socketPath, "far", { snapshot: true });
    viewer.type(1, "rm\n");
    await waitUntil("the viewer is refused", () => viewer.texts.some(({ type }) => type === "error"), {
      seen: () => viewer.texts,
    });
    for (const [asked, verb] of [
      [{ path: "/sessions/far/input", body: "rm\n" }, "input"],
      [{ path: "/sessions", body: { server: "web-1" } }, "create"],
      [{ path: "/sessions/far", method: "DELETE" }, "kill"],
    ] as const) {
      assert.deepEqual(assertRefused(await hub.ask(asked), "forbidden").details, { verb, server: "web-1" });
    }
    const refused = auditOf(member).filter(({ outcome }) => outcome === "forbidden");
    assert.deepEqual(new Set(refused.map(({ principal }) => principal)), new Set(["looker/local"]));
    await looker.takeBack();
    await fleet.becomes("web-1", "unavailable", "auth_failed");
    assert.equal((await member.ask({ method: "DELETE", path: "/sessions/far" })).status, 204);
  });

  it("is told of sessions that the token sees, as their tags come and go, and what it creates carries its tag", async () => {
    const local = await TestSession.start(member.socketPath, "hidden", { argv: [fixture("say")], ready: "ready" });
    const { id } = await local.info();
    await linkedWith({ name: "part", verbs: ["observe", "create", "kill"], tags: ["ci"] });
    const list = async () => (await hub.ask({ path: "/sessions" })).json.map(({ name }: { name: string }) => name);
    assert.deepEqual([await list(), (await fleet.server("web-1")).sessions], [[], 0]);
    for (const session of ["web-1%2Fhidden", id]) {
      assertRefused(await hub.ask({ path: `/sessions/${session}` }), "session_not_found");
    }
    await tag(local, { add_tags: ["ci"] });
    await waitUntil(
      "the hub has heard of it",
      async () => (await hub.ask({ path: "/sessions/hidden" })).status === 200,
    );
    const viewer = await RawViewer.open(hub.socketPath, "hidden", { snapshot: true });
    const wait = hub.ask({
      path: "/sessions/hidden/wait",
      body: { until: { exit: true } },
      signal: AbortSignal.timeout(60_000),
    });
    await tag(local, { remove_tags: ["ci"] });
    assertRefused(await wait, "session_not_found");
    await waitUntil("the viewer has lost it", () => viewer.closed !== null, { seen: () => viewer.texts });
    await waitUntil("the hub has lost it", async () => (await hub.ask({ path: "/sessions/hidden" })).status === 404);
    assert.deepEqual([await list(), (await fleet.server("web-1")).sessions], [[], 0]);
    const body = { name: "made", argv: ["/bin/cat"], server: "web-1" };
    assert.deepEqual((await hub.ask({ path: "/sessions", body })).json.tags, ["ci"]);
    assert.equal((await hub.ask({ method: "DELETE", path: "/sessions/made" })).status, 204);
    await local.kill();
  });
});
