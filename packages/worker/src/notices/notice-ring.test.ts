// What a ring of notices tells to whom: each once and in order, and how many were let go.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type News, NoticeRing } from "./notice-ring.ts";

const MODE: News = { kind: "mode", mode: "capture" };
const CREATED: News = { kind: "overlay", element: "panel", action: "created", id: "1" };
const TYPED: News = { kind: "input", mode: "capture", raw: "YQ==", parsed: { key: "a", modifiers: [] } };

function ringOf(...news: readonly News[]): NoticeRing {
  const ring = new NoticeRing();
  for (const one of news) ring.add(one);
  return ring;
}

describe("a ring of notices", () => {
  it("tells what came after a number, of the kinds that are asked for", () => {
    const ring = ringOf(MODE, CREATED, MODE);
    assert.deepEqual(ring.after(1, ["mode", "overlay"]), {
      seq: 3,
      missed: 0,
      notices: [
        { ...CREATED, seq: 2 },
        { ...MODE, seq: 3 },
      ],
    });
    assert.deepEqual(ring.after(2, ["overlay"]), { seq: 3, missed: 0, notices: [] });
  });

  it("says how many it has let go since", () => {
    const ring = ringOf(...Array.from({ length: 1500 }, () => MODE));
    const { seq, missed, notices } = ring.after(100, ["mode"]);
    assert.deepEqual([seq, missed, notices.length, notices[0]?.seq], [1500, 376, 1024, 477]);
    assert.equal(ring.after(476, ["mode"]).missed, 0);
  });

  it("takes a number that it has not reached for one of another life", () => {
    const { seq, missed, notices } = ringOf(MODE, MODE).after(7, ["mode"]);
    assert.deepEqual([seq, missed, notices.length], [2, 1, 2]);
  });

  it("goes on from what is kept of it, where no keystroke is", () => {
    const ring = new NoticeRing(ringOf(MODE, TYPED, CREATED).kept);
    const { seq, missed, notices } = ring.after(0, ["mode", "input", "overlay"]);
    assert.deepEqual([seq, missed, notices.map((one) => one.seq)], [3, 0, [1, 3]]);
  });
});
