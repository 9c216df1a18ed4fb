// What becomes of a call whose client has gone before anybody looked at it.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { it } from "node:test";
import type { HubCalls } from "../calls.ts";
import { contextOf } from "./context-harness.ts";
import { McpService } from "./mcp-service.ts";

const GREETING = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "a test", version: "1" } },
};

/** A response that is told its head. */
class Told extends EventEmitter {
  readonly closed: boolean;
  readonly headed = Promise.withResolvers<Readonly<Record<string, string>>>();

  constructor(closed = false) {
    super();
    this.closed = closed;
  }

  get destroyed(): boolean {
    return this.closed;
  }

  writeHead(_: number, headers: Readonly<Record<string, string>>): void {
    this.headed.resolve(headers);
  }

  end(): void {}
}

it("a call whose client went while its body was read is not begun", async () => {
  const asked: string[] = [];
  const call = async (name: string) => void asked.push(name);
  const service = new McpService({ calls: { call } as unknown as HubCalls, version: "0" });
  const post = async (body: unknown, told: Told, session?: string) => {
    const response = told as unknown as ServerResponse;
    const posted = { session, revision: undefined, prefix: "", context: contextOf("ci"), response, headers: {} };
    await service.receive(body, { ...posted, refused: () => {} });
    // Whatever is begun is begun in the same turn.
    await new Promise(setImmediate);
  };
  const greeted = new Told();
  await post(GREETING, greeted);
  const { "mcp-session-id": session } = await greeted.headed.promise;
  const params = { name: "get_screen", arguments: { session: "one" } };
  await post({ jsonrpc: "2.0", id: 2, method: "tools/call", params }, new Told(true), session);
  assert.deepEqual(asked, []);
  await post({ jsonrpc: "2.0", id: 2, method: "tools/call", params }, new Told(), session);
  assert.deepEqual(asked, ["sessions.screen"]);
  await service.close();
});
