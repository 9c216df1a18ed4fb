// Calls of MCP tools that take longer than one call may: that they go on, are resumed where they were, are done once however
// often they are asked for, and end when their client takes them back. One call may take 300 ms here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { ask } from "./harness/http.ts";
import { type McpClient, mcpOverHttp, type ToolAnswer } from "./harness/mcp.ts";
import { TOKEN } from "./harness/own-faces.ts";
import { OwnServer } from "./harness/own-server.ts";
import { waitUntil } from "./harness/wait-until.ts";

describe("a call of a tool that takes long", () => {
  let server: OwnServer;
  let agent: McpClient;

  before(async () => {
    server = await OwnServer.open({ callMaxMs: 300 });
    agent = await mcpOverHttp({ tcp: async () => server.faces.tcp, token: TOKEN });
    await server.start("cat", ["cat"]);
    await server.start("shell", ["bash", "--norc", "-i"]);
  });

  after(async () => {
    await agent[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** The answer of the tool, resumed for as long as it takes. */
  const whole = async (name: string, first: ToolAnswer): Promise<ToolAnswer> => {
    let answer = first;
    while (answer.json.status === "waiting") answer = await agent.call(name, { resume: answer.json.resume });
    return answer;
  };

  const needle = { pattern: { regex: "needle", on: "output" } };

  it("is no failure, says how far it is, and misses nothing between two questions", async () => {
    const first = await agent.call("wait", { session: "cat", until: needle, max_wait_ms: 60_000 });
    assert.equal(first.isError, false);
    const { status, resume, waited_ms, attention, generation } = first.json;
    assert.equal(status, "waiting");
    assert.match(resume, /^rsm_[0-9a-f]{32}$/);
    assert.ok(waited_ms >= 300 && typeof attention === "string" && generation >= 0, first.text);
    assert.deepEqual(first.structured, first.json);
    await agent.json("send_input", { session: "cat", input: "a needle\n" });
    const { json, text } = await whole("wait", first);
    assert.equal(json.reason, "pattern");
    assert.equal((await agent.call("wait", { resume })).text, text);
  });

  it("goes on to the deadline that it was given first", async () => {
    const first = await agent.call("wait", { session: "cat", until: { exit: true }, max_wait_ms: 700 });
    assert.equal(first.json.status, "waiting");
    const { json } = await whole("wait", first);
    assert.deepEqual([json.reason, json.timed_out], ["timeout", true]);
  });

  it("types once, and gives all of the output at its end", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const fifo = join(folder.path, "go");
    await promisify(execFile)("mkfifo", [fifo]);
    const command = `echo begun; read line < ${fifo}; echo "over: $line"`;
    const first = await agent.call("run", { session: "shell", command, max_wait_ms: 60_000 });
    assert.equal(first.json.status, "waiting");
    assert.equal((await agent.call("run", { resume: first.json.resume })).json.status, "waiting");
    writeFileSync(fifo, "now\n");
    const { json } = await whole("run", first);
    assert.deepEqual([json.output, json.exit_code], ["begun\nover: now\n", 0]);
    assert.equal(server.asked.filter((name) => name === "sessions.run").length, 1);
  });

  it("types once what it waits for quiet after", async () => {
    const before = server.asked.filter((name) => name === "sessions.input").length;
    const first = await agent.call("run_command", { session: "cat", input: "just once\n", timeout_ms: 500 });
    assert.equal(first.json.status, "waiting");
    const { json } = await whole("run_command", first);
    assert.equal(json.screen.lines.filter((line: string) => line === "just once").length, 2, "typed and printed");
    assert.equal(server.asked.filter((name) => name === "sessions.input").length, before + 1);
  });

  it("is refused, when it is resumed, as it would have been at once", async () => {
    const asked = { session: "cat", timeout_ms: 60_000, max_wait_ms: 400 };
    const { json } = await whole("send_and_read", await agent.call("send_and_read", { ...asked, input: "in vain\n" }));
    const { source, error, screen } = json;
    assert.deepEqual([error.code, source.session, typeof source.server], ["idle_timeout", "cat", "string"]);
    assert.ok(Array.isArray(screen.lines));
    const path = "/mcp?tool_prefix=wsh_";
    await using older = await mcpOverHttp({ tcp: async () => server.faces.tcp, token: TOKEN }, { path });
    const first = await older.call("wsh_await_idle", asked);
    assert.equal(first.json.status, "waiting");
    const over = await older.call("wsh_await_idle", { resume: first.json.resume });
    assert.deepEqual([over.isError, over.json.timeout_ms, over.json.max_wait_ms], [true, 60_000, 400]);
  });

  it("is found by its own tool and its own caller alone, and resumed by nothing else than its id", async () => {
    const { json } = await agent.call("wait", { session: "cat", until: { exit: true }, max_wait_ms: 60_000 });
    const { resume } = json;
    const byOther = await agent.call("await_idle", { resume });
    assert.equal(byOther.json.error.code, "invalid_cursor");
    assert.equal((await agent.call("wait", { resume: `rsm_${"0".repeat(32)}` })).json.error.code, "invalid_cursor");
    await assert.rejects(agent.call("wait", { resume, max_wait_ms: 1 }), { code: -32602 });
    const { json: local } = await askLocally(server, "wait", { resume });
    assert.equal(JSON.parse(local.result.content[0].text).error.code, "invalid_cursor");
  });

  it("ends at the hub when its client takes it back", async () => {
    const waits = () => server.underWay.filter((name) => name === "sessions.wait").length;
    const before = waits();
    const back = new AbortController();
    const args = { session: "cat", until: { exit: true }, max_wait_ms: 90_000 };
    const call = agent.call("wait", args, { signal: back.signal });
    await waitUntil("it waits", () => waits() === before + 1);
    back.abort();
    await assert.rejects(call);
    await waitUntil("the wait has ended at the hub", () => waits() === before, { seen: () => server.underWay });
  });

  it("ends at the hub when its client hangs up", async () => {
    const waits = () => server.underWay.filter((name) => name === "sessions.wait").length;
    const before = waits();
    const hangUp = new AbortController();
    const call = askLocally(server, "wait", { session: "cat", until: { exit: true } }, hangUp.signal);
    await waitUntil("it waits", () => waits() === before + 1);
    hangUp.abort();
    await assert.rejects(call);
    await waitUntil("the wait has ended at the hub", () => waits() === before, { seen: () => server.underWay });
  });
});

/** One call by another principal, that of the unix socket. */
async function askLocally(server: OwnServer, name: string, args: object, signal?: AbortSignal) {
  const post = (body: object, session = "", more: { signal?: AbortSignal } = {}) => {
    const headers = { accept: "application/json, text/event-stream", ...(session && { "mcp-session-id": session }) };
    return ask(server.where, { path: "/mcp", body: { jsonrpc: "2.0", id: 1, ...body }, headers, ...more });
  };
  const clientInfo = { name: "another", version: "1" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  const greeted = await post({ method: "initialize", params });
  const session = String(greeted.headers["mcp-session-id"]);
  return post({ method: "tools/call", params: { name, arguments: args } }, session, signal ? { signal } : {});
}
