// The MCP inspector's command line, a client that nobody here wrote: over standard input and output, and over HTTP.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { inspect, inspectorProblem } from "./harness/mcp-inspector.ts";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";

let server: TestServer;
let problem: string | null = null;

before(async () => {
  problem = await inspectorProblem();
  server = await startServer({ tcp: true });
});

after(() => server[Symbol.asyncDispose]());

it("the inspector drives a session over standard input and output", async (context) => {
  if (problem) return context.skip(problem);
  const env = { ...process.env, ...server.home.env };
  // It hands on none of its own variables.
  const own = Object.entries(server.home.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const byPipe = (...args: string[]) => inspect([...own, ...args, "--", LAUNCHER, "mcp"], env);
  const { tools } = await byPipe("--method", "tools/list");
  assert.ok(tools.some(({ name }: { name: string }) => name === "run"));
  const calling = ["--method", "tools/call", "--tool-name"];
  await byPipe(...calling, "create_session", "--tool-arg", "name=inspected");
  const ran = await byPipe(...calling, "run", "--tool-arg", "session=inspected", "--tool-arg", "command=echo $((6*7))");
  assert.equal(JSON.parse(ran.content[0].text).output, "42\n");
});

it("the inspector reads resources and prompts over HTTP", async (context) => {
  if (problem) return context.skip(problem);
  const { host, port } = await server.tcp();
  const url = [
    `http://${host}:${port}/mcp`,
    "--transport",
    "http",
    "--header",
    `Authorization: Bearer ${server.token}`,
  ];
  const byUrl = (...args: string[]) => inspect([...url, ...args], { ...process.env, ...server.home.env });
  const { contents } = await byUrl("--method", "resources/read", "--uri", "fleetty://servers");
  assert.equal(JSON.parse(contents[0].text)[0].address, "local");
  const { messages } = await byUrl("--method", "prompts/get", "--prompt-name", "fleetty:core");
  assert.match(messages[0].content.text, /fleetty/);
});
