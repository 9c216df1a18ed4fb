// What becomes of the machines of a fleet on a network of their own: most of them cut off at once, one whose state somebody
// has copied to another, one whose disk is put into another, one that loses its power and boots again.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { describe, it } from "node:test";
import { EventReader } from "./harness/event-reader.ts";
import { makeHome } from "./harness/folders.ts";
import { type NetworkHost, whyNoNetwork } from "./harness/network.ts";
import { NetworkFleet } from "./harness/network-fleet.ts";
import { fixture } from "./harness/programs.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

const skip = await whyNoNetwork();

describe("3 of 5 members cut off within a moment", { skip }, () => {
  it("are one alarm, and all come back by themselves", async () => {
    await using lab = await NetworkFleet.open({
      dialled: ["web-1", "web-2", "web-3"],
      joined: ["nat-1", "nat-2"],
      silenceMs: 3_000,
    });
    using client = lab.hub.client();
    await using reader = new EventReader(client, { cursor: "oldest", types: ["server.health", "fleet.alarm"] });
    const away = ["web-1", "web-2", "nat-1"];
    const logs = () => Promise.all(["web-3", "nat-2"].map(async (name) => (await lab.fleet.server(name)).link_log));
    const before = await logs();
    for (const name of away) lab.host(name).cut();
    await Promise.all(away.map((name) => lab.fleet.becomes(name, "unavailable")));
    const alarm = await reader.sees("the alarm", ({ type }) => type === "fleet.alarm");
    const { data } = alarm;
    assert.deepEqual([data["kind"], [...(data["servers"] as string[])].sort()], ["many_servers_silent", away.sort()]);
    for (const name of away) lab.host(name).heal();
    await Promise.all(away.map((name) => lab.fleet.becomes(name, "healthy")));
    const told = () => reader.events.slice(reader.events.indexOf(alarm));
    const isBack = (name: string) => told().some((event) => event.server === name && event.data["to"] === "healthy");
    await waitUntil("that is told", () => away.every(isBack), { seen: () => reader.told });
    assert.equal(reader.events.filter(({ type }) => type === "fleet.alarm").length, 1);
    assert.deepEqual(await logs(), before);
  });
});

describe("a machine of a fleet", { skip, concurrency: true }, () => {
  /** Of a fleet with one worker, which has one session. By itself the hub would notice nothing for ten minutes. */
  async function start() {
    const lab = await NetworkFleet.open({ joined: ["nat-1"], silenceMs: 600_000 });
    const options = { argv: [fixture("say")], server: "nat-1", ready: "ready" };
    return { lab, worker: lab.worker("nat-1"), session: await TestSession.start(lab.hub.socketPath, "build", options) };
  }

  /** A worker on another machine that takes itself for that one: it has all that is on its disk. */
  function copyOf(worker: TestWorkerProcess, host: NetworkHost): TestWorkerProcess {
    const home = makeHome();
    cpSync(worker.stateDir, home.stateDir("worker"), { recursive: true });
    return new TestWorkerProcess(worker.hostname, home, host);
  }

  /** Resolves when another run of it is linked than that one. */
  async function anotherRun(lab: NetworkFleet, before: string): Promise<void> {
    const server = () => lab.fleet.server("nat-1");
    const isAnother = async () => {
      const { health, server_id: run } = await server();
      return health === "healthy" && run !== before;
    };
    await waitUntil("another run of it is linked", isAnother, { seen: server });
  }

  /** It was let in the first time that it came, and what ran on it does not. */
  async function assertLost(lab: NetworkFleet, session: TestSession): Promise<void> {
    const { conditions, link_log: log } = await lab.fleet.server("nat-1");
    const refusals = log.filter(({ event }: { event: string }) => event.endsWith("duplicate"));
    assert.deepEqual([conditions, refusals], [[], []]);
    const { state, exit } = await session.info();
    assert.deepEqual([state, exit], ["exited", { unknown: true }]);
  }

  it("whose state was copied to another one keeps its link, and the copy is kept out", async () => {
    const { lab, worker, session } = await start();
    await using _ = lab;
    const { server_id: run } = await lab.fleet.server("nat-1");
    const { pid } = await session.info();
    await using thief = copyOf(worker, await lab.network.addHost());
    thief.start();
    await waitUntil("it is told so", () => thief.log.includes("its state was copied"), { seen: () => thief.log });
    const { health, server_id: linked, conditions } = await lab.fleet.server("nat-1");
    assert.deepEqual([health, linked], ["healthy", run]);
    const [{ type, reason }] = conditions;
    assert.equal(type, "CloneSuspected");
    const [, first, second] = /^seen on machine (\S{22}) and on (\S{22});/.exec(reason) ?? [];
    assert.ok(first && second && first !== second, reason);
    await session.type("still here\\n\n");
    await session.shows("still here");
    assert.equal((await session.info()).pid, pid);
  });

  it("whose disk was put into another one is that server, from the first moment on", async () => {
    const { lab, worker, session } = await start();
    await using _ = lab;
    const { server_id: run } = await lab.fleet.server("nat-1");
    await lab.host("nat-1").losePower();
    await using moved = copyOf(worker, await lab.network.addHost());
    moved.start();
    await anotherRun(lab, run);
    await assertLost(lab, session);
  });

  it("that loses its power and boots again is back, and says what it lost", async () => {
    const { lab, worker, session } = await start();
    await using _ = lab;
    const { server_id: run } = await lab.fleet.server("nat-1");
    const host = lab.host("nat-1");
    await host.losePower();
    await worker.ended();
    await host.boot();
    worker.start();
    await anotherRun(lab, run);
    await assertLost(lab, session);
  });
});
