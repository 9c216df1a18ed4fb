// What is kept of a call that goes on: for whom, for how long, and what of it is cancelled. Time comes from the test.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Gone } from "@fleetty/protocol/gone";
import { PendingCall, PendingCalls } from "./pending-calls.ts";

const HOUR_MS = 3_600_000;

function callOf(owner: string, tool = "wait") {
  const work = Promise.withResolvers<string>();
  const gone = new Gone();
  const call = new PendingCall({ tool, owner, startedAtMs: 0, args: {}, gone, work: work.promise });
  return { call, gone, ...work };
}

describe("pending calls", () => {
  it("give the outcome to whoever asks, however often, and nothing while there is none", async () => {
    const { call, resolve } = callOf("ci");
    const { signal } = new AbortController();
    assert.equal(await call.within(0, signal), null);
    resolve("done");
    assert.deepEqual(await call.within(1_000, signal), { value: "done" });
    assert.deepEqual(await call.within(1_000, signal), { value: "done" });
  });

  it("are cancelled by whoever waits for them, and not by who has stopped waiting", async () => {
    const { call, gone, resolve } = callOf("ci");
    const [left, waits] = [new AbortController(), new AbortController()];
    await call.within(0, left.signal);
    left.abort();
    assert.equal(gone.isGone, false);
    const waiting = call.within(1_000_000, waits.signal);
    waits.abort();
    assert.equal(gone.isGone, true);
    resolve("over");
    assert.deepEqual(await waiting, { value: "over" });
  });

  it("are found by their owner and their tool alone", () => {
    const calls = new PendingCalls<string>();
    const id = calls.keep(callOf("ci").call);
    assert.equal(calls.find(id, { owner: "ci", tool: "wait" }).owner, "ci");
    for (const asked of [
      { owner: "cd", tool: "wait" },
      { owner: "ci", tool: "run" },
    ]) {
      assert.throws(() => calls.find(id, asked), {
        code: "invalid_cursor",
        message: /restarted.*What was typed stays typed.*read the session, then call \w+ anew, without resume/,
      });
    }
    calls.close();
  });

  it("are forgotten an hour after they were last asked for, and cancelled then", () => {
    let nowMs = 0;
    const calls = new PendingCalls<string>(() => nowMs);
    const [early, late] = [callOf("ci"), callOf("ci")];
    const [first, second] = [calls.keep(early.call), calls.keep(late.call)];
    nowMs = HOUR_MS / 2;
    calls.keep(late.call, second);
    nowMs = HOUR_MS;
    assert.throws(() => calls.find(first, early.call), { code: "invalid_cursor" });
    assert.equal(calls.find(second, late.call), late.call);
    assert.deepEqual([early.gone.isGone, late.gone.isGone], [true, false]);
  });

  it("make room for new ones of their owner, and never of another's", () => {
    const calls = new PendingCalls<string>();
    const other = callOf("other");
    const oldest = callOf("ci");
    const kept = calls.keep(other.call);
    const first = calls.keep(oldest.call);
    for (let count = 0; count < 256; count += 1) calls.keep(callOf("ci").call);
    assert.throws(() => calls.find(first, oldest.call), { code: "invalid_cursor" });
    assert.deepEqual([oldest.gone.isGone, other.gone.isGone], [true, false]);
    assert.equal(calls.find(kept, other.call), other.call);
    calls.close();
  });
});
