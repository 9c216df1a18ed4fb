// JSON WebSockets of a hub on sessions of another server: every way that they take leads there, and a link that is cut and
// healed is told as what it is, with nothing lost of what was asked for.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FaultProxy } from "./harness/fault-proxy.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { JsonClient, type Message } from "./harness/json-client.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

let fleet: TestFleet;
let member: TestServer;
let proxy: FaultProxy;

before(async () => {
  fleet = await startFleet({ members: [] });
  member = await startServer({ tcp: true, args: ["--hostname", "web-1"] });
  proxy = await fleet.addBehindProxy(member, "web-1");
});

after(async () => {
  await fleet[Symbol.asyncDispose]();
  await member[Symbol.asyncDispose]();
});

const open = (path: string) => JsonClient.open(fleet.hub.socketPath, path);
const begin = (name: string) =>
  TestSession.start(fleet.hub.socketPath, name, { argv: [fixture("say")], server: "web-1", ready: "ready" });
const textOf = (line: Message) => line.map(({ text }: Message) => text).join("");

describe("a session of another server", () => {
  it("is talked to as one of this server, on its own socket and on the fleet's", async () => {
    await begin("far");
    const [own, all] = [await open("/sessions/web-1%2Ffar/ws/json"), await open("/ws/json")];
    await own.result("subscribe", { events: ["lines", "overlay"], interval_ms: 0, idle_timeout_ms: 50 });
    await all.result(
      "subscribe",
      { events: ["lines", "activity"], interval_ms: 0, idle_timeout_ms: 50 },
      { session: "far" },
    );
    await own.result("send_input", { data: "said there\n" });
    for (const client of [own, all]) {
      const line = await client.until(
        "it is told",
        ({ event, line }) => event === "line" && textOf(line).includes("said"),
      );
      assert.deepEqual([line.session, line.server], client === own ? [undefined, undefined] : ["far", "web-1"]);
      await client.event("idle");
    }
    const { id } = await own.result("create_overlay", { x: 0, y: 0, width: 4, height: 1, spans: [{ text: "o" }] });
    const { seq: _, ...told } = await own.event("overlay");
    assert.deepEqual(told, { event: "overlay", kind: "overlay", action: "created", id });
    const batch = { id, type: "overlay", spans: [{ text: "p" }] };
    assert.deepEqual(await all.result("batch_update", batch, { session: "far", server: "web-1" }), {});
    assert.equal((await member.ask({ path: "/sessions/far" })).json.clients, 0);
    assert.equal((await fleet.hub.ask({ path: "/sessions/far" })).json.clients, 2);
    assert.equal((await member.ask({ path: "/sessions/far", method: "DELETE" })).status, 204);
    assert.deepEqual(await own.end(), { code: 1000, reason: "session ended" });
    assert.equal((await all.event("session_destroyed")).params.server, "web-1");
    all.close();
  });

  it("stays subscribed to when its link is cut, is told as it is when that is back, and ends when it ended meanwhile", async () => {
    const session = await begin("cut");
    await begin("ends");
    const [own, all] = [await open("/sessions/cut/ws/json"), await open("/ws/json")];
    const ending = await open("/sessions/ends/ws/json");
    await own.result("subscribe", { events: ["lines", "output"], interval_ms: 0, idle_timeout_ms: 50 });
    await all.result("subscribe", { events: ["lines"], interval_ms: 0 }, { session: "cut" });
    await own.event("idle");
    proxy.cut();
    proxy.heal();
    // Neither is known here while the server is away.
    await own.event("unreachable");
    assert.equal(typeof (await all.event("unreachable")).since, "string");
    await member.ask({ path: "/sessions/cut/input", body: "meanwhile\n" });
    await member.ask({ path: "/sessions/ends", method: "DELETE" });
    assert.deepEqual(await ending.end(), { code: 1000, reason: "session ended" });
    for (const client of [own, all]) {
      const reset = await client.until("it is back", ({ reason }) => reason === "reconnected");
      const sync = await client.event("sync", client.messages.indexOf(reset));
      assert.equal(client.messages.indexOf(sync), client.messages.indexOf(reset) + 1);
    }
    await session.type("afterwards\n");
    await all.until("it goes on", ({ event, line }) => event === "line" && textOf(line).includes("afterwards"));
    const output = () =>
      own
        .events("output")
        .map(({ data }) => Buffer.from(data, "base64").toString())
        .join("");
    await waitUntil("all output is told", () => output().includes("afterwards"), { seen: output });
    assert.equal(output().replace(/[^a-z]/g, ""), "meanwhileafterwards");
    assert.deepEqual(
      own.messages.filter(({ type }) => type === "lagged"),
      [],
    );
    for (const client of [own, all]) client.close();
  });
});
