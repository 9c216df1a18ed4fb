// Who may write to a session: its lease as callers of every kind meet it, on the server that they ask and on a member of its
// fleet alike; by HTTP, by WebSocket and by the command line, and as it is told to whoever follows.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import { EventReader } from "./harness/event-reader.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import type { Answer, Ask } from "./harness/http.ts";
import { PlainViewer } from "./harness/plain-viewer.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let fleet: TestFleet;
let hub: TestServer;
let client: Client;
/** Tokens by name: two agents, a person, and an agent that may do everything. */
const tokens: Record<string, string> = {};

before(async () => {
  fleet = await startFleet({ members: ["web-1"], hub: { tcp: true } });
  hub = fleet.hub;
  client = hub.client();
  for (const [name, kind, verb] of [
    ["ci", "agent", "input"],
    ["bot", "agent", "input"],
    ["ada", "human", "input"],
    ["boss", "agent", "admin"],
  ] as const) {
    const body = { name, kind, verbs: ["observe", verb] };
    tokens[name] = (await hub.ask({ path: "/tokens", body })).json.token;
  }
});

after(async () => {
  client.close();
  await fleet[Symbol.asyncDispose]();
});

let made = 0;

async function start(server: string, argv = ["/bin/cat"]): Promise<string> {
  made += 1;
  const body = { name: `leased-${made}`, argv, server };
  const { status, json } = await hub.ask({ path: "/sessions", body });
  assert.equal(status, 201, JSON.stringify(json));
  return json.id;
}

function as(name: string, asked: Ask): Promise<Answer> {
  return hub.askTcp(asked, tokens[name] as string);
}

function lease(name: string, session: string, body: object = {}): Promise<Answer> {
  return as(name, { path: `/sessions/${session}/lease`, body });
}

function release(name: string, session: string, id: string): Promise<Answer> {
  return as(name, { method: "DELETE", path: `/sessions/${session}/lease?lease=${id}` });
}

/** What it takes to write in each way that a request can; nothing of it is kept from its program. */
function writes(session: string, id?: string): readonly Ask[] {
  const body = id === undefined ? {} : { lease: id };
  const query = id === undefined ? "" : `?lease=${id}`;
  return [
    { path: `/sessions/${session}/input${query}`, body: "x" },
    { path: `/sessions/${session}/keys`, body: { keys: ["x"], ...body } },
    { path: `/sessions/${session}/paste`, body: { text: "x", ...body } },
    { path: `/sessions/${session}/resize`, body: { rows: 30, cols: 100, ...body } },
  ];
}

for (const server of ["hub-1", "web-1"]) {
  /** As the server that has the session calls who asks through another. */
  const called = (name: string) => (server === "hub-1" ? name : `root/${name}`);

  describe(`a lease on ${server === "hub-1" ? "the server that is asked" : "a member"}`, () => {
    it("keeps everybody else from writing, and from nothing else", async () => {
      const session = await start(server);
      const { status, json: held } = await lease("ci", session);
      const { id, expires_at, generation, offset, epoch, ...whose } = held;
      assert.deepEqual([status, whose], [201, { holder: called("ci"), kind: "agent" }]);
      const { json: info } = await as("bot", { path: `/sessions/${session}` });
      assert.deepEqual(info.lease, { ...whose, expires_at });
      assert.deepEqual([info.generation, info.offset, info.epoch], [generation, offset, epoch]);
      for (const asked of writes(session)) {
        const { details } = assertRefused(await as("bot", asked), "lease_held");
        assert.deepEqual({ ...details, may_have_run: undefined }, { ...whose, expires_at, may_have_run: undefined });
        assertRefused(await as("ci", asked), "lease_held");
      }
      for (const asked of writes(session, "lea_of_nobody")) assertRefused(await as("bot", asked), "lease_lost");
      assertRefused(await release("bot", session, "lea_of_nobody"), "lease_held");
      for (const asked of writes(session, id)) assert.equal((await as("ci", asked)).status, 200);
      const signal = { path: `/sessions/${session}/signal`, body: { signal: "WINCH" } };
      for (const asked of [{ path: `/sessions/${session}/screen` }, signal])
        assert.equal((await as("bot", asked)).status, 200);
      assert.equal((await release("ci", session, id)).status, 204);
      assert.equal((await release("ci", session, id)).status, 204);
      for (const asked of writes(session)) assert.equal((await as("bot", asked)).status, 200);
      for (const asked of writes(session, id)) assertRefused(await as("ci", asked), "lease_lost");
    });

    it("is taken over by whom it may be, and lost to who had it", async () => {
      const session = await start(server);
      const { json: first } = await lease("ci", session);
      assertRefused(await lease("bot", session), "lease_held");
      const { json: second } = await lease("bot", session, { take_over: true });
      assert.equal(second.holder, called("bot"));
      for (const asked of writes(session, first.id)) {
        const { details } = assertRefused(await as("ci", asked), "lease_lost");
        assert.equal(details["holder"], called("bot"));
      }
      assertRefused(await lease("ci", session, { lease: first.id }), "lease_lost");
      assertRefused(await lease("bot", session, { kind: "human", take_over: true }), "forbidden");
      const { json: third } = await lease("ada", session, { kind: "human", take_over: true });
      assert.deepEqual([third.holder, third.kind], [called("ada"), "human"]);
      // A person is not pushed aside by an agent, not even by one that came in over a link with all rights.
      assertRefused(await lease("ci", session, { take_over: true }), "lease_held");
      const renewed = await lease("ada", session, { lease: third.id, ttl_ms: 600_000 });
      assert.deepEqual([renewed.status, renewed.json.id], [200, third.id]);
      assert.ok(renewed.json.expires_at > third.expires_at);
      assertRefused(await lease("boss", session, { kind: "human", take_over: true }), "forbidden");
      const { json: fourth } = await lease("boss", session, { take_over: true });
      assert.equal(fourth.holder, called("boss"));
      assertRefused(await as("ada", writes(session, third.id)[0] as Ask), "lease_lost");
    });

    it("goes to those who wait for it, and is over with its time", async () => {
      const session = await start(server);
      const { json: first } = await lease("ci", session, { ttl_ms: 600_000 });
      const second = lease("bot", session, { wait_ms: 60_000, ttl_ms: 1_000 });
      const stillWaits = lease("ada", session, { wait_ms: 1 });
      assertRefused(await stillWaits, "lease_held");
      assert.equal((await release("ci", session, first.id)).status, 204);
      assert.equal((await second).json.holder, called("bot"));
      // Its second passes.
      const third = await lease("ci", session, { wait_ms: 60_000 });
      assert.deepEqual([third.status, third.json.holder], [201, called("ci")]);
      assertRefused(await as("bot", writes(session, (await second).json.id)[0] as Ask), "lease_lost");
    });

    it("is told to whoever follows the fleet", async () => {
      const session = await start(server);
      await using reader = new EventReader(client, { session, types: ["session.lease"] });
      await waitUntil("it follows", async () => {
        // Told again and again until the reader is there.
        const { json } = await lease("ci", session, { ttl_ms: 600_000 });
        await release("ci", session, json.id);
        return reader.events.length > 0;
      });
      const { json: first } = await lease("ci", session, { ttl_ms: 600_000 });
      await lease("ci", session, { lease: first.id });
      await lease("ada", session, { kind: "human", take_over: true, ttl_ms: 1_000 });
      const over = ({ data }: { data: Readonly<Record<string, unknown>> }) => data["action"] === "expired";
      await reader.sees("it is over", over);
      assert.deepEqual(
        reader.events.slice(-3).map(({ data }) => data),
        [
          { holder: called("ci"), kind: "agent", action: "taken" },
          { holder: called("ada"), kind: "human", action: "taken_over" },
          { holder: called("ada"), kind: "human", action: "expired" },
        ],
      );
    });

    it("is what a viewer writes by: with its lease or, while there is one, not at all", async () => {
      const session = await start(server);
      const looking = await RawViewer.open(hub.socketPath, session, { client: "looking" });
      looking.type(1, "before\n");
      await looking.until("it may write", () => looking.written() === 1);
      const { json: held } = await lease("ci", session, { ttl_ms: 600_000 });
      const refusals = () => looking.texts.filter(({ type }) => type === "error");
      looking.type(2, "refused\n");
      looking.say({ type: "size", ch: 0, rows: 11, cols: 44 });
      await looking.until("both are refused", () => refusals().length === 2);
      const told = refusals().map(({ input = null, error }) => [input, (error as { code: string }).code]);
      assert.deepEqual(new Set(told.map(String)), new Set(["2,lease_held", ",lease_held"]));
      // Under the lease that it is handed, from then on.
      looking.say({ type: "lease", ch: 0, lease: held.id });
      looking.type(3, "held\n");
      looking.say({ type: "size", ch: 0, rows: 11, cols: 44 });
      await looking.until("it may write", () => looking.written() === 3);
      await looking.until("it may resize", () =>
        looking.texts.some(({ type, rows, cols }) => type === "size" && rows === 11 && cols === 44),
      );
      looking.say({ type: "lease", ch: 0, lease: null });
      looking.type(4, "refused\n");
      await looking.until("it may not", () => refusals().length === 3);
      looking.close();

      const holding = await PlainViewer.open(hub.socketPath, session, { lease: held.id });
      holding.socket.send("plainly\n");
      await holding.until("it may write", ({ bytes }) => bytes.includes("plainly\r\nplainly\r\n"));
      assert.equal((await lease("bot", session, { take_over: true })).status, 201);
      holding.socket.send("refused\n");
      await holding.until("it is told so", ({ closed }) => closed !== null);
      assert.deepEqual(holding.closed, { code: 4409, reason: "lease_held" });
      const { json: output } = await hub.ask({ path: `/sessions/${session}/output` });
      const lines = [...output.text.matchAll(/\w+/g)].map(([word]) => word);
      assert.deepEqual(lines, ["before", "before", "held", "held", "plainly", "plainly"]);
    });

    it("is taken, used and given back by the command line", async () => {
      const session = await start(server);
      const run = (...words: string[]) => hub.fleetty(words);
      const { code, stdout } = await run("lease", session);
      assert.match(stdout, /^lea_[0-9A-Z]{26}\n$/);
      assert.equal(code, 0);
      const id = stdout.trim();
      const refused = await run("send", session, "x");
      assert.deepEqual([refused.code, refused.stderr.includes("[lease_held]")], [5, true], refused.stderr);
      for (const write of [
        ["send", session, "x"],
        ["keys", session, "x"],
        ["paste", session, "x"],
        ["resize", session, "--rows", "20", "--cols", "70"],
      ])
        assert.equal((await run(...write, "--lease", id)).code, 0, write.join(" "));
      const taken = await run("lease", session, "--take-over", "--kind", "human", "--json");
      assert.equal(JSON.parse(taken.stdout).kind, "human", taken.stderr);
      assert.equal((await run("lease", session, "--release", "--lease", id)).code, 5);
      assert.equal((await run("lease", session, "--release")).code, 2);
      const now: string = JSON.parse(taken.stdout).id;
      assert.equal((await run("lease", session, "--release", "--lease", now)).code, 0);
      assert.equal((await run("send", session, "x")).code, 0);
    });
  });
}

describe("a lease", () => {
  it("outlives the server, and its session's last known state says who has it", async () => {
    const session = await start("web-1");
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    const { json: held } = await lease("ci", session, { ttl_ms: 600_000 });
    const known = () => hub.ask({ path: `/sessions/${session}?include=unreachable` });
    await member.kill();
    const away = await waitUntil("it is away", async () => {
      const { json } = await known();
      return json?.state === "unreachable" && json;
    });
    assert.deepEqual(away.lease, { holder: held.holder, kind: held.kind, expires_at: held.expires_at });
    await using _back = await startServer({
      home: member.home,
      args: ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`],
    });
    await fleet.becomes("web-1", "healthy");
    const [input] = writes(session);
    assertRefused(await as("bot", input as Ask), "lease_held");
    assert.equal((await as("ci", writes(session, held.id)[0] as Ask)).status, 200);
  });
});
