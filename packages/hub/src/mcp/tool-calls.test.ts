// That a call of a tool which is taken back ends at the hub, whatever the tool; and that refusals are seen through as answers are.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import type { Gone } from "@fleetty/protocol/gone";
import type { CallContext, HubCalls } from "../calls.ts";
import { contextOf } from "./context-harness.ts";
import { PendingCalls } from "./pending-calls.ts";
import type { Tool } from "./tool.ts";
import { type Came, ToolCalls } from "./tool-calls.ts";
import { makeTools } from "./toolbox.ts";

describe("a call of a tool", () => {
  let tools: ReadonlyMap<string, Tool>;

  before(async () => {
    tools = await makeTools("own");
  });

  /** `ask`: what the hub does. */
  function toolCalls(ask: (name: string, context: CallContext) => Promise<unknown>): ToolCalls {
    const calls = { call: (name: string, _: unknown, context: CallContext) => ask(name, context) };
    const pending = new PendingCalls<Came>();
    return new ToolCalls({ calls: calls as unknown as HubCalls, pending, tools, prefix: "", style: "own" });
  }

  it("ends at the hub when its client takes it back", async () => {
    for (const [name, args] of [
      ["wait", { session: "one", until: { exit: true } }],
      ["wait_fleet", { select: { on: "*" } }],
      ["get_events", {}],
      ["get_screen", { session: "one" }],
    ] as const) {
      const asked = Promise.withResolvers<Gone>();
      const calls = toolCalls((_, { gone }) => {
        asked.resolve(gone);
        return new Promise((__, reject) => {
          gone.signal.addEventListener("abort", () => reject(new FleettyError("cancelled", "the caller has gone")));
        });
      });
      const back = new AbortController();
      const answered = calls.call({
        name,
        args,
        context: contextOf("ci"),
        revision: "2025-06-18",
        signal: back.signal,
        refused: () => {},
      });
      const gone = await asked.promise;
      assert.equal(gone.isGone, false, name);
      back.abort();
      assert.equal(gone.isGone, true, name);
      assert.equal((await answered).isError, true, name);
    }
  });

  it("shows in a refusal what nobody would see", async () => {
    const calls = toolCalls(async () => {
      throw new FleettyError("not_found", "no \u202eevil", { question: "a\u{e0041}" });
    });
    const codes: string[] = [];
    const { content } = await calls.call({
      name: "get_screen",
      args: { session: "one" },
      context: contextOf("ci"),
      revision: "2025-06-18",
      signal: new AbortController().signal,
      refused: (code) => void codes.push(code),
    });
    assert.deepEqual(codes, ["not_found"]);
    const { error } = JSON.parse((content[0] as { text: string }).text);
    assert.deepEqual([error.message, error.details.question], ["no \\u{202e}evil", "a\\u{e0041}"]);
  });
});
