// Whether a server stays without sessions, said while it runs: asked, set and refused over HTTP and by the command line, and
// of a member through its hub.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { ask } from "./harness/http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer } from "./harness/server.ts";

const saying = (body: unknown, path = "/server/persist") => ({ method: "PUT", path, body }) as const;
const staying = { path: "/server/persist" };

describe("a server that is told whether to stay", () => {
  let fleet: TestFleet;

  before(async () => {
    fleet = await startFleet({ members: ["web-1"] });
  });
  after(() => fleet[Symbol.asyncDispose]());

  it("says what holds, and takes nothing for an answer but yes or no", async () => {
    const { hub } = fleet;
    assert.deepEqual((await hub.ask(staying)).json, { persistent: true });
    for (const body of [{}, { persistent: "false" }, { persistent: null }, { persistent: 0 }, []])
      assertRefused(await hub.ask(saying(body)), "invalid_request");
    const ignored = await hub.ask(saying({ persistent: true, forever: true }));
    assert.deepEqual([ignored.json, ignored.headers["fleetty-ignored"]], [{ persistent: true }, "forever"]);
    assert.equal((await hub.ask({ path: "/server/info" })).json.persistent, true);
  });

  it("is told by its own commands", async () => {
    const said = async (...words: string[]) => (await fleet.hub.fleetty(["persist", ...words])).stdout;
    assert.deepEqual([await said(), await said("off"), await said()], ["persistent\n", "ephemeral\n", "ephemeral\n"]);
    assert.equal(await said("on", "--json"), '{"persistent":true}\n');
    assert.equal((await fleet.hub.ask({ path: "/server/info" })).json.persistent, true);
  });

  it("is a member where it is named, and not the hub that is asked", async () => {
    const { hub } = fleet;
    const told = await hub.ask(saying({ persistent: false, server: "web-1" }));
    assert.deepEqual([told.status, told.json, told.headers["fleetty-server"]], [200, { persistent: false }, "web-1"]);
    assert.deepEqual((await hub.ask({ path: "/server/persist?server=web-1" })).json, { persistent: false });
    assert.deepEqual((await hub.ask(staying)).json, { persistent: true });
  });

  it("goes with its last session from then on, and answers the hub that has ended it", async () => {
    const member = fleet.member("web-1");
    const made = await fleet.hub.ask({
      path: "/sessions",
      body: { name: "last", server: "web-1", argv: ["/bin/cat"] },
    });
    assert.equal(made.status, 201);
    const removed = await fleet.hub.ask({ method: "DELETE", path: "/sessions/last" });
    assert.equal(removed.status, 204, removed.body.toString());
    assert.equal(await member.ended(), 0);
  });

  it("asks more of a token than to look", async () => {
    await using server = await startServer({ tcp: true });
    const { json } = await server.ask({ path: "/tokens", body: { name: "ci", verbs: ["observe", "create", "kill"] } });
    const where = { ...(await server.tcp()), token: json.token };
    assert.equal((await ask(where, staying)).status, 200);
    const { details } = assertRefused(await ask(where, saying({ persistent: false })), "forbidden");
    assert.equal(details["verb"], "admin");
  });
});

describe("the guide to the API", () => {
  it("is Markdown that names every operation, and is for whoever has a token", async () => {
    await using server = await startServer({ tcp: true });
    const { status, headers, body } = await server.ask({ path: "/docs" });
    assert.deepEqual([status, headers["content-type"]], [200, "text/markdown; charset=utf-8"]);
    const text = body.toString();
    const { json } = await server.ask({ path: "/openapi.json" });
    for (const [path, methods] of Object.entries(json.paths))
      for (const method of Object.keys(methods as object))
        assert.ok(text.includes(`### ${method.toUpperCase()} ${path}\n`), `${method} ${path} is not in the guide`);
    assertRefused(await server.askTcp({ path: "/docs" }, ""), "auth_required");
    assert.equal((await server.fleetty(["docs"])).stdout.trim(), text.trim());
  });
});
