// The order in which a subscription tells things, that it misses no change around its beginning, and what it declares.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import type { Observed } from "../calls.ts";
import { Subscription } from "./subscription.ts";
import { readWish } from "./wish.ts";

/** A session whose screen is one row, and whose notices are handed to it. */
class Observable {
  text = "before";
  epoch = 1;
  readonly asked: string[] = [];
  readonly told: object[] = [];
  notices = Promise.withResolvers<object>();
  /** What its server answers from now on, whatever it is asked. */
  nonsense: unknown;
  readonly broken: unknown[] = [];

  show(text: string): void {
    this.text = text;
    this.epoch += 1;
  }

  async prepare(params: object): Promise<{ subscription: Subscription; begin: () => void }> {
    return Subscription.prepare({
      observed: {
        id: "ses_1",
        name: "one",
        server: "here",
        ask: (name: string, input: object) => this.#ask(name, input),
      } as unknown as Observed,
      wish: readWish({ interval_ms: 0, ...params }),
      tellsIdle: true,
      tell: (event) => this.told.push(event),
      lagged: (skipped, type) => this.told.push({ type, skipped }),
      room: async () => {},
      bufferedBytes: () => 0,
      broke: (thrown) => this.broken.push(thrown),
    });
  }

  async #ask(name: string, { since_epoch: since, after }: { since_epoch?: number; after?: number }): Promise<unknown> {
    this.asked.push(name);
    if (this.nonsense !== undefined) return this.nonsense;
    if (name === "sessions.notices")
      return after === undefined ? { seq: 7, missed: 0, notices: [] } : this.notices.promise;
    const { epoch, text } = this;
    if (since === epoch) return { epoch, unchanged: true, generation: epoch, offset: epoch };
    const cursor = { row: 0, col: 0, visible: true };
    const size = { cols: 80, rows: 1, alternate_active: false, first_line_index: 0, total_lines: 1 };
    return { epoch, ...size, cursor, lines: [[{ text }]], generation: epoch, offset: epoch };
  }

  names(): unknown[] {
    return this.told.map((one) => ("event" in one ? one.event : (one as { type: string }).type));
  }
}

describe("a subscription", () => {
  it("tells a change that came after it had read the screen and before anybody could say so", async () => {
    const session = new Observable();
    const { subscription, begin } = await session.prepare({ events: ["lines"] });
    session.show("after");
    begin();
    await waitUntil("it is told", () => session.told.length === 2, { seen: () => session.told });
    assert.deepEqual(session.told[1], { event: "line", seq: 1, index: 0, total_lines: 1, line: [{ text: "after" }] });
    subscription.close();
  });

  it("asks from where notices are told before it reads the screen, and declares those that were let go", async () => {
    const session = new Observable();
    const { subscription, begin } = await session.prepare({ events: ["input", "attention"] });
    assert.deepEqual(session.asked, ["sessions.notices", "sessions.screen"]);
    begin();
    const attention = { seq: 20, kind: "attention", attention: "ready", confidence: "exact", epoch: 1 };
    session.notices.resolve({ seq: 20, missed: 12, notices: [attention], ended: { exit: { code: 0 }, offset: 1 } });
    await waitUntil("the screen is told anew", () => session.told.length === 5, { seen: () => session.told });
    assert.deepEqual(session.names(), ["sync", "input_lagged", "lagged", "attention", "sync"]);
    subscription.close();
  });

  it("tells that its session was away, what it is when it is back, and its end last", async () => {
    const session = new Observable();
    const { subscription, begin } = await session.prepare({ events: ["lines", "commands"] });
    begin();
    subscription.away("2026-03-02T09:00:00.000Z");
    session.show("meanwhile");
    subscription.back();
    await waitUntil("it is told anew", () => session.names().filter((name) => name === "sync").length === 2);
    session.show("last");
    session.notices.resolve({ seq: 7, missed: 0, notices: [], ended: { exit: { code: 3 }, offset: 9 } });
    await subscription.finish({ exit: { code: 3 }, offset: 9 } as unknown as SessionInfo);
    assert.deepEqual(session.names().slice(-5), ["unreachable", "reset", "sync", "line", "exit"]);
    assert.deepEqual(session.told.at(-1), { event: "exit", exit: { code: 3 }, offset: 9 });
  });

  it("says that it is broken when a server answers what is no answer, whatever it tells", async () => {
    const wishes = [{ events: ["lines"] }, { events: ["input"] }, { events: ["activity"], idle_timeout_ms: 1 }];
    for (const wish of wishes) {
      for (const nonsense of [{}, "text", { notices: [{ kind: "input" }] }]) {
        const session = new Observable();
        const { subscription, begin } = await session.prepare(wish);
        session.nonsense = nonsense;
        session.notices.resolve(nonsense as object);
        begin();
        await waitUntil("it is said", () => session.broken.length > 0, { seen: () => [wish, nonsense, session.told] });
        subscription.close();
      }
    }
  });
});
