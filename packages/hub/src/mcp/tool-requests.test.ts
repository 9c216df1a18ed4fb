// Requests for tools as messages: how each is answered, refused and taken back. The tools are stood in for by hand.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type JSONRPCMessage, ProtocolError } from "@modelcontextprotocol/server";
import type { CallContext } from "../calls.ts";
import type { ToolCall, ToolCalls } from "./tool-calls.ts";
import { ToolRequests } from "./tool-requests.ts";

const request = (id: number, params: Record<string, unknown>): JSONRPCMessage => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params,
});
const cancelled = (requestId: number): JSONRPCMessage => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

/** Calls wait until they are answered by hand; what is sent is kept. */
function scene() {
  const called: (ToolCall & PromiseWithResolvers<unknown>)[] = [];
  const sent: unknown[] = [];
  const refused: unknown[] = [];
  const calls = {
    call(asked: ToolCall) {
      const one = { ...asked, ...Promise.withResolvers<unknown>() };
      called.push(one);
      return one.promise;
    },
  };
  const requests = new ToolRequests({
    calls: calls as unknown as ToolCalls,
    revision: () => "2025-11-25",
    contextOf: () => ({ requestId: "req_1" }) as unknown as CallContext,
    send: async (message) => void sent.push(message),
    refused: (id, code) => void refused.push([id, code]),
  });
  return { called, sent, refused, requests };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("requests for tools", () => {
  it("are answered with what the tool came to, or with its refusal, which is told to who counts", async () => {
    const { called, sent, refused, requests } = scene();
    assert.equal(requests.take(request(1, { name: "get_screen", arguments: { session: "a" } })), true);
    assert.equal(requests.take(request(2, { name: "get_screen" })), true);
    await settled();
    assert.deepEqual([called[0]?.args, called[1]?.args], [{ session: "a" }, {}]);
    called[0]?.resolve({ content: [] });
    called[1]?.reject(new ProtocolError(-32_602, "no such tool", { code: "not_found" }));
    await settled();
    assert.deepEqual(sent, [
      { jsonrpc: "2.0", id: 1, result: { content: [] } },
      { jsonrpc: "2.0", id: 2, error: { code: -32_602, message: "no such tool", data: { code: "not_found" } } },
    ]);
    assert.deepEqual(refused, [[2, "not_found"]]);
  });

  it("are the caller's fault where they are of the wrong shape", async () => {
    const { called, sent, requests } = scene();
    for (const params of [
      {},
      { name: 7 },
      { name: "run", arguments: [] },
      { name: "run", _meta: { progressToken: {} } },
    ])
      requests.take(request(1, params));
    await settled();
    assert.equal(called.length, 0);
    assert.deepEqual(
      sent.map((message) => (message as { error: { code: number } }).error.code),
      Array(4).fill(-32_602),
    );
  });

  it("end when they are taken back, and their answer is not taken for that of another with their id", async () => {
    const { called, sent, refused, requests } = scene();
    requests.take(request(1, { name: "wait" }));
    await settled();
    assert.equal(requests.take(cancelled(1)), false);
    assert.equal(called[0]?.signal.aborted, true);
    requests.take(request(1, { name: "get_screen" }));
    await settled();
    called[0]?.reject(new ProtocolError(-32_602, "late", { code: "cancelled" }));
    await settled();
    assert.deepEqual([sent, refused], [[], []]);
    requests.take(cancelled(1));
    assert.equal(called[1]?.signal.aborted, true);
  });

  it("are not begun when they are taken back in the turn in which they came", async () => {
    const { called, sent, requests } = scene();
    requests.take(request(1, { name: "run" }));
    requests.take(cancelled(1));
    await settled();
    assert.deepEqual([called.length, sent], [0, []]);
  });

  it("leave every other message to the protocol", () => {
    const { requests } = scene();
    assert.equal(requests.take({ jsonrpc: "2.0", id: 1, method: "tools/list" }), false);
    assert.equal(requests.take({ jsonrpc: "2.0", id: 1, result: {} }), false);
  });
});
