// Holds what a reader of the scrollback gets to the lines that are kept, whatever range is asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type KeptLines, type ScrollbackQuery, ScrollbackReading } from "./scrollback-answer.ts";

function kept(totalLines: number, text = (index: number) => `line ${index}`): KeptLines {
  const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => text(from + at)).values();
  return { epoch: 7, totalLines, lines };
}

/** The answer, written in pieces of so many bytes. */
function readScrollback(lines: KeptLines, query: ScrollbackQuery, maxBytes?: number, pieceBytes = 64) {
  const reading = new ScrollbackReading(lines, query, maxBytes);
  while (reading.read(pieceBytes));
  return JSON.parse(reading.answer.text);
}

describe("the scrollback", () => {
  it("begins with the oldest line and has 100 of them, unless it is asked otherwise", () => {
    const { lines, ...rest } = readScrollback(kept(250), {});
    assert.deepEqual(rest, { epoch: 7, total_lines: 250, offset: 0 });
    assert.deepEqual([lines.length, lines[0], lines[99]], [100, "line 0", "line 99"]);
    assert.equal(readScrollback(kept(12_000), { limit: 99_999 }).lines.length, 10_000);
  });

  it("counts a negative offset from the end, and from no further than the beginning", () => {
    assert.deepEqual(readScrollback(kept(9), { offset: -2 }), {
      epoch: 7,
      lines: ["line 7", "line 8"],
      total_lines: 9,
      offset: 7,
    });
    assert.equal(readScrollback(kept(9), { offset: -99 }).lines.length, 9);
  });

  it("has no lines beyond the end, and none when none are asked", () => {
    assert.deepEqual(readScrollback(kept(9), { offset: 9 }), { epoch: 7, lines: [], total_lines: 9, offset: 9 });
    assert.deepEqual(readScrollback(kept(9), { limit: 0 }).lines, []);
  });

  it("is cut where the answer would be too large, but never to nothing", () => {
    const large = kept(10, () => "x".repeat(97));
    assert.equal(readScrollback(large, { limit: 10 }, 250).lines.length, 2);
    assert.equal(readScrollback(large, { limit: 10 }, 10).lines.length, 1);
    const wide = kept(10, () => "ü".repeat(50));
    assert.equal(readScrollback(wide, { limit: 10 }, 206).lines.length, 2);
  });

  it("read page by page is every line once, whatever the page", () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 400 }),
        (total, limit, most) => {
          const seen: unknown[] = [];
          for (;;) {
            const page = readScrollback(kept(total), { offset: seen.length, limit }, most);
            seen.push(...page.lines);
            if (page.lines.length === 0) break;
          }
          assert.deepEqual(
            seen,
            Array.from({ length: total }, (_, index) => `line ${index}`),
          );
        },
      ),
    );
  });
});
