// Secrets in a fleet: kept where a server is named and typed there, by the same calls at the hub, which keeps nothing of them;
// and sent to nobody whom others could overhear. Real members, workers that have joined, and hosts in network namespaces.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { auditOf } from "./harness/audit.ts";
import { writeConfig } from "./harness/config.ts";
import { startFleet, TestFleet } from "./harness/fleet.ts";
import { makeHome } from "./harness/folders.ts";
import { freePort } from "./harness/free-port.ts";
import { Network, whyNoNetwork } from "./harness/network.ts";
import { assertRefused } from "./harness/refused.ts";
import { asks, assertNowhere, assertTyped, newSecret, secret, secretOnceAsked, sha256 } from "./harness/secrets.ts";
import { startServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

describe("a member's secret", () => {
  it("is kept and typed there, by the same calls at the hub, which keeps nothing of it", async () => {
    await using fleet = await startFleet({ members: ["web-1", "web-2"], hub: { args: ["--log-level", "debug"] } });
    const [value, once] = [newSecret(), newSecret()];
    const { hub } = fleet;
    const put = { method: "PUT", path: "/secrets/deploy?server=web-1", body: { value, prompt: "^Password" } };
    assert.equal((await hub.ask(put)).status, 204);
    const listed = async (query: string) => (await hub.ask({ path: `/secrets${query}` })).json.items;
    assert.deepEqual(await listed(""), []);
    assert.deepEqual(await listed("?server=web-2"), []);
    const [told] = await listed("?server=web-1");
    assert.deepEqual([told.name, told.server, told.last_used_at], ["deploy", "web-1", null]);
    const argv = asks("Password: ", "Password: ");
    const session = await TestSession.start(hub.socketPath, "far", { argv, server: "web-1", ready: "Password:" });
    await assertTyped(await session.ask("/secret", { body: { name: "deploy", wait_ms: 5_000 } }), "deploy");
    await session.shows(sha256(value));
    await assertTyped(await session.ask("/secret", { body: { value: once, wait_ms: 5_000 } }));
    await session.shows(sha256(once));
    const other = await TestSession.start(hub.socketPath, "other", { argv, server: "web-2", ready: "Password:" });
    assertRefused(await other.ask("/secret", { body: { name: "deploy" } }), "secret_not_found");
    await assertNowhere([hub, fleet.member("web-1"), fleet.member("web-2")], [value, once]);
    for (const one of [hub, fleet.member("web-1")]) {
      const entries = auditOf(one).filter(({ operation }) => operation === "sessions.secret");
      assert.deepEqual(entries.map(({ detail, outcome }) => [detail, outcome]).slice(0, 2), [
        ['{"name":"deploy"}', "ok"],
        ["{}", "ok"],
      ]);
    }
    assert.equal((await hub.ask({ method: "DELETE", path: "/secrets/deploy?server=web-1" })).status, 204);
    assert.deepEqual(await listed("?server=web-1"), []);
  });
});

describe("a worker that has joined", () => {
  it("reads what its own operator configures, and is asked for it as far as its grants go", async () => {
    const port = await freePort();
    await using hub = await startServer({ args: ["--hostname", "hub-1", "--bind", `127.0.0.1:${port}`] });
    const fleet = new TestFleet(hub, new Map(), new AsyncDisposableStack());
    const [own, value] = [newSecret(), newSecret()];
    const join = async (hostname: string, config: string) => {
      const place = makeHome();
      const worker = new TestWorkerProcess(hostname, { ...place, env: { ...place.env, OWN_SECRET: own } });
      writeConfig(place, config);
      const { json } = await hub.ask({ path: "/servers/join-codes", body: {} });
      worker.start({ args: ["--join", `http://127.0.0.1:${port}`], stdin: `${json.code}\n` });
      await fleet.becomes(hostname, "healthy");
      return worker;
    };
    await using worker = await join("nat-1", '[secrets.own]\nenv = "OWN_SECRET"\nprompt = "^Password"\n');
    const put = (server: string) =>
      hub.ask({ method: "PUT", path: `/secrets/sent?server=${server}`, body: { value, tags: ["ci"] } });
    assert.equal((await put("nat-1")).status, 204);
    const { json } = await hub.ask({ path: "/secrets?server=nat-1" });
    const told = json.items.map(({ name, server: on, source }: Record<string, unknown>) => [name, on, source]);
    assert.deepEqual(told, [
      ["own", "nat-1", "env"],
      ["sent", "nat-1", "stored"],
    ]);
    const argv = asks("Password: ", "Once more: ");
    const session = await TestSession.start(hub.socketPath, "far", { argv, server: "nat-1", tags: ["ci"] });
    await assertTyped(await secret(session, { name: "own", wait_ms: 10_000 }), "own");
    await session.shows("Once more:");
    await assertTyped(await secretOnceAsked(session, { name: "sent" }), "sent");
    await session.shows(sha256(value));
    const seen = `${worker.kept}${worker.log}${JSON.stringify(auditOf(worker))}${hub.log}${JSON.stringify(auditOf(hub))}`;
    for (const one of [own, value]) assert.ok(!seen.includes(one));
    const audited = auditOf(worker).filter(({ operation }) => operation === "sessions.secret");
    assert.deepEqual(
      audited.map(({ detail }) => detail),
      ['{"name":"own"}', '{"name":"sent"}'],
    );

    await using _ = await join("narrow", '[grants]\noperations = ["sessions.*", "secrets.list"]\n');
    assert.deepEqual((await hub.ask({ path: "/secrets?server=narrow" })).json.items, []);
    assert.equal(assertRefused(await put("narrow"), "forbidden").details["reason"], "grants");
  });
});

describe("a member that is reached in plain text", { skip: await whyNoNetwork() }, () => {
  it("is sent no secret, and types those that it keeps itself", async () => {
    await using network = await Network.open();
    const [near, far] = [await network.addHost(), await network.addHost()];
    await using hub = await startServer({ place: near, args: ["--hostname", "hub-1"] });
    await using member = await startServer({
      place: far,
      args: ["--hostname", "far", "--bind", `${far.address}:7337`],
    });
    const fleet = new TestFleet(hub, new Map(), new AsyncDisposableStack());
    const body = { address: `http://${far.address}:7337`, token: member.token };
    assert.equal((await hub.ask({ path: "/servers", body })).status, 201);
    await fleet.becomes("far", "healthy");
    const value = newSecret();
    const argv = asks("Password: ");
    const session = await TestSession.start(hub.socketPath, "far", { argv, server: "far", ready: "Password:" });
    const put = { method: "PUT", path: "/secrets/deploy", body: { value } };
    const details = { reason: "plaintext", server: "far" };
    assert.deepEqual(
      assertRefused(await hub.ask({ ...put, path: `${put.path}?server=far` }), "forbidden").details,
      details,
    );
    assert.deepEqual(assertRefused(await secret(session, { value }), "forbidden").details, details);
    const entries = auditOf(member).filter(({ operation }) => operation.includes("secret"));
    assert.deepEqual(entries, [], "it has not even heard of it");
    assert.equal((await member.ask(put)).status, 204);
    await assertTyped(await secretOnceAsked(session, { name: "deploy" }), "deploy");
    await session.shows(sha256(value));
  });
});
