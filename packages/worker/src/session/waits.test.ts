// Those who wait on one session take turns: none makes others wait for all of them, and none misses output for it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "./session.ts";
import { startSession } from "./session-harness.ts";
import { Waits } from "./waits.ts";

/** A session at which nothing happens. */
function quietSession() {
  const session = {
    wakes: 0,
    generation: 1,
    hasBacklog: false,
    lastActivityAtMs: performance.now(),
    attention: { woken: () => {} },
    end: null as { readonly exit: { readonly code: number } } | null,
    wake: () => {
      session.wakes += 1;
    },
  };
  return session;
}

describe("those who wait on a session", () => {
  it("look one by one as there is time, and once each for whatever happened meanwhile", async () => {
    const session = quietSession();
    const waits = new Waits(session as unknown as Session);
    const caller = new AbortController();
    const answers = Array.from({ length: 3 }, () => waits.idle({ session: "a", timeout_ms: 60_000 }, caller.signal));
    assert.equal(session.wakes, 3, "each asks for a turn");
    waits.lookAgain();
    const noTimeLeft = 0;
    const looks = () => [1, 2, 3].map(() => waits.lookOn(noTimeLeft));
    assert.deepEqual(looks(), [true, true, false]);
    waits.lookAgain();
    waits.lookAgain();
    assert.deepEqual(looks(), [true, true, false]);
    caller.abort();
    await Promise.all(answers.map((answer) => assert.rejects(answer, { code: "cancelled" })));
    waits.lookAgain();
    assert.equal(waits.areDue, false, "who has gone looks no more");
  });

  it("hold the output back where they are many, rather than miss some, also while the screen is read all the time", async () => {
    const prints = ["/bin/sh", "-c", "seq 300000; echo done; read line"];
    await using running = await startSession(prints, { ringBytes: 256 * 1024 });
    const asked = {
      session: "a",
      since: { offset: 0 },
      until: { pattern: { regex: "^done$", on: "output" } },
    } as const;
    const { waits } = running.session;
    const caller = new AbortController();
    const reader = setInterval(() => running.session.screen(), 1);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => waits.wait({ ...asked, max_wait_ms: 300_000 }, caller.signal)),
    );
    clearInterval(reader);
    assert.deepEqual(
      new Set(answers.map(({ reason, gap }) => `${reason} ${gap ? "gap" : "whole"}`)),
      new Set(["pattern whole"]),
    );
  });
});
