// What is remembered of inputs under an id: for whom, of what, how they ended, how many and how long.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { InputIds, type InputName } from "./input-ids.ts";

interface Answer {
  readonly offset: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const name = (id: string, more: Partial<InputName> = {}): InputName => ({
  principal: "root",
  client: undefined,
  id,
  ...more,
});
const answered = (offset = 42) => Promise.resolve<Answer>({ offset });
const refused = (code: "input_send_failed" | "channel_full", details?: object) =>
  Promise.reject<Answer>(new FleettyError(code, "it was refused", { ...details }));

describe("an id", () => {
  it("answers as the first time, and says that it does", async () => {
    const ids = new InputIds<Answer>();
    assert.equal(ids.find(name("a"), "text", 0), undefined);
    ids.begin(name("a"), "text", 0, answered());
    assert.deepEqual(await ids.find(name("a"), "text", 5)?.again(), { offset: 42, duplicate: true });
  });

  it("waits for a first attempt that is still under way", async () => {
    const ids = new InputIds<Answer>();
    const first = Promise.withResolvers<Answer>();
    ids.begin(name("a"), "text", 0, first.promise);
    let isAnswered = false;
    const again = ids.find(name("a"), "text", 0)?.again();
    void again?.then(() => {
      isAnswered = true;
    });
    await Promise.resolve();
    assert.equal(isAnswered, false);
    first.resolve({ offset: 7 });
    assert.deepEqual(await again, { offset: 7, duplicate: true });
  });

  it("stands for one content", () => {
    const ids = new InputIds<Answer>();
    ids.begin(name("a"), "text", 0, answered());
    assert.throws(() => ids.find(name("a"), "other text", 0), { code: "input_id_conflict" });
  });

  it("belongs to one principal and one client", () => {
    const ids = new InputIds<Answer>();
    ids.begin(name("a", { client: "tab" }), "text", 0, answered());
    for (const other of [{}, { client: "other" }, { client: "tab", principal: "ci" }]) {
      assert.equal(ids.find(name("a", other), "other text", 0), undefined, JSON.stringify(other));
    }
    assert.ok(ids.find(name("a", { client: "tab" }), "text", 0));
  });

  it("is in doubt for ever when the first attempt was cut short", async () => {
    const ids = new InputIds<Answer>();
    ids.begin(name("a"), "text", 0, refused("input_send_failed", { written: 3 }));
    const doubt = { code: "input_in_doubt", details: { written: 3 } };
    await assert.rejects(async () => ids.find(name("a"), "text", 0)?.again(), doubt);
    await assert.rejects(async () => ids.find(name("a"), "text", 9)?.again(), doubt);
  });

  it("is free again when the terminal took nothing; who waited is told why", async () => {
    for (const first of [refused("input_send_failed", { written: 0 }), refused("channel_full")]) {
      const ids = new InputIds<Answer>();
      ids.begin(name("a"), "text", 0, first);
      const waiting = ids.find(name("a"), "text", 0);
      assert.ok(waiting);
      await assert.rejects(waiting.again(), { message: "it was refused" });
      assert.equal(ids.find(name("a"), "other text", 0), undefined);
    }
  });

  it("is remembered for a day", () => {
    const ids = new InputIds<Answer>();
    ids.begin(name("a"), "text", 1000, answered());
    ids.begin(name("b"), "text", 2000, answered());
    assert.ok(ids.find(name("a"), "text", 1000 + DAY_MS - 1));
    assert.equal(ids.find(name("a"), "text", 1000 + DAY_MS), undefined);
    assert.ok(ids.find(name("b"), "text", 1000 + DAY_MS));
  });

  it("is remembered among 10,000, and then the oldest is forgotten", () => {
    const ids = new InputIds<Answer>();
    for (let n = 1; n <= 10_000; n += 1) ids.begin(name(`${n}`), "text", n, answered());
    assert.ok(ids.find(name("1"), "text", 10_000));
    ids.begin(name("10001"), "text", 10_001, answered());
    assert.equal(ids.find(name("1"), "text", 10_001), undefined);
    assert.ok(ids.find(name("2"), "text", 10_001));
    assert.ok(ids.find(name("10001"), "text", 10_001));
  });
});
