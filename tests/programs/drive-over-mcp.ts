// drive-over-mcp: a program that drives terminals with the wsh_ tools, over the stdio of `wsh mcp` and the official client, as
// the documents of the compat API describe them. Knows those alone. Prints each chapter when it is through; the first thing
// that is otherwise ends it.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const TOOLS = [
  ...["create_session", "list_sessions", "manage_session", "send_input", "get_screen", "get_scrollback", "await_idle"],
  ...["run_command", "overlay", "remove_overlay", "panel", "remove_panel", "input_mode", "screen_mode"],
  ...["list_servers", "add_server", "remove_server", "server_status"],
].map((name) => `wsh_${name}`);
const PROMPTS = [
  ...["core", "drive-process", "tui", "multi-session", "agent-orchestration", "monitor", "visual-feedback"],
  ...["input-capture", "generative-ui", "cluster-orchestration"],
].map((name) => `wsh:${name}`);
/** JSON-RPC: the caller's own fault. */
const INVALID_PARAMS = -32602;

const client = new Client({ name: "drive-over-mcp", version: "1.0.0" });

type Arguments = Readonly<Record<string, unknown>>;
// biome-ignore lint/suspicious/noExplicitAny: what a tool answers is asserted, not declared
type Told = any;

async function call(tool: string, args: Arguments = {}): Promise<{ told: Told; isError: boolean }> {
  const { content, isError = false } = await client.callTool({ name: `wsh_${tool}`, arguments: args });
  const [first, ...more] = content;
  assert.ok(first?.type === "text" && more.length === 0, `${tool} answers with one text`);
  return { told: JSON.parse(first.text), isError };
}

async function done(tool: string, args: Arguments = {}): Promise<Told> {
  const { told, isError } = await call(tool, args);
  assert.equal(isError, false, `${tool}: ${JSON.stringify(told)}`);
  return told;
}

async function refused(tool: string, args: Arguments, code = INVALID_PARAMS): Promise<void> {
  const error = await client.callTool({ name: `wsh_${tool}`, arguments: args }).then(
    (result) => assert.fail(`${tool} was not refused: ${JSON.stringify(result)}`),
    (thrown: { readonly code?: unknown }) => thrown,
  );
  assert.equal(error.code, code, String(error));
}

function shownBy({ screen }: Told): string {
  return screen.lines.map(textOf).join("\n");
}

function textOf(line: string | readonly { readonly text: string }[]): string {
  return typeof line === "string" ? line : line.map(({ text }) => text).join("");
}

async function whatThereIs() {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  for (const name of TOOLS) assert.ok(names.includes(name), `${name} is not offered`);
  const { prompts } = await client.listPrompts();
  for (const name of PROMPTS) {
    assert.ok(
      prompts.some((prompt) => prompt.name === name),
      `${name} is not offered`,
    );
    const { messages } = await client.getPrompt({ name });
    assert.ok(messages[0]?.role === "user" && messages[0].content.type === "text", name);
  }
}

async function sessions() {
  const made = await done("create_session", {
    name: "build",
    command: "sh",
    env: { PS1: "$ " },
    tags: ["ci", "build"],
  });
  assert.deepEqual([made.name, made.rows, made.cols, made.tags], ["build", 24, 80, ["build", "ci"]]);
  await refused("create_session", { name: "build" });
  await refused("create_session", { name: "a/b" });
  const listed = await done("list_sessions");
  assert.deepEqual(
    listed.map(({ name }: Told) => name),
    ["build"],
  );
  assert.deepEqual(await done("list_sessions", { tag: ["nobody"] }), []);
  assert.equal((await done("list_sessions", { session: "build" })).name, "build");
  const manage = (action: string, more: Arguments = {}) =>
    done("manage_session", { session: "build", action, ...more });
  assert.equal((await manage("add_tags", { tags: ["x"] })).status, "tags_added");
  assert.equal((await manage("remove_tags", { tags: ["x", "ci"] })).status, "tags_removed");
  assert.deepEqual((await done("list_sessions", { session: "build" })).tags, ["build"]);
  assert.equal((await manage("detach")).status, "detached");
  const renamed = await manage("rename", { new_name: "other" });
  assert.deepEqual([renamed.status, renamed.old_name, renamed.new_name], ["renamed", "build", "other"]);
  await done("manage_session", { session: "other", action: "rename", new_name: "build" });
  await refused("manage_session", { session: "build", action: "dance" });
  await refused("get_screen", { session: "nobody" });
}

/** Quiet is not the end: a busy machine may not have come to it yet. */
async function shows(session: string, line: string): Promise<void> {
  while (!(await done("get_screen", { session, format: "plain" })).lines.includes(line));
}

async function theLoop() {
  const session = "build";
  const run = await done("run_command", { session, input: "echo $((6 * 7))\n", timeout_ms: 300 });
  assert.equal(typeof run.generation, "number");
  assert.match(shownBy(run), /6 \* 7/);
  await shows(session, "42");
  await done("send_input", { session, input: "sleep 1000\n" });
  const sent = await done("send_input", { session, input: "Aw==", encoding: "base64" });
  assert.deepEqual([sent.status, sent.bytes], ["sent", 1]);
  const idle = await done("await_idle", { session, timeout_ms: 300 });
  assert.equal(idle.status, "idle");
  await shows(session, "$");
  await done("run_command", { session, input: "echo back\n", timeout_ms: 300, format: "plain" });
  await shows(session, "back");
  await done("run_command", { session, input: "clear; printf '\\033[1;31mred\\033[0m\\n'\n", timeout_ms: 300 });
  await shows(session, "red");
  const screen = await done("get_screen", { session });
  const spans = screen.lines.flatMap((line: Told) => (typeof line === "string" ? [] : line));
  assert.deepEqual(
    spans.find(({ text }: Told) => text === "red"),
    { text: "red", fg: { indexed: 1 }, bold: true },
  );
  await done("run_command", { session, input: "seq 100\n", timeout_ms: 300 });
  const back = await done("get_scrollback", { session, offset: 0, limit: 5, format: "plain" });
  assert.deepEqual([back.lines.length, back.offset], [5, 0]);
  await refused("send_input", { session, input: "%", encoding: "base64" });
  await refused("get_screen", { session, format: "html" });
}

async function noSilence() {
  const session = "build";
  await done("send_input", { session, input: "while :; do echo .; sleep 0.05; done\n" });
  const wait = { session, timeout_ms: 5_000, max_wait_ms: 300 };
  const waited = await call("await_idle", wait);
  assert.equal(waited.isError, true);
  assert.deepEqual([waited.told.timeout_ms, waited.told.max_wait_ms], [5_000, 300]);
  await done("send_input", { session, input: "Aw==", encoding: "base64" });
  await done("await_idle", { session, timeout_ms: 300 });
}

async function elements() {
  const session = "build";
  const box = { session, x: 0, y: 0, width: 20, height: 1, spans: [{ text: "Hello!", bold: true }] };
  const { status, id } = await done("overlay", { ...box, focusable: true });
  assert.equal(status, "created");
  const green = [{ text: "Updated!", fg: "green" }];
  assert.deepEqual(await done("overlay", { session, id, spans: green }), { status: "updated", id });
  const { overlays } = await done("overlay", { session, list: true });
  assert.deepEqual([overlays.length, overlays[0].spans], [1, green]);
  const bar = await done("panel", { session, position: "bottom", height: 3, spans: [{ text: "Status: running" }] });
  assert.equal(bar.status, "created");
  assert.equal((await done("get_screen", { session })).rows, 21);
  const again = await done("panel", {
    session,
    id: bar.id,
    spans: [{ text: "Status: done" }],
    background: { bg: "blue" },
  });
  assert.equal(again.status, "updated");
  const { panels } = await done("panel", { session, list: true });
  assert.deepEqual([panels.length, panels[0].visible, panels[0].spans], [1, true, [{ text: "Status: done" }]]);

  assert.deepEqual(await done("input_mode", { session }), { mode: "passthrough", focused_element: null });
  const held = await done("input_mode", { session, mode: "capture", focus: id });
  assert.deepEqual([held.mode, held.focused_element], ["capture", id]);
  await refused("input_mode", { session, focus: id, unfocus: true });
  assert.equal((await done("input_mode", { session, unfocus: true })).focused_element, null);
  assert.equal((await done("input_mode", { session, mode: "release" })).mode, "passthrough");

  assert.equal((await done("screen_mode", { session })).mode, "normal");
  assert.equal((await done("screen_mode", { session, action: "enter_alt" })).mode, "alt");
  assert.deepEqual((await done("overlay", { session, list: true })).overlays, []);
  await done("overlay", box);
  await refused("screen_mode", { session, action: "enter_alt" });
  assert.equal((await done("screen_mode", { session, action: "exit_alt" })).mode, "normal");
  assert.equal((await done("overlay", { session, list: true })).overlays.length, 1);

  assert.deepEqual(await done("remove_overlay", { session, id }), { status: "removed", id });
  await refused("remove_overlay", { session, id });
  assert.equal((await done("remove_overlay", { session })).status, "cleared");
  assert.equal((await done("remove_panel", { session })).status, "cleared");
  assert.equal((await done("get_screen", { session })).rows, 24);
}

async function resources() {
  const read = async (uri: string) => {
    const { contents } = await client.readResource({ uri });
    return JSON.parse((contents[0] as { readonly text: string }).text);
  };
  assert.deepEqual(
    (await read("wsh://sessions")).map(({ name }: Told) => name),
    ["build"],
  );
  assert.equal((await read("wsh://sessions/build/screen")).rows, 24);
  assert.ok(Array.isArray((await read("wsh://sessions/build/scrollback")).lines));
}

async function servers() {
  const { local_hostname, servers: known } = await done("list_servers");
  assert.ok(local_hostname.length > 0 && Array.isArray(known));
  const address = "http://127.0.0.1:1";
  assert.equal((await done("add_server", { address })).status, "added");
  await refused("add_server", { address });
  await refused("add_server", { address: "no address" });
  assert.equal((await done("server_status", { hostname: local_hostname })).health, "healthy");
  await refused("server_status", { hostname: "nobody" });
  const added = await done("list_servers");
  assert.deepEqual(
    added.servers.map((server: Told) => server.address).filter((one: string) => one === address),
    [address],
  );
  assert.equal((await done("remove_server", { hostname: address })).status, "removed");
}

async function theEnd() {
  const killed = await done("manage_session", { session: "build", action: "kill" });
  assert.equal(killed.status, "killed");
  assert.deepEqual(await done("list_sessions"), []);
}

const chapters = { whatThereIs, sessions, theLoop, noSilence, elements, resources, servers, theEnd };

await client.connect(
  new StdioClientTransport({ command: "wsh", args: ["mcp"], env: process.env as Record<string, string> }),
);
for (const [name, chapter] of Object.entries(chapters)) {
  await chapter();
  console.log(name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
}
await client.close();
