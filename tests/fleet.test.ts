// A hub and its members, each a real server: whatever is asked of a session through the hub is asked of the server that has
// it, by name, by id, wherever it is; what a member is, and is not, is told honestly.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { fixture } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

describe("a hub with two members", () => {
  let fleet: TestFleet;
  let hub: TestServer;

  before(async () => {
    fleet = await startFleet({ members: ["web-1", "web-2"] });
    hub = fleet.hub;
  });
  after(() => fleet[Symbol.asyncDispose]());

  const say = (name: string, server?: string) =>
    TestSession.start(hub.socketPath, name, {
      argv: [fixture("say")],
      ready: "ready",
      ...(server !== undefined && { server }),
    });
  const names = async (query: string) => {
    const { json } = await hub.ask({ path: `/sessions${query}` });
    return json.map(({ server, name }: { server: string; name: string }) => `${server}/${name}`);
  };

  it("lists itself first, then its members in the order of registration, with whom they are", async () => {
    const { json } = await hub.ask({ path: "/servers" });
    const [own, ...members] = json;
    assert.deepEqual([own.hostname, own.address, own.health, own.link], ["hub-1", "local", "healthy", "local"]);
    assert.deepEqual(members.map(({ hostname }: { hostname: string }) => hostname).sort(), ["web-1", "web-2"]);
    for (const { health, link, role, reason, version, server_id } of members) {
      assert.deepEqual([health, link, role, reason], ["healthy", "dialled", "member", null]);
      assert.ok(version && server_id);
    }
    assert.equal(JSON.stringify(json).includes(fleet.member("web-1").token), false);
  });

  it("creates where it is told, and routes everything that is asked of that session from then on", async () => {
    const session = await say("build", "web-1");
    const answered = await hub.ask({ path: "/sessions/build" });
    assert.deepEqual([answered.json.server, answered.headers["fleetty-server"]], ["web-1", "web-1"]);
    assert.deepEqual((await fleet.member("web-1").ask({ path: "/sessions/build" })).json.id, answered.json.id);
    await session.type("hello there\\n\n");
    await session.shows("hello there");
    await session.resize({ rows: 11, cols: 33 });
    const { json: screen } = await hub.ask({ path: "/sessions/build/screen?format=plain" });
    assert.deepEqual([screen.rows, screen.cols], [11, 33]);
    assert.ok(screen.lines.includes("hello there"), JSON.stringify(screen.lines));
    const { json: output } = await hub.ask({ path: `/sessions/${answered.json.id}/output` });
    assert.match(output.text, /hello there/);
    const renamed = { method: "PATCH", path: "/sessions/build", body: { name: "built", add_tags: ["ci"] } };
    assert.deepEqual((await hub.ask(renamed)).json.tags, ["ci"]);
    assert.deepEqual(await names("?tag=ci"), ["web-1/built"]);
    assert.equal((await hub.ask({ method: "DELETE", path: "/sessions/built" })).status, 204);
    assert.equal((await hub.ask({ path: "/sessions/built" })).json.error.code, "session_not_found");
    assert.equal((await hub.ask({ path: `/sessions/${answered.json.id}` })).json.state, "exited");
  });

  it("streams a member's session to a viewer, who types into it and sees each byte once, then its end", async () => {
    const session = await say("streamed", "web-2");
    const viewer = await RawViewer.open(hub.socketPath, "streamed", { from: 0 });
    viewer.type(1, "to the member\\n\n");
    await session.shows("to the member");
    viewer.type(2, "exit 4\n");
    await waitUntil("the viewer has been told", () => viewer.closed !== null, { seen: () => viewer.texts });
    const whole = await hub.ask({ path: "/sessions/streamed/output?format=raw&from=0" });
    assert.equal(String(viewer.bytes), String(whole.body));
    assert.deepEqual([viewer.first, viewer.gaps], [0, []]);
    assert.deepEqual(viewer.texts.find(({ type }) => type === "exit")?.["exit"], { code: 4 });
  });

  it("finds a session by its name alone: here first, then on the one member that has it, else it asks which", async () => {
    await say("twice", "web-1");
    await say("only", "web-1");
    assert.equal((await hub.ask({ path: "/sessions/only" })).json.server, "web-1");
    await say("twice", "web-2");
    const ambiguous = await hub.ask({ path: "/sessions/twice" });
    assert.deepEqual([ambiguous.status, ambiguous.json.error.code], [409, "session_ambiguous"]);
    const candidates = ambiguous.json.error.details.candidates as { server: string; state: string }[];
    assert.deepEqual(candidates.map(({ server, state }) => `${server} ${state}`).sort(), [
      "web-1 running",
      "web-2 running",
    ]);
    for (const path of ["/sessions/twice?server=web-2", "/sessions/web-2%2Ftwice"]) {
      assert.equal((await hub.ask({ path })).json.server, "web-2", path);
    }
    await say("twice");
    assert.equal((await hub.ask({ path: "/sessions/twice" })).json.server, "hub-1");
    assert.deepEqual((await names("")).sort(), ["hub-1/twice", "web-1/only", "web-1/twice", "web-2/twice"]);
    assert.deepEqual(await names("?server=web-2"), ["web-2/twice"]);
    for (const path of [
      "/sessions/local%2Ftwice",
      "/sessions/web-1%2Fonly",
      "/sessions/web-1%2Ftwice",
      "/sessions/web-2%2Ftwice",
    ]) {
      assert.equal((await hub.ask({ method: "DELETE", path })).status, 204, path);
    }
  });

  it("finds here alone what is named without a server, where the hub was told so", async () => {
    await say("elsewhere", "web-1");
    await hub.stop();
    await hub.start(["--route-omitted", "local"]);
    await fleet.becomes("web-1", "healthy");
    const { status, json } = await hub.ask({ path: "/sessions/elsewhere" });
    assert.deepEqual([status, json.error.code, json.error.details.server], [404, "session_not_found", "hub-1"]);
    const found = await hub.ask({ path: "/sessions/elsewhere?server=web-1" });
    assert.equal((await hub.ask({ path: `/sessions/${found.json.id}` })).json.name, "elsewhere");
    assert.equal((await hub.ask({ method: "DELETE", path: "/sessions/web-1%2Felsewhere" })).status, 204);
    await hub.stop();
    await hub.start();
    await fleet.becomes("web-1", "healthy");
  });

  it("refuses servers that are not there, and two that disagree", async () => {
    const unknown = await hub.ask({ path: "/sessions", body: { server: "web-9" } });
    assert.deepEqual([unknown.status, unknown.json.error.code], [404, "server_not_found"]);
    assert.deepEqual(unknown.json.error.details, { unknown: ["web-9"] });
    const both = await hub.ask({ path: "/sessions/web-1%2Fx?server=web-2" });
    assert.equal(both.json.error.code, "invalid_request");
    const twice = await hub.ask({ path: "/servers", body: { address: (await fleet.server("web-1")).address } });
    assert.equal(twice.json.error.code, "server_already_registered");
    const named = await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { name: "WEB-2" } });
    assert.equal(named.json.error.code, "server_name_conflict");
    assert.equal((await hub.ask({ method: "DELETE", path: "/servers/local" })).json.error.code, "server_not_found");
  });

  it("asks nothing new of a cordoned member, and what is there goes on", async () => {
    const session = await say("before", "web-1");
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { cordoned: true } });
    const refused = await hub.ask({ path: "/sessions", body: { server: "web-1" } });
    assert.deepEqual([refused.status, refused.json.error.code], [409, "server_cordoned"]);
    await session.type("still here\\n\n");
    await session.shows("still here");
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { cordoned: false } });
    await session.kill();
  });

  it("is given labels and is cordoned itself as a member is, over a restart, and says what it cannot change of itself", async () => {
    const change = (body: object) => hub.ask({ method: "PATCH", path: "/servers/local", body });
    const { json: changed } = await change({ labels: { role: "hub" }, cordoned: true });
    assert.deepEqual([changed.hostname, changed.address, changed.labels.role], ["hub-1", "local", "hub"]);
    await hub.stop();
    await hub.start();
    await Promise.all(["web-1", "web-2"].map((name) => fleet.becomes(name, "healthy")));
    const { cordoned, labels } = await fleet.server("hub-1");
    assert.deepEqual([cordoned, labels.role, typeof labels.os], [true, "hub", "string"]);
    for (const body of [{}, { server: "local" }, { server: "hub-1" }]) {
      const refused = await hub.ask({ path: "/sessions", body });
      assert.deepEqual([refused.status, refused.json.error.code], [409, "server_cordoned"], JSON.stringify(body));
      assert.match(refused.json.error.message, /hub-1 is cordoned/);
    }
    const placed = await hub.ask({ path: "/sessions", body: { argv: ["/bin/cat"], on: "*" } });
    assert.deepEqual(placed.json.placement.rejected, [{ server: "hub-1", because: "cordoned" }]);
    const only = await hub.ask({ path: "/sessions", body: { argv: ["/bin/cat"], on: "@role=hub" } });
    assert.equal(only.json.error.code, "no_eligible_server");
    await hub.ask({ method: "DELETE", path: `/sessions/${placed.json.id}` });
    for (const [body, field, says] of [
      [{ name: "hub-2", cordoned: false }, "name", /--hostname/],
      [{ name: null }, "name", /--hostname/],
      [{ token: "another" }, "token", /token rotate/],
    ] as const) {
      const refused = await change(body);
      assert.deepEqual([refused.status, refused.json.error.code], [400, "invalid_request"], field);
      assert.deepEqual(refused.json.error.details, { field });
      assert.match(refused.json.error.message, says);
    }
    assert.equal((await fleet.server("hub-1")).cordoned, true, "a refused change changes nothing");
    assert.equal((await hub.fleetty(["servers", "uncordon", "local"])).stdout, "hub-1  takes new sessions\n");
    assert.doesNotMatch((await hub.fleetty(["servers", "label", "local", "role-"])).stdout, /role/);
    await (await say("again")).kill();
  });

  it("starts a session where there is most room, and says how it chose", async () => {
    const place = (body: object) => hub.ask({ path: "/sessions", body: { argv: ["/bin/cat"], ...body } });
    for (const server of ["web-1", "web-2"]) {
      assert.equal(
        (await hub.ask({ method: "PATCH", path: `/servers/${server}`, body: { labels: { role: "build" } } })).status,
        200,
      );
    }
    const made = await Promise.all([1, 2, 3, 4].map(() => place({ on: "@role=build" })));
    const where = made.map(({ json }) => json.server).sort();
    assert.deepEqual(where, ["web-1", "web-1", "web-2", "web-2"]);
    const { placement } = made[3]?.json ?? {};
    assert.deepEqual([placement.asked, placement.considered, placement.rejected], [{ on: "@role=build" }, 2, []]);
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { draining: true } });
    const fifth = await place({ on: "@role=build" });
    assert.deepEqual(
      [fifth.json.server, fifth.json.placement.rejected],
      ["web-2", [{ server: "web-1", because: "draining" }]],
    );
    const { json: resolved } = await hub.ask({ path: "/servers/resolve", body: { on: "web-[1-3] local" } });
    assert.deepEqual(
      [resolved.targets.length, resolved.excluded, resolved.unknown],
      [2, [{ server: "web-1", because: "draining" }], ["web-3"]],
    );
    const nowhere = await place({ on: "web-1" });
    assert.deepEqual([nowhere.status, nowhere.json.error.code], [409, "no_eligible_server"]);
    assert.equal((await place({ on: "web-[1" })).json.error.code, "invalid_selector");
    assert.equal((await place({ on: "web-7" })).json.error.code, "server_not_found");
    assert.equal((await place({ on: "@role=nobody" })).json.error.code, "no_servers");
    assert.equal((await place({ on: "web-1", server: "web-1" })).json.error.code, "invalid_request");
    await hub.ask({ method: "PATCH", path: "/servers/web-1", body: { draining: false } });
    for (const { json } of [...made, fifth]) await hub.ask({ method: "DELETE", path: `/sessions/${json.id}` });
  });

  it("says what each server has to offer", async () => {
    const { json: ofMember } = await hub.ask({ path: `/servers/${(await fleet.server("web-1")).id}/capabilities` });
    const { json: own } = await hub.ask({ path: "/servers/local/capabilities" });
    assert.deepEqual([ofMember.server, own.server], ["web-1", "hub-1"]);
    assert.ok(ofMember.cpus > 0 && ofMember.disk_free_bytes > 0 && ofMember.shells.includes("sh"));
    assert.match((await hub.fleetty(["servers", "capabilities", "web-1"])).stdout, /^shells +.*\bsh\b/m);
  });

  it("is shown by the command line as one server would be", async () => {
    await say("far", "web-2");
    assert.match((await hub.fleetty(["servers", "ls"])).stdout, /^SERVER +HEALTH.*\nhub-1 +healthy.*local\nweb-/);
    assert.equal((await hub.fleetty(["send", "web-2/far", "by hand\\n", "--enter"])).code, 0);
    const waited = await hub.fleetty(["wait", "far", "--pattern", "by hand", "--in", "screen"]);
    assert.equal(waited.code, 0, waited.stderr);
    assert.match((await hub.fleetty(["screen", "far"])).stdout, /by hand/);
    await say("near");
    assert.match((await hub.fleetty(["ls"])).stdout, /^SERVER +NAME[^\n]*\nhub-1 +near[^\n]*\nweb-2 +far/);
    for (const name of ["far", "near"]) assert.equal((await hub.fleetty(["kill", name])).code, 0);
  });
});

describe("a member", () => {
  it("that dies is unavailable, costs nobody else anything, and comes back with its sessions by itself", async () => {
    await using fleet = await startFleet({ members: ["web-1", "web-2"] });
    const { hub } = fleet;
    const member = fleet.member("web-1");
    const { port } = await member.tcp();
    for (const server of ["web-1", "web-2"]) {
      const body = { name: `on-${server}`, argv: [fixture("say")], server };
      assert.equal((await hub.ask({ path: "/sessions", body })).status, 201);
    }
    await member.kill();
    await fleet.becomes("web-1", "unavailable");
    const refused = await hub.ask({ path: "/sessions/on-web-1" });
    assert.deepEqual([refused.status, refused.json.error.code], [503, "server_unavailable"]);
    assert.deepEqual(refused.json.error.details.server, "web-1");
    const listed = await hub.ask({ path: "/sessions" });
    assert.equal(listed.headers["fleetty-partial"], "web-1");
    assert.deepEqual(
      listed.json.map(({ name }: { name: string }) => name),
      ["on-web-2"],
    );
    assert.equal((await hub.ask({ path: "/sessions/on-web-2" })).status, 200);

    await using back = await startServer({
      home: member.home,
      args: ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`],
    });
    await fleet.becomes("web-1", "healthy");
    const found = await hub.ask({ path: "/sessions/on-web-1" });
    assert.deepEqual([found.json.state, found.json.server], ["running", "web-1"]);
    assert.ok(await back.answers());
  });

  it("is kept over a restart of its hub, with its token, and is not asked to be introduced again", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const before = await fleet.server("web-1");
    await fleet.hub.stop();
    await fleet.hub.start();
    await fleet.becomes("web-1", "healthy");
    const { id, address } = await fleet.server("web-1");
    assert.deepEqual([id, address], [before.id, before.address]);
    assert.equal((await fleet.hub.ask({ method: "DELETE", path: `/servers/${id}` })).status, 204);
    assert.equal((await fleet.hub.ask({ path: "/servers" })).json.length, 1);
  });

  it("is told from one whose token is wrong, and let in as soon as the right one is given", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const { hub } = fleet;
    await using other = await startServer({ tcp: true, args: ["--hostname", "web-2"] });
    const address = `http://127.0.0.1:${(await other.tcp()).port}`;
    await hub.ask({ path: "/servers", body: { address, token: "a token of nobody here" } });
    await fleet.becomes(address, "unavailable", "auth_failed");
    for (const token of ["two\nlines", "\u00fc"]) {
      assert.equal((await hub.ask({ path: "/servers", body: { address: `${address}/x`, token } })).status, 422);
    }
    const right = { method: "PATCH", path: `/servers/${encodeURIComponent(address)}`, body: { token: other.token } };
    assert.equal((await hub.ask(right)).status, 200);
    await fleet.becomes("web-2", "healthy");
  });

  it("gives up a name and labels that are taken away, and goes by the name that it reports", async () => {
    await using fleet = await startFleet({ members: ["web-1"] });
    const change = (ref: string, body: object) => fleet.hub.ask({ method: "PATCH", path: `/servers/${ref}`, body });
    const given = await change("web-1", { name: "other", labels: { role: "web", zone: "a" } });
    assert.equal(given.json.hostname, "other");
    const taken = await change("other", { name: null, labels: { role: null } });
    assert.equal(taken.json.hostname, "web-1");
    assert.deepEqual([taken.json.labels.role, taken.json.labels.zone], [undefined, "a"]);
  });

  it("that leads back to the hub itself, or has a name that is taken, is rejected until it has another", async () => {
    await using fleet = await startFleet({ members: ["web-1"], hub: { tcp: true } });
    const { hub } = fleet;
    const { port } = await hub.tcp();
    const self = `http://127.0.0.1:${port}`;
    await hub.ask({ path: "/servers", body: { address: self, token: hub.token } });
    await fleet.becomes(self, "rejected", "self");
    const elsewhere = await startServer({ args: ["--hostname", "WEB-1", "--bind", "127.0.0.1:0"] });
    try {
      const clash = `http://127.0.0.1:${(await elsewhere.tcp()).port}`;
      await hub.ask({ path: "/servers", body: { address: clash, token: elsewhere.token } });
      await fleet.becomes(clash, "rejected", "hostname_conflict");
      const named = { method: "PATCH", path: `/servers/${encodeURIComponent(clash)}`, body: { name: "web-1b" } };
      assert.equal((await hub.ask(named)).status, 200);
      await fleet.becomes("web-1b", "healthy");
      const made = await hub.ask({
        path: "/sessions",
        body: { name: "renamed", argv: ["/bin/cat"], server: "web-1b" },
      });
      assert.equal(made.json.server, "web-1b");
      assert.equal((await hub.ask({ path: "/sessions/renamed" })).json.server, "web-1b");
    } finally {
      await elsewhere[Symbol.asyncDispose]();
    }
    assert.equal((await fleet.server("web-1")).health, "healthy");
  });
});
