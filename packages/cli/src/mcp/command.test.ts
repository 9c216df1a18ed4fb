// What `fleetty mcp` says to the person who has its standard error before him, of a server that means him harm.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { runCli } from "../../test/run-cli.ts";

it("shows on standard error what a server's refusal would command the terminal to do", async () => {
  const server = createServer((_, response) => {
    response.writeHead(503, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: "not_ready", message: "gone\u001b[2J" } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const input = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`;
  const { code, stdout, stderr } = await runCli(["mcp", "--url", `http://127.0.0.1:${port}`], { input });
  server.close();
  assert.equal(code, 0);
  assert.equal(stderr, "fleetty mcp: gone^[[2J\n");
  assert.equal(JSON.parse(stdout).error.data.code, "not_ready");
});
