// MCP over standard input and output, by the real command and the official client: that it finds or starts a server, keeps the
// order of what is written, finds a restarted server again, and ends with its input.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { makeHome } from "./harness/folders.ts";
import { mcpOverStdio } from "./harness/mcp.ts";
import { LAUNCHER, runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const greeting = (id: number) => ({
  jsonrpc: "2.0",
  id,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a pipe", version: "1" } },
});
const calling = (id: number, name: string, args: object) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

describe("fleetty mcp", () => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ tcp: true, args: ["--hostname", "here"] });
  });

  after(() => server[Symbol.asyncDispose]());

  it("carries everything both ways, for the official client", async () => {
    await using agent = await mcpOverStdio(server);
    await agent.json("create_session", { name: "bridged", argv: ["bash", "--norc", "-i"] });
    assert.equal((await agent.json("run", { session: "bridged", command: "echo $((40+2))" })).output, "42\n");
    assert.ok((await agent.client.listPrompts()).prompts.some(({ name }) => name === "fleetty:core"));
  });

  it("gives tools the prefix that it is started with", async () => {
    await using agent = await mcpOverStdio(server, ["--tool-prefix", "wsh_"]);
    const { tools } = await agent.client.listTools();
    assert.ok(tools.every(({ name }) => name.startsWith("wsh_")));
  });

  it("types in the order in which it was written, however fast that was", async () => {
    await server.fleetty(["new", "ordered", "--", "cat"]);
    const letters = [..."abcdefghijklmnop"];
    const typed = letters.map((input, at) => calling(at + 2, "send_input", { session: "ordered", input }));
    const answers = await pipe(server, [
      greeting(1),
      { jsonrpc: "2.0", method: "notifications/initialized" },
      ...typed,
    ]);
    assert.equal(answers.filter(({ result }) => result !== undefined && !result.isError).length, letters.length + 1);
    // The terminal has taken them all, and its echo is on its way.
    const until = { pattern: { regex: `^.{${letters.length}}`, on: "screen" } };
    const { json } = await server.ask({ path: "/sessions/ordered/wait", body: { until, screen: "plain" } });
    assert.equal(json.screen.lines[0], letters.join(""));
  });

  it("answers a line that is no message, one that is too long, and goes on", async () => {
    const answers = await pipe(server, ["{", "x".repeat(1_100_000), greeting(7)]);
    assert.deepEqual(
      answers.map(({ id }) => id),
      [null, null, 7],
    );
    assert.deepEqual(
      answers.map(({ error }) => error?.code),
      [-32700, -32600, undefined],
    );
  });

  it("finds a server that was restarted, with what its client subscribed to", async () => {
    await using agent = await mcpOverStdio(server);
    await server.fleetty(["new", "lasting", "--", "cat"]);
    const uri = "fleetty://sessions/lasting/screen";
    const updated: string[] = [];
    agent.client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void updated.push(params.uri),
    );
    await agent.client.subscribeResource({ uri });
    await server.stop();
    await server.start();
    const sent = await agent.json("send_input", { session: "lasting", input: "still here\n" });
    assert.equal(sent.status, "sent");
    await waitUntil("news come again", async () => {
      await agent.json("send_input", { session: "lasting", input: "x\n" });
      return updated.includes(uri);
    });
  });

  it("speaks to a server elsewhere with a token from a file, and says on standard error what is wrong", async () => {
    const { host, port } = await server.tcp();
    const tokenFile = join(server.home.root, "token-for-mcp");
    writeFileSync(tokenFile, server.token, { mode: 0o600 });
    const url = ["--url", `http://${host}:${port}`];
    const answers = await pipe(server, [greeting(1)], [...url, "--token-file", tokenFile]);
    assert.equal(answers[0]?.result?.serverInfo.name, "fleetty");
    const [refused] = await pipe(server, [greeting(1)], url);
    assert.equal(refused?.error?.data.code, "auth_required");
    const { code, stderr, stdout } = await runFleetty(["mcp", "--bogus"], { home: server.home });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /--bogus/);
  });

  it("starts a server when none runs", async () => {
    const home = makeHome();
    try {
      const input = `${JSON.stringify(greeting(1))}\n`;
      const { code, stdout } = await runFleetty(["mcp"], { home, stdin: input });
      assert.equal(code, 0);
      assert.equal(JSON.parse(stdout).result.serverInfo.name, "fleetty");
    } finally {
      await runFleetty(["stop", "--end-sessions"], { home });
      home.remove();
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
type Answered = any;

/** What comes back for these lines, when the command has ended with them. */
async function pipe(server: TestServer, lines: readonly unknown[], args: readonly string[] = []): Promise<Answered[]> {
  const argv = args.length > 0 ? ["mcp", ...args] : ["-L", server.instance, "mcp"];
  const child = spawn(LAUNCHER, argv, { env: { ...server.home.env }, stdio: ["pipe", "pipe", "ignore"] });
  const answers: Answered[] = [];
  createInterface(child.stdout).on("line", (line) => answers.push(JSON.parse(line)));
  child.stdin.end(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  assert.equal(await promise, 0);
  return answers;
}
