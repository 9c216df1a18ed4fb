// MCP on a fleet: tools on sessions of another server through its hub, resources, and news of what was subscribed to.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { type McpClient, mcpOverHttp } from "./harness/mcp.ts";
import { waitUntil } from "./harness/wait-until.ts";

describe("an agent with MCP on a fleet", () => {
  let fleet: TestFleet;
  let agent: McpClient;
  const updated: string[] = [];
  let listsChanged = 0;

  before(async () => {
    fleet = await startFleet({ members: ["web-1"], hub: { tcp: true } });
    agent = await mcpOverHttp(fleet.hub);
    agent.client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void updated.push(params.uri),
    );
    agent.client.setNotificationHandler("notifications/resources/list_changed", () => {
      listsChanged += 1;
    });
  });

  after(async () => {
    await agent[Symbol.asyncDispose]();
    await fleet[Symbol.asyncDispose]();
  });

  const read = async (uri: string) => {
    const [content] = (await agent.client.readResource({ uri })).contents;
    return JSON.parse((content as { text: string }).text);
  };

  it("starts, drives and reads a session elsewhere as one here", async () => {
    const argv = ["bash", "--norc", "-i"];
    const made = await agent.json("create_session", { name: "far", argv, server: "web-1" });
    assert.equal(made.server, "web-1");
    const ran = await agent.json("run", { session: "far", command: "echo $((6*7))" });
    assert.deepEqual([ran.output, ran.source], ["42\n", { server: "web-1", session: "far", trust: "terminal" }]);
    for (const session of ["far", "web-1/far", "web-1%2Ffar", made.id]) {
      const { source, lines } = await agent.json("get_screen", { session });
      assert.equal(source.server, "web-1");
      assert.ok(lines.includes("42"), session);
    }
    const { screen } = await agent.json("run_command", {
      session: "web-1/far",
      input: "echo typed\n",
      timeout_ms: 200,
    });
    assert.ok(screen.lines.includes("typed"));
    const { id } = await agent.json("panel", {
      session: "far",
      position: "top",
      height: 1,
      spans: [{ text: "a step" }],
    });
    assert.equal((await agent.json("panel", { session: "far", list: true })).panels[0].id, id);
    await agent.json("remove_panel", { session: "far", id });
  });

  it("waits for many at once, each event once", async () => {
    const sent = await agent.json("send_input", { session: "far", input: "echo wai$((0))ted\n" });
    const first = await agent.json("wait_fleet", {
      select: { sessions: ["far"] },
      since: { [(await agent.json("list_sessions", { session: "far" })).id]: { offset: sent.offset } },
      until: { pattern: { regex: "wai0ted", on: "output" } },
    });
    assert.deepEqual([first.events[0].reason, first.events[0].server], ["pattern", "web-1"]);
    const again = await agent.json("wait_fleet", { cursor: first.cursor, max_wait_ms: 0 });
    assert.deepEqual(again.events, []);
  });

  it("sees which servers there are, itself apart, and how one is", async () => {
    const { local_hostname, servers } = await agent.json("list_servers");
    assert.equal(local_hostname, "hub-1");
    assert.deepEqual(
      servers.map(({ hostname }: { hostname: string }) => hostname),
      ["web-1"],
    );
    const status = await agent.json("server_status", { hostname: "web-1", capabilities: true });
    assert.deepEqual([status.health, typeof status.capabilities.cpus], ["healthy", "number"]);
    await agent.json("update_server", { server: "web-1", labels: { role: "web" } });
    const { targets } = await agent.json("resolve_servers", { on: "@role=web" });
    assert.deepEqual(
      targets.map(({ server }: { server: string }) => server),
      ["web-1"],
    );
  });

  it("reads sessions, servers, screens and scrollbacks as resources", async () => {
    const uris = (await agent.client.listResources()).resources.map(({ uri }) => uri);
    for (const uri of ["fleetty://sessions", "fleetty://servers", "fleetty://sessions/web-1%2Ffar/screen"])
      assert.ok(uris.includes(uri), uri);
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    assert.ok(resourceTemplates.some(({ uriTemplate }) => uriTemplate === "fleetty://sessions/{name}/screen"));
    assert.deepEqual(
      (await read("fleetty://sessions")).map(({ name }: { name: string }) => name),
      ["far"],
    );
    assert.equal((await read("fleetty://servers")).length, 2);
    const screen = await read("fleetty://sessions/web-1%2Ffar/screen");
    assert.deepEqual(screen.source, { server: "web-1", session: "far", trust: "terminal" });
    assert.equal((await read("fleetty://sessions/far/scrollback")).lines[0], screen.lines[0]);
    for (const uri of ["fleetty://nothing", "wsh://sessions", "fleetty://sessions/a%/screen", "file:///etc/passwd"])
      await assert.rejects(read(uri), { code: -32602 }, uri);
    await assert.rejects(read("fleetty://sessions/nobody/screen"), { code: -32602 });
  });

  it("is told when a screen that it subscribed to changes, here and elsewhere, and no more when it ends that", async () => {
    await agent.json("create_session", { name: "near", argv: ["cat"] });
    for (const [session, uri] of [
      ["near", "fleetty://sessions/near/screen"],
      ["far", "fleetty://sessions/web-1%2Ffar/scrollback"],
    ] as const) {
      await agent.client.subscribeResource({ uri });
      await agent.json("send_input", { session, input: "news\n" });
      await waitUntil(`news of ${uri}`, () => updated.includes(uri), { seen: () => updated });
      await agent.client.unsubscribeResource({ uri });
    }
    await assert.rejects(agent.client.subscribeResource({ uri: "fleetty://sessions/nobody/screen" }), { code: -32602 });
  });

  it("finds out who has a session elsewhere, who watches it, and how it is reached", async () => {
    const uri = "fleetty://sessions/web-1%2Ffar/screen";
    const { lease, clients, link } = await agent.json("explain", { session: "far" });
    assert.deepEqual([lease, clients, link.health, typeof link.latency_ms], [null, 0, "healthy", "number"]);
    await agent.client.subscribeResource({ uri });
    const { id, holder } = await agent.json("lease", { session: "far", action: "acquire" });
    const held = await agent.json("explain", { session: "far" });
    assert.deepEqual([held.lease.holder, held.clients], [holder, 1]);
    await agent.json("lease", { session: "far", action: "release", lease: id });
    await agent.client.unsubscribeResource({ uri });
  });

  it("is told when there are other sessions than before, and of the list that it subscribed to", async () => {
    await agent.client.subscribeResource({ uri: "fleetty://sessions" });
    const before = listsChanged;
    await agent.json("create_session", { name: "new", argv: ["cat"], server: "web-1" });
    await waitUntil("the list has changed", () => listsChanged > before && updated.includes("fleetty://sessions"));
  });

  it("hears what happens in the fleet from a cursor on", async () => {
    const { cursor } = await agent.json("get_events", { max_wait_ms: 0 });
    await agent.json("manage_session", { session: "new", action: "kill" });
    const { events } = await agent.json("get_events", { cursor, types: ["session.exited"] });
    assert.deepEqual([events[0].session, events[0].server], ["new", "web-1"]);
  });

  it("is told of a server that does not answer, beside what others have, and by a refusal that names it", async () => {
    const member = fleet.member("web-1");
    member.freeze();
    try {
      const { json, structured } = await agent.call("list_sessions", {});
      assert.deepEqual(json.partial, ["web-1"]);
      assert.deepEqual(
        json.items.map(({ server }: { server: string }) => server),
        ["hub-1"],
      );
      assert.deepEqual(structured, json);
      const { error } = (await agent.call("list_sessions", { server: "web-1" })).json;
      assert.deepEqual([error.code, error.details.server], ["server_timeout", "web-1"]);
    } finally {
      member.thaw();
    }
  });
});
