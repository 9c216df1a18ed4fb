// What users live through with a server, from its start to what it leaves: one on each instance, told apart by name, that
// goes when it is told and when it was to go by itself, and takes no session with it.
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isAlive, type Known, know } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Creates a session that stays until it is ended; resolves with its process once it runs. */
async function startSession(server: TestServer, name: string): Promise<Known> {
  const { status, json } = await server.ask({ path: "/sessions", body: { name, argv: [fixture("say")] } });
  assert.equal(status, 201, JSON.stringify(json));
  await prints(server, name, { regex: "ready", since: { offset: 0 } });
  return know(json.pid) as Known;
}

async function prints(server: TestServer, session: string, { regex, since }: { regex: string; since: object }) {
  const body = { since, until: { pattern: { regex, on: "output" } } };
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body });
  assert.equal(json.reason, "pattern", `${session} did not print ${regex}: ${JSON.stringify(json)}`);
}

/** Passes when the session's program prints what is typed: it is the one that was started, and it answers. */
async function assertEchoes(server: TestServer, session: string, text: string): Promise<void> {
  const { json: since } = await server.ask({ path: `/sessions/${session}/input`, body: Buffer.from(`${text}\n`) });
  await prints(server, session, { regex: text, since });
}

async function namesOn(server: TestServer): Promise<string[]> {
  const { json } = await server.ask({ path: "/sessions" });
  return json.map(({ name }: { name: string }) => name);
}

describe("a second server on the same instance", () => {
  it("is refused with exit code 8 and the first one's pid, and changes nothing", async () => {
    await using server = await startServer();
    const program = await startSession(server, "build");
    const facts = () => {
      const lasting = ["token", "id"].map((name) => readFileSync(join(server.stateDir, name), "utf8"));
      return [...lasting, ...readdirSync(server.stateDir).sort(), statSync(server.socketPath).ino];
    };
    const before = facts();
    for (const args of [["server"], ["server", "--bind", "127.0.0.1:0"], ["server", "--ephemeral"]]) {
      const { code, stdout, stderr } = await runFleetty(["-L", server.instance, ...args], { home: server.home });
      assert.deepEqual([code, stdout], [8, ""], stderr);
      assert.match(stderr, new RegExp(`already runs on this instance \\(process ${server.pid} .*-L NAME`));
    }
    assert.deepEqual(facts(), before);
    assert.ok(isAlive(program));
    await assertEchoes(server, "build", "untouched");
  });
});

describe("servers of two instances", () => {
  it("have their own sessions, tokens and ends", async () => {
    await using one = await startServer({ instance: "one" });
    await using other = await startServer({ instance: "other", home: one.home });
    await startSession(one, "build");
    await startSession(other, "build");
    await startSession(other, "more");
    assert.deepEqual([await namesOn(one), await namesOn(other)], [["build"], ["build", "more"]]);
    assert.notEqual(one.token, other.token);
    assert.equal((await one.fleetty(["kill", "build"])).code, 0);
    assert.deepEqual([await namesOn(one), await namesOn(other)], [[], ["build", "more"]]);
    assert.equal((await one.fleetty(["stop"])).code, 0);
    await one.ended();
    await assertEchoes(other, "build", "still here");
    assert.equal((await one.fleetty(["ls"])).code, 8);
  });
});

describe("an ephemeral server", () => {
  it("stays while a session lives, and goes with the last one", async () => {
    await using server = await startServer({ args: ["--ephemeral"] });
    await startSession(server, "first");
    await startSession(server, "last");
    await server.fleetty(["kill", "first"]);
    await assertEchoes(server, "last", "alone");
    const { status } = await server.ask({ path: "/sessions/last/input", body: Buffer.from("exit 3\n") });
    assert.equal(status, 200);
    assert.equal(await server.ended(), 0);
    assert.equal(existsSync(server.socketPath), false);
  });

  it("answers whoever ends its last session before it goes", async () => {
    await using server = await startServer({ args: ["--ephemeral"] });
    await startSession(server, "only");
    assert.deepEqual(await server.fleetty(["kill", "only"]), { code: 0, stdout: "", stderr: "" });
    assert.equal(await server.ended(), 0);
  });
});

describe("a server that is told to go", () => {
  const ways: Record<string, (server: TestServer) => Promise<unknown>> = {
    SIGTERM: (server) => server.stop("SIGTERM"),
    SIGINT: (server) => server.stop("SIGINT"),
    "fleetty stop": async (server) => assert.equal((await server.fleetty(["stop"])).code, 0),
  };
  for (const [name, stop] of Object.entries(ways)) {
    it(`by ${name} tells viewers to come back, leaves its sessions and takes its socket away`, async () => {
      await using server = await startServer({ tcp: true });
      const program = await startSession(server, "build");
      const viewer = await RawViewer.open(server.socketPath, "build", { snapshot: true });
      await viewer.until("it is watching", ({ first }) => first !== null);
      await stop(server);
      assert.equal(await server.ended(), 0, server.log);
      await viewer.until("it is told", ({ closed }) => closed !== null);
      assert.deepEqual(viewer.closed, { code: 1001, reason: "server shutting down" });
      assert.equal(existsSync(server.socketPath), false);
      assert.ok(isAlive(program));
      await server.start();
      await assertEchoes(server, "build", "lived on");
      assert.equal((await server.ask({ path: "/sessions/build" })).json.pid, program.pid);
    });
  }

  it("with --end-sessions ends every process of every session, and the hosts", async () => {
    await using server = await startServer();
    const programs = [await startSession(server, "a"), await startSession(server, "b")];
    const hosts = server.hosts();
    assert.equal((await server.fleetty(["stop", "--end-sessions"])).code, 0);
    assert.equal(await server.ended(), 0, server.log);
    await waitUntil("all has ended", () => ![...programs, ...hosts].some(isAlive));
    await server.start();
    const { json } = await server.ask({ path: "/sessions?include=exited" });
    assert.deepEqual(
      json.map(({ name, state, end_reason }: Record<string, string>) => [name, state, end_reason]),
      [
        ["a", "exited", "killed"],
        ["b", "exited", "killed"],
      ],
    );
  });

  it("does not wait for viewers that never answer", async () => {
    await using server = await startServer();
    await startSession(server, "build");
    const viewer = await RawViewer.open(server.socketPath, "build");
    viewer.socket.pause();
    assert.equal(await server.stop(), 0);
    viewer.socket.terminate();
  });
});

describe("a server after one that was killed", () => {
  it("takes over the socket that was left, and every session", async () => {
    await using server = await startServer();
    const program = await startSession(server, "build");
    await server.kill();
    assert.ok(existsSync(server.socketPath), "a killed server leaves its socket");
    assert.equal((await server.fleetty(["ls"])).code, 8);
    await server.start();
    assert.ok(isAlive(program));
    await assertEchoes(server, "build", "again");
  });
});

describe("what a server and its session host write down", () => {
  it("holds no token, nothing that was typed, printed or passed in an environment, at whatever level", async () => {
    await using server = await startServer({ tcp: true, args: ["--log-level", "debug"] });
    const secret = (way: string) => `hush-${way}-0815`;
    const env = { HIDDEN: secret("env") };
    const body = { name: "quiet", argv: [fixture("ask-password")], env };
    await server.ask({ path: "/sessions", body });
    const viewer = await RawViewer.open(server.socketPath, "quiet", { client: "v" });
    viewer.type(1, secret("viewer"));
    await viewer.until("it is written", () => viewer.written() === 1);
    await server.ask({ path: "/sessions/quiet/input", body: Buffer.from(secret("http")) });
    await server.fleetty(["send", "quiet", secret("cli")]);
    await server.askTcp({ path: "/sessions" }, secret("wrong-token"));
    await server.ask({ path: `/sessions?token=${secret("query")}` });
    await server.ask({ path: "/sessions/quiet/input", body: Buffer.from("\n") });
    await server.ask({ path: "/sessions/quiet/wait", body: { until: { exit: true } } });
    await startSession(server, "spoken");
    await assertEchoes(server, "spoken", secret("printed"));
    const refused = await server.ask({ path: "/sessions", body: { name: "no", argv: [`/${secret("argv")}`] } });
    assert.equal(refused.json.error.code, "session_create_failed");
    viewer.close();
    await server.kill();
    await server.start();

    const hosts = globSync(join(server.stateDir, "hosts/*/host.log*")).map((file) => readFileSync(file, "utf8"));
    assert.match(server.log, /"ready"/);
    assert.match(hosts.join(), /session host is ready/);
    for (const text of [server.log, ...hosts]) {
      assert.ok(!text.includes(server.token), "the log has the token");
      assert.doesNotMatch(text, /hush-[a-z-]+-0815/);
    }
    const metas = globSync(join(server.stateDir, "sessions/*/meta.json")).map((file) => readFileSync(file, "utf8"));
    assert.ok(metas.length > 0);
    for (const text of metas) assert.ok(!text.includes(secret("env")), "the environment is stored");
  });
});
