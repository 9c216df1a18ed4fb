// A request whose head comes while its token is good and whose body comes after that was taken back: nothing of it is done, at
// no face, and the server goes on.
import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { startServer, type TestServer } from "./harness/server.ts";

const JSON_BODY = { "content-type": "application/json" };
const GREETING = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "late", version: "1" } },
};

describe("a body that comes after its token was taken back", () => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ tcp: true });
  });

  after(() => server[Symbol.asyncDispose]());

  /** Resolves with the status; `between` happens when the head has been heard. */
  async function late(path: string, body: object, { token, between }: { token: string; between: () => Promise<void> }) {
    const text = JSON.stringify(body);
    const headers = {
      ...JSON_BODY,
      authorization: `Bearer ${token}`,
      accept: "application/json, text/event-stream",
      "content-length": Buffer.byteLength(text),
      // Answered once the head was let in.
      expect: "100-continue",
    };
    const asked = request({ ...(await server.tcp()), path, method: "POST", headers, agent: false });
    const answered = new Promise<{ status: number; json: unknown }>((resolve, reject) => {
      asked.once("error", reject);
      asked.once("response", (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.once("end", () => {
          resolve({ status: response.statusCode ?? 0, json: JSON.parse(Buffer.concat(pieces).toString("utf8")) });
        });
      });
    });
    const heard = new Promise((resolve) => asked.once("continue", resolve));
    asked.flushHeaders();
    await heard;
    await between();
    asked.end(text);
    return answered;
  }

  for (const [path, body] of [
    ["/mcp", GREETING],
    ["/sessions", { argv: ["cat"] }],
  ] as const) {
    it(`does nothing at ${path}`, async () => {
      const { json: made } = await server.askTcp({ path: "/tokens", body: { name: "late", verbs: ["create"] } });
      const between = async () => {
        assert.equal((await server.askTcp({ method: "DELETE", path: `/tokens/${made.id}` })).status, 204);
      };
      const { status, json } = await late(path, body, { token: made.token, between });
      assert.deepEqual([status, (json as { error: { code: string } }).error.code], [403, "auth_invalid"]);
      assert.deepEqual((await server.askTcp({ path: "/sessions" })).json, []);
    });
  }
});
