// `fleetty session-host status` and `stop` as an operator uses them: which processes hold the sessions, and how they are let
// go, with a server that runs and without one.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeHome } from "./harness/folders.ts";
import { isAlive, type Known, know } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

async function startSession(server: TestServer, name: string): Promise<Known> {
  const { json } = await server.ask({ path: "/sessions", body: { name, argv: [fixture("read-nothing")] } });
  return know(json.pid) as Known;
}

const host = (server: TestServer, ...args: string[]) => server.fleetty(["session-host", ...args]);

describe("fleetty session-host status", () => {
  it("says that there is none, of an instance that never ran", async () => {
    const home = makeHome();
    try {
      const plain = await runFleetty(["session-host", "status"], { home });
      assert.deepEqual(plain, { code: 0, stdout: "no session host runs\n", stderr: "" });
      const json = await runFleetty(["session-host", "status", "--json"], { home });
      assert.deepEqual([json.code, JSON.parse(json.stdout)], [0, []]);
      assert.deepEqual(readdirSync(join(home.root, "state")), [], "it made nothing");
    } finally {
      home.remove();
    }
  });

  it("names each host with its process and the sessions that keep it, with and without a server", async () => {
    await using server = await startServer();
    await startSession(server, "build");
    await startSession(server, "tail");
    await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/true"] } });
    await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
    const [running] = server.hosts();
    for (const stop of [async () => {}, () => server.kill()]) {
      await stop();
      const { code, stdout } = await host(server, "status", "--json");
      const [status, ...more] = JSON.parse(stdout);
      assert.deepEqual([code, more], [0, []]);
      assert.deepEqual([status.pid, status.protocol, status.sessions.sort()], [running?.pid, 1, ["build", "tail"]]);
      assert.ok(existsSync(status.socket));
      const isAsked = await server.answers();
      assert.deepEqual([typeof status.busy === "number", status.retiring], [isAsked, false]);
      const facts = `${status.id}  pid ${status.pid}  version ${status.version}  protocol 1`;
      const names = "  (build tail|tail build)\n$";
      assert.match(
        (await host(server, "status")).stdout,
        new RegExp(`^${facts}${isAsked ? "  busy \\d+%" : ""}${names}`),
      );
      const again = await server.fleetty(["--json", "session-host", "status"]);
      const { busy: _, ...rest } = JSON.parse(again.stdout)[0];
      assert.deepEqual({ ...rest, busy: status.busy }, status);
    }
  });

  it("names no host that has died", async () => {
    await using server = await startServer();
    await startSession(server, "build");
    await server.kill();
    const [running] = server.hosts() as [Known];
    process.kill(running.pid, "SIGKILL");
    await waitUntil("the host has gone", () => !isAlive(running));
    assert.equal((await host(server, "status")).stdout, "no session host runs\n");
    assert.equal((await host(server, "stop")).code, 0);
  });
});

describe("fleetty session-host stop", () => {
  it("refuses while sessions live, naming them, and touches nothing", async () => {
    await using server = await startServer();
    const program = await startSession(server, "build");
    const refused = await host(server, "stop");
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /build.*--end-sessions.*\[still_running\]/);
    const { error } = JSON.parse((await host(server, "stop", "--json")).stderr);
    assert.deepEqual([error.code, error.details], ["still_running", { sessions: ["build"] }]);
    assert.ok(isAlive(program));
    assert.equal((await server.ask({ path: "/sessions/build/screen" })).status, 200);
  });

  it("lets an empty host go, and the server starts another when it needs one", async () => {
    await using server = await startServer();
    await startSession(server, "build");
    await server.fleetty(["kill", "build"]);
    const before = server.hosts();
    assert.deepEqual(await host(server, "stop"), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(
      before.filter((one) => isAlive(one)),
      [],
    );
    const program = await startSession(server, "again");
    assert.ok(isAlive(program));
  });

  for (const [sentence, leave] of [
    ["beside a server", async () => {}],
    ["after a server that was stopped", (server: TestServer) => server.stop()],
    ["after a server that was killed", (server: TestServer) => server.kill()],
  ] as const) {
    it(`with --end-sessions ends sessions and hosts, ${sentence}, and their ends are known`, async () => {
      await using server = await startServer();
      const programs = [await startSession(server, "a"), await startSession(server, "b")];
      const hosts = server.hosts();
      await leave(server);
      assert.deepEqual(await host(server, "stop", "--end-sessions"), { code: 0, stdout: "", stderr: "" });
      assert.deepEqual(
        [...programs, ...hosts].filter((one) => isAlive(one)),
        [],
      );
      assert.equal((await host(server, "status")).stdout, "no session host runs\n");
      if (!(await server.answers())) await server.start();
      const { json } = await server.ask({ path: "/sessions?include=exited" });
      assert.deepEqual(
        json.map(({ name, end_reason }: Record<string, string>) => [name, end_reason]),
        [
          ["a", "killed"],
          ["b", "killed"],
        ],
      );
    });
  }

  it("refuses what it does not know, and shows how it is used", async () => {
    await using server = await startServer();
    const program = await startSession(server, "build");
    for (const args of [["stop", "--end-session"], ["stop", "build"], ["status", "--all"], ["restart"], []]) {
      const { code, stdout, stderr } = await host(server, ...args);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, /session-host --help/);
      for (const word of args.slice(-1)) assert.ok(stderr.includes(word), stderr);
    }
    const help = await host(server, "--help");
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    assert.match(help.stdout, /session-host stop \[--end-sessions\]/);
    assert.ok(isAlive(program));
  });
});
