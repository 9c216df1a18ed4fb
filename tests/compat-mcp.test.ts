// MCP as programs know it that were written for the wsh API: on their own socket, without having asked for it, by the names, the
// defaults and the form of refusals that they know. How MCP itself is served is in mcp-http.test.ts, by what is called
// `fleetty` in mcp.test.ts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Ask, ask } from "./harness/http.ts";
import { messagesOf } from "./harness/mcp.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const BOTH = "application/json, text/event-stream";
/** Of the original. */
const TOOLS = [
  ...["create_session", "list_sessions", "manage_session", "send_input", "get_screen", "get_scrollback", "await_idle"],
  ...["run_command", "overlay", "remove_overlay", "panel", "remove_panel", "input_mode", "screen_mode"],
  ...["list_servers", "add_server", "remove_server", "server_status", "send_keys", "send_and_read"],
].map((name) => `wsh_${name}`);
const PROMPTS = [
  ...["core", "drive-process", "tui", "multi-session", "agent-orchestration", "monitor", "visual-feedback"],
  ...["input-capture", "generative-ui", "cluster-orchestration"],
].map((name) => `wsh:${name}`);

let server: TestServer;
let session = "";

const post = (body: object, more: Partial<Ask> = {}) => {
  const headers = { accept: BOTH, ...(session !== "" && { "mcp-session-id": session }), ...more.headers };
  return ask({ socketPath: server.compatSocketPath }, { path: "/mcp", body, ...more, headers });
};

/** The whole JSON-RPC answer. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
async function say(method: string, params: object = {}): Promise<any> {
  return messagesOf(await post({ jsonrpc: "2.0", id: 1, method, params }))[0];
}

const call = (name: string, args: object) => say("tools/call", { name: `wsh_${name}`, arguments: args });
const resultOf = async (name: string, args: object) => {
  const { result } = await call(name, args);
  assert.ok(result && !result.isError, JSON.stringify(result));
  return JSON.parse(result.content[0].text);
};

before(async () => {
  server = await startServer({ args: ["--hostname", "hub-1"] });
  const params = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: { name: "older", version: "1" } };
  const greeted = await post({ jsonrpc: "2.0", id: 0, method: "initialize", params });
  session = String(greeted.headers["mcp-session-id"]);
  assert.equal(messagesOf(greeted)[0].result.serverInfo.name, "fleetty");
  assert.equal((await post({ jsonrpc: "2.0", method: "notifications/initialized" })).status, 202);
});
after(() => server[Symbol.asyncDispose]());

describe("MCP on the socket for programs written for the wsh API", () => {
  it("has their tools, prompts and resources by their names", async () => {
    const tools = (await say("tools/list")).result.tools.map(({ name }: { name: string }) => name);
    assert.deepEqual(
      TOOLS.filter((name) => !tools.includes(name)),
      [],
    );
    assert.ok(tools.every((name: string) => name.startsWith("wsh_")));
    const prompts = (await say("prompts/list")).result.prompts.map(({ name }: { name: string }) => name);
    assert.deepEqual(prompts.filter((name: string) => name.startsWith("wsh:")).toSorted(), PROMPTS.toSorted());
    const { result } = await say("prompts/get", { name: "wsh:core" });
    assert.equal(result.messages[0].role, "user");
    const { resources } = (await say("resources/list")).result;
    assert.ok(resources.some(({ uri }: { uri: string }) => uri === "wsh://sessions"));
    assert.equal((await say("resources/read", { uri: "wsh://sessions" })).result.contents[0].text, "[]");
  });

  it("makes, types, waits, reads and ends as they expect it, with styled screens", async () => {
    const made = await resultOf("create_session", { name: "raw", command: fixture("read-raw") });
    assert.deepEqual([made.name, made.rows, made.cols], ["raw", 24, 80]);
    await resultOf("await_idle", { session: "raw", timeout_ms: 100 });
    const sent = await resultOf("send_input", { session: "raw", input: "Aw==", encoding: "base64" });
    assert.deepEqual([sent.status, sent.bytes], ["sent", 1]);
    const { screen, generation } = await resultOf("run_command", { session: "raw", input: "x", timeout_ms: 100 });
    assert.ok(generation > 0 && screen.lines.length === 24 && Array.isArray(screen.lines[0]));
    assert.deepEqual((await resultOf("manage_session", { session: "raw", action: "kill" })).status, "killed");
  });

  it("paints, captures keys and changes modes with their tools and answers", async () => {
    await resultOf("create_session", { name: "paint", command: "cat" });
    const about = { session: "paint" };
    const at = { x: 0, y: 0, width: 10, height: 1 };
    const overlay = await resultOf("overlay", { ...about, ...at, spans: [{ text: "hello", fg: "green" }] });
    const panel = await resultOf("panel", { ...about, position: "top", height: 2, spans: [{ text: "status" }] });
    assert.deepEqual([overlay.status, panel.status], ["created", "created"]);
    assert.equal((await resultOf("overlay", { ...about, id: overlay.id, spans: [{ text: "bye" }] })).status, "updated");
    assert.equal((await resultOf("overlay", { ...about, list: true })).overlays[0].spans[0].text, "bye");
    assert.equal((await resultOf("remove_overlay", { ...about, id: overlay.id })).status, "removed");
    assert.equal((await resultOf("remove_panel", about)).status, "cleared");
    assert.deepEqual(await resultOf("input_mode", { ...about, mode: "capture" }), {
      mode: "capture",
      focused_element: null,
    });
    assert.equal((await call("input_mode", { ...about, focus: "x", unfocus: true })).error.code, -32602);
    assert.deepEqual(await resultOf("screen_mode", { ...about, action: "enter_alt" }), { mode: "alt" });
    await resultOf("manage_session", { ...about, action: "kill" });
  });

  it("refuses in their form: by JSON-RPC, with what the caller can mend told from the rest, and 408 as a result", async () => {
    const { error } = await call("get_screen", { session: "nobody" });
    assert.deepEqual([error.code, error.data.code], [-32602, "session_not_found"]);
    assert.equal((await call("no_such_tool", {})).error.code, -32602);
    await resultOf("create_session", { name: "loud", command: fixture("print-steadily") });
    const late = await call("await_idle", { session: "loud", timeout_ms: 30_000, max_wait_ms: 1 });
    assert.equal(late.result.isError, true);
    const { timeout_ms: timeoutMs, max_wait_ms: maxWaitMs } = JSON.parse(late.result.content[0].text);
    assert.deepEqual([timeoutMs, maxWaitMs], [30_000, 1]);
    await resultOf("manage_session", { session: "loud", action: "kill" });
  });

  it("refuses what is no MCP with the statuses that they know", async () => {
    const listing = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    const plain = { "content-type": "text/plain" };
    assertRefused(await post(listing, { body: JSON.stringify(listing), headers: plain }), "unsupported_media_type");
    assertRefused(await post(listing, { headers: { accept: "application/json" } }), "not_acceptable");
  });

  it("is called otherwise on the other socket, unless that is asked for there", async () => {
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "newer", version: "1" } };
    const names = async (query: string) => {
      const greeting = { jsonrpc: "2.0", id: 0, method: "initialize", params };
      const greeted = await server.ask({ path: `/mcp${query}`, body: greeting, headers: { accept: BOTH } });
      const headers = { accept: BOTH, "mcp-session-id": String(greeted.headers["mcp-session-id"]) };
      const listed = await server.ask({ path: "/mcp", body: { jsonrpc: "2.0", id: 1, method: "tools/list" }, headers });
      return messagesOf(listed)[0].result.tools.map(({ name }: { name: string }) => name) as string[];
    };
    assert.ok((await names("")).includes("get_screen"));
    assert.ok((await names("?tool_prefix=wsh_")).includes("wsh_get_screen"));
  });
});
