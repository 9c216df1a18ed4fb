// kill -9 and SIGSTOP of a session host. Its sessions die with it, and everybody is told; while it is frozen nobody is told
// anything that is not known.
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import { isAlive, type Known, kill } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

const UNKNOWN = { unknown: true };

function say(server: TestServer, name: string): Promise<TestSession> {
  return TestSession.start(server.socketPath, name, { argv: [fixture("say")], ready: "ready" });
}

function hostOf(server: TestServer): Known {
  const [host, ...others] = server.hosts();
  assert.ok(host && others.length === 0, "one session host");
  return host;
}

async function killHost(server: TestServer): Promise<void> {
  const host = hostOf(server);
  kill(host, "SIGKILL");
  await waitUntil("it is dead", () => !isAlive(host));
}

/** Items of a client's watch, in order, once it has ended. */
async function watched(client: Client, session: string) {
  const items = [];
  for await (const item of client.sessions.watch({ session, from: 0 })) items.push(item);
  return items;
}

describe("kill -9 of a session host", () => {
  for (const [when, isAdopted] of [
    ["that the server started", false],
    ["that the server adopted", true],
  ] as const) {
    it(`${when} ends its sessions, and whoever waits or watches is told`, async () => {
      await using server = await startServer();
      const session = await say(server, "lost");
      if (isAdopted) {
        await server.kill();
        await server.start();
      }
      const since = { generation: 0, offset: 0 };
      const pattern = { pattern: { regex: "^never$", on: "output" } };
      const waits = [
        session.ask("/wait", { body: { until: { exit: true } } }),
        session.ask("/wait", { body: { since, until: pattern, screen: "plain" } }),
      ];
      using client = server.client();
      const watching = watched(client, "lost");
      const viewer = await RawViewer.open(server.socketPath, "lost", { from: 0 });
      await viewer.until("it sees the session", ({ text }) => text.includes("ready"));
      await waitUntil("all are watching", async () => (await session.info()).clients === 2);
      await killHost(server);

      for (const { json } of await Promise.all(waits)) {
        assert.deepEqual([json.reason, json.exit, json.exit_code, json.timed_out], ["exit", UNKNOWN, null, false]);
      }
      await viewer.until("its viewer is told", ({ closed }) => closed !== null);
      assert.deepEqual([viewer.exit()?.["exit"], viewer.closed?.code, viewer.gaps], [UNKNOWN, 1000, []]);
      const items = await watching;
      assert.deepEqual([items.at(-1)?.type, items.at(-1)], ["exit", { ...items.at(-1), exit: UNKNOWN }]);
      const kinds = new Set(items.map(({ type }) => type));
      assert.ok(!kinds.has("error"), JSON.stringify(items));

      const info = await session.info();
      assert.deepEqual([info.state, info.exit, info.end_reason], ["exited", UNKNOWN, "host_lost"]);
      const again = await session.ask("/wait", { body: { since, until: pattern } });
      assert.deepEqual([again.json.reason, again.json.exit], ["exit", UNKNOWN]);
      assertRefused(await session.ask("/input", { body: "x" }), "session_exited");
      assert.match(server.log, /"sessions":\["lost"\],"msg":"a session host is gone; its sessions are lost"/);
      const next = await say(server, "next");
      await next.type("well\n");
      await next.shows("well");
    });
  }

  it("while no server runs leaves the exits that it wrote, and no others", async () => {
    await using server = await startServer();
    const go = join(server.home.root, "go");
    const script = `echo one; while [ ! -e ${go} ]; do sleep 0.02; done; echo two; exit 7`;
    const ends = await TestSession.start(server.socketPath, "ends", { argv: ["/bin/sh", "-c", script], ready: "one" });
    const lost = await say(server, "lost");
    const { id } = await ends.info();
    await server.kill();
    writeFileSync(go, "");
    await waitUntil("its exit is written", () => existsSync(join(server.stateDir, "sessions", id, "exit.json")));
    await killHost(server);
    await server.start();
    const info = await ends.info();
    assert.deepEqual([info.state, info.exit, info.end_reason], ["exited", { code: 7 }, "exited"]);
    assert.equal((await ends.output(0)).toString(), "one\r\ntwo\r\n");
    assert.deepEqual((await lost.info()).exit, UNKNOWN);
    assert.equal((await server.ask({ path: "/sessions" })).json.length, 0);
  });
});

describe("a session host that is frozen", () => {
  it("holds up what concerns its sessions alone, is spoken of honestly, and goes on when it is let", async () => {
    await using server = await startServer();
    const session = await say(server, "frozen");
    const host = hostOf(server);
    kill(host, "SIGSTOP");
    try {
      const asked = Promise.all([
        session.ask("/input", { body: "typed while it was frozen\n" }),
        session.ask("/resize", { body: { rows: 30, cols: 90 } }),
        session.ask("/output"),
        server.ask({ path: "/sessions" }),
      ]);
      assert.equal((await server.ask({ path: "/health" })).status, 200);
      assert.equal((await server.ask({ path: "/sessions/nobody" })).status, 404);
      const [input, resize, output, list] = await asked;
      for (const change of [input, resize]) {
        assert.equal(assertRefused(change, "server_timeout").details["may_have_run"], "unknown");
      }
      assert.equal("may_have_run" in assertRefused(output, "server_timeout").details, false);
      const shown = list.json.map(({ name, state }: Record<string, unknown>) => [name, state]);
      assert.deepEqual(shown, [["frozen", "running"]], "what was last known");
    } finally {
      kill(host, "SIGCONT");
    }
    await session.shows("typed while it was frozen");
    const info = await session.info();
    assert.deepEqual([info.rows, info.cols, info.state], [30, 90, "running"]);
    assert.equal((await session.output(0)).toString().split("typed").length, 2, "once");
    await session.type("and after\n");
    await session.shows("and after");
  });
});
