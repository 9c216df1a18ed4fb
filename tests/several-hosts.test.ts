// Several session hosts: when another one is started, who goes where, and what the death of one costs.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hostOf, processOf, seenHosts } from "./harness/hosts.ts";
import { isAlive, kill } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { refusedStart, startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

function say(server: TestServer, name: string): Promise<TestSession> {
  return TestSession.start(server.socketPath, name, { argv: [fixture("say")], ready: "ready" });
}

/** A session that floods, once its host is known to be over half busy. */
async function flood(server: TestServer, name: string): Promise<TestSession> {
  const session = await TestSession.start(server.socketPath, name, { argv: [fixture("flood")] });
  await waitUntil("its host is busy", async () => ((await hostOf(server, name)).busy ?? 0) > 0.5, {
    seen: () => seenHosts(server),
  });
  return session;
}

describe("sessions that are created while every host is busy", () => {
  const names = Array.from({ length: 6 }, (_, number) => `burst-${number}`);
  let server: TestServer;
  let lost: TestSession;
  let kept: TestSession;

  before(async () => {
    server = await startServer({ args: ["--session-hosts", "3"] });
    lost = await say(server, "lost");
    assert.equal((await seenHosts(server)).length, 1, "one host at first");
    const flooding = await flood(server, "flood");
    [kept] = (await Promise.all(names.map((name) => say(server, name)))) as [TestSession];
    await flooding.kill();
  });
  after(() => server[Symbol.asyncDispose]());

  it("get another host, all of them the same, and the quiet ones follow", async () => {
    const hosts = await seenHosts(server);
    assert.deepEqual(
      hosts.map(({ sessions }) => sessions.toSorted()).toSorted(),
      [names, ["lost"]],
      JSON.stringify(hosts),
    );
  });

  it("go on when the first host is killed, which costs its own alone: their viewers, waits and inputs too", async () => {
    const [process, other] = [await processOf(server, "lost"), await processOf(server, kept.name)];
    assert.notEqual(process.pid, other.pid);

    const viewer = await RawViewer.open(server.socketPath, kept.name, { from: 0 });
    await viewer.until("it sees the session", ({ text }) => text.includes("ready"));
    const until = { pattern: { regex: "after the death", on: "output" } };
    const waiting = kept.ask("/wait", { body: { until } });
    const lostToo = lost.ask("/wait", { body: { until } });
    await kept.type("before the death\\n\n");
    kill(process, "SIGKILL");
    await waitUntil("it is dead", () => !isAlive(process));

    assert.deepEqual((await lostToo).json.exit, { unknown: true });
    assert.deepEqual((await lost.info()).end_reason, "host_lost");
    assert.match(server.log, /"sessions":\["lost"\],"msg":"a session host is gone; its sessions are lost"/);
    await kept.type("after the death\\n\n");
    assert.equal((await waiting).json.reason, "pattern");
    await viewer.until("it sees all of it", ({ text }) => text.includes("after the death"));
    assert.deepEqual(
      [viewer.text, viewer.gaps, viewer.closed],
      ["ready\r\nbefore the death\r\nafter the death\r\n", [], null],
    );
    assert.ok(isAlive(other));
    await say(server, "next");
    assert.ok((await hostOf(server, kept.name)).sessions.includes("next"), "it has room");
    viewer.close();
  });
});

describe("a session that is created while the only host is busy", () => {
  it("shares it when there may be no other", async () => {
    await using server = await startServer({ args: ["--session-hosts", "1"] });
    const flooding = await flood(server, "flood");
    await say(server, "beside");
    assert.deepEqual((await hostOf(server, "flood")).sessions.toSorted(), ["beside", "flood"]);
    await flooding.kill();
  });
});

describe("the number of session hosts", () => {
  it("is refused when it is none", async () => {
    const { code, stderr } = await refusedStart(["--session-hosts", "0"]);
    assert.deepEqual([code, /--session-hosts/.test(stderr)], [2, true], stderr);
  });
});
