// MCP as clients of the older public API know it, under the prefix wsh_: its tools, their defaults, their way of refusing, its
// resources and prompts; and that its socket needs nobody to ask for them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ask } from "./harness/http.ts";
import { type McpClient, mcpOverHttp, messagesOf } from "./harness/mcp.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const TOOLS = [
  "create_session list_sessions manage_session send_input get_screen get_scrollback await_idle run_command overlay",
  "remove_overlay panel remove_panel input_mode screen_mode list_servers add_server remove_server server_status",
  "send_keys send_and_read",
].flatMap((line) => line.split(" ").map((name) => `wsh_${name}`));

const SKILLS = [
  "core drive-process tui multi-session agent-orchestration monitor visual-feedback input-capture generative-ui",
  "cluster-orchestration",
].flatMap((line) => line.split(" "));

describe("MCP under the prefix wsh_", () => {
  let server: TestServer;
  let agent: McpClient;

  before(async () => {
    server = await startServer({ tcp: true, args: ["--hostname", "here"] });
    agent = await mcpOverHttp(server, { path: "/mcp?tool_prefix=wsh_" });
    await agent.json("wsh_create_session", { name: "w", argv: ["cat"] });
  });

  after(async () => {
    await agent[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("has the tools, resources and prompts that such clients know, and says so", async () => {
    const { tools } = await agent.client.listTools();
    const names = new Set(tools.map(({ name }) => name));
    const ofTyping = tools.find(({ name }) => name === "wsh_send_input")?.description ?? "";
    assert.match(ofTyping, /`wsh_send_secret`/);
    assert.deepEqual(
      TOOLS.filter((name) => !names.has(name)),
      [],
    );
    assert.match(agent.client.getInstructions() ?? "", /wsh_run_command/);
    const prompts = (await agent.client.listPrompts()).prompts
      .map(({ name }) => name)
      .filter((name) => name.startsWith("wsh:"));
    assert.deepEqual(new Set(prompts), new Set(SKILLS.map((name) => `wsh:${name}`)));
    const { messages } = await agent.client.getPrompt({ name: "wsh:core" });
    assert.ok(messages[0]?.content.type === "text" && messages[0].content.text.length > 100);
    const uris = (await agent.client.listResources()).resources.map(({ uri }) => uri);
    for (const uri of ["wsh://sessions", "wsh://sessions/w/screen", "wsh://sessions/w/scrollback"])
      assert.ok(uris.includes(uri), uri);
    const [screen] = (await agent.client.readResource({ uri: "wsh://sessions/w/screen" })).contents;
    assert.ok(Array.isArray(JSON.parse((screen as { text: string }).text).lines[0]));
  });

  it("has them by themselves on the socket of such clients", async () => {
    const where = { socketPath: join(server.home.env["XDG_RUNTIME_DIR"] ?? "", "wsh", "default.http.sock") };
    const post = (body: object, session?: string) => {
      const headers = { accept: "application/json, text/event-stream", ...(session && { "mcp-session-id": session }) };
      return ask(where, { path: "/mcp", body: { jsonrpc: "2.0", id: 1, ...body }, headers });
    };
    const params = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: { name: "old", version: "1" } };
    const { headers } = await post({ method: "initialize", params });
    const [{ result }] = messagesOf(await post({ method: "tools/list" }, String(headers["mcp-session-id"])));
    assert.ok(result.tools.every(({ name }: { name: string }) => name.startsWith("wsh_")));
  });

  it("has their defaults: styled screens, no member that is new at the beginning", async () => {
    const screen = await agent.json("wsh_get_screen", { session: "w" });
    assert.equal(screen.lines.length, screen.rows);
    assert.ok(screen.lines.every((line: unknown) => Array.isArray(line)));
    assert.equal(Object.keys(screen).at(-1), "source");
    const { total_lines, lines } = await agent.json("wsh_get_scrollback", { session: "w", format: "plain" });
    assert.equal(lines.length, total_lines);
  });

  it("types one byte for base64 of one", async () => {
    await agent.json("wsh_create_session", { name: "byte", argv: ["cat"] });
    const sent = await agent.json("wsh_send_input", { session: "byte", input: "Aw==", encoding: "base64" });
    assert.deepEqual([sent.status, sent.bytes], ["sent", 1]);
    // It is an interrupt, and ends the program.
    const { json } = await server.ask({ path: "/sessions/byte/wait", body: { until: { exit: true } } });
    assert.deepEqual([json.reason, json.exit], ["exit", { signal: "SIGINT" }]);
  });

  it("refuses by JSON-RPC: what the caller can mend, and what it cannot", async () => {
    const refusals: [string, Record<string, unknown>, number, string][] = [
      ["wsh_get_screen", { session: "nobody" }, -32602, "session_not_found"],
      ["wsh_get_screen", { session: "w", server: "nowhere" }, -32602, "server_not_found"],
      ["wsh_create_session", { name: "w" }, -32602, "session_name_conflict"],
      ["wsh_create_session", { command: "true", cwd: "/nowhere" }, -32602, "invalid_request"],
      ["wsh_input_mode", { session: "w", focus: "x", unfocus: true }, -32602, "invalid_request"],
      ["wsh_screen_mode", { session: "w", action: "exit_alt" }, -32602, "not_in_alt_screen"],
      ["wsh_manage_session", { session: "w", action: "add_tags" }, -32602, "invalid_request"],
      ["wsh_manage_session", { session: "w", action: "remove_tags", tags: [] }, -32602, "invalid_request"],
      ["wsh_nothing", {}, -32602, "not_found"],
    ];
    for (const [name, args, code, ours] of refusals) {
      const thrown = await agent.call(name, args).then(
        () => null,
        (error: { code: number; data: { code: string } }) => error,
      );
      assert.deepEqual([thrown?.code, thrown?.data?.code], [code, ours], name);
    }
  });

  it("answers a wait for quiet in vain as a failed tool", async () => {
    const { json, isError } = await agent.call("wsh_await_idle", {
      session: "w",
      timeout_ms: 60_000,
      max_wait_ms: 0,
    });
    assert.equal(isError, true);
    assert.deepEqual([typeof json.error, json.timeout_ms, json.max_wait_ms], ["string", 60_000, 0]);
  });

  it("flags what it typed and was not quiet in time as failed, and shows the screen all the same", async () => {
    const typed = { session: "w", input: "typed", timeout_ms: 60_000, max_wait_ms: 0 };
    const { json, isError } = await agent.call("wsh_run_command", typed);
    assert.deepEqual([isError, json.timeout_ms, json.max_wait_ms], [true, 60_000, 0]);
    assert.ok(Array.isArray(json.screen.lines[0]));
    assert.deepEqual(Object.keys(json), ["error", "timeout_ms", "max_wait_ms", "screen", "source"]);
  });

  it("lets members be that it does not know, in the tools of that time alone", async () => {
    await agent.json("wsh_get_screen", { session: "w", colour: true });
    await assert.rejects(agent.call("wsh_explain", { session: "w", colour: true }), { code: -32602 });
    const refused = await agent.call("wsh_explain", { session: "nobody" });
    assert.equal(refused.json.error.code, "session_not_found");
  });

  it("paints overlays and panels, and takes them away", async () => {
    const spans = [{ text: "look" }];
    const made = await agent.json("wsh_overlay", { session: "w", x: 1, y: 1, width: 6, height: 1, spans });
    assert.equal(made.status, "created");
    const { id } = made;
    assert.deepEqual(await agent.json("wsh_overlay", { session: "w", id, x: 2, spans: [{ text: "here" }] }), {
      status: "updated",
      id,
    });
    const [overlay] = (await agent.json("wsh_overlay", { session: "w", list: true })).overlays;
    assert.deepEqual([overlay.id, overlay.x, overlay.y, overlay.spans], [id, 2, 1, [{ text: "here" }]]);
    assert.deepEqual(await agent.json("wsh_remove_overlay", { session: "w", id }), { status: "removed", id });
    const panel = await agent.json("wsh_panel", { session: "w", position: "bottom", height: 2, focusable: true });
    assert.equal((await agent.json("wsh_get_screen", { session: "w" })).rows, 22);
    const focused = await agent.json("wsh_input_mode", { session: "w", mode: "capture", focus: panel.id });
    assert.deepEqual(focused, { mode: "capture", focused_element: panel.id });
    const released = await agent.json("wsh_input_mode", { session: "w", mode: "release" });
    assert.deepEqual(released, { mode: "passthrough", focused_element: null });
    assert.deepEqual(await agent.json("wsh_remove_panel", { session: "w" }), { status: "cleared" });
    assert.deepEqual(await agent.json("wsh_screen_mode", { session: "w", action: "enter_alt" }), { mode: "alt" });
    assert.deepEqual(await agent.json("wsh_screen_mode", { session: "w", action: "exit_alt" }), { mode: "normal" });
    await assert.rejects(agent.call("wsh_overlay", { session: "w", x: 1 }), { code: -32602 });
    await assert.rejects(agent.call("wsh_overlay", { session: "w", id, x: 1 }), { code: -32602 });
  });
});
