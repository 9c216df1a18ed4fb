// Laws of the canvas: whatever is drawn wherever, every row keeps its columns and every wide character its halves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Box, Canvas, columnsOf } from "./canvas.ts";
import { cellsOf, type Row } from "./cell.ts";

const COLS = 9;
const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "本", "e\u0301", "👍"), maxLength: 12 });
const place = fc.integer({ min: -4, max: COLS + 4 });
const box: fc.Arbitrary<Box> = fc.record({ top: place, left: place, bottom: place, right: place });
const drawing = fc.record({ text, row: fc.integer({ min: -1, max: 3 }), col: place, box });

const written = (row: Row) => row.map(({ text: one }) => one).join("");

function assertWhole(row: Row): void {
  assert.equal(row.length, COLS);
  for (const [col, { columns }] of row.entries()) {
    assert.equal(columns === 2, row[col + 1]?.columns === 0, `half of ${written(row)} at ${col}`);
    if (col === 0) assert.notEqual(columns, 0);
  }
}

describe("a canvas", () => {
  it("keeps every row as wide as it is, and wide characters whole", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), fc.array(drawing, { maxLength: 6 }), (lines, drawings) => {
        const canvas = new Canvas(
          lines.map((line) => cellsOf(line, "")),
          COLS,
        );
        for (const one of drawings) canvas.put(cellsOf(one.text, "1"), one, one.box);
        assert.equal(canvas.rows.length, lines.length);
        canvas.rows.forEach(assertWhole);
      }),
    );
  });

  it("changes nothing outside of where it is drawn on, but the other halves of what is cut there", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), drawing, (lines, one) => {
        const before = new Canvas(
          lines.map((line) => cellsOf(line, "")),
          COLS,
        ).rows;
        const canvas = new Canvas(before, COLS);
        canvas.put(cellsOf(one.text, "1"), one, one.box);
        const { top, bottom, left, right } = one.box;
        for (const [at, row] of canvas.rows.entries()) {
          for (const [col, cell] of row.entries()) {
            const isInside = at >= top && at < bottom && col >= left && col < right;
            const isCut = before[at]?.[col]?.columns !== 1;
            if (!isInside && !isCut) assert.deepEqual(cell, before[at]?.[col]);
            if (!isInside) assert.equal(cell.style, "");
          }
        }
      }),
    );
  });

  it("leaves rows that nothing was drawn on the very ones that it was given", () => {
    const rows = ["one", "two"].map((line) => columnsOf(cellsOf(line, ""), { from: 0, cols: COLS }));
    const canvas = new Canvas(rows, COLS);
    canvas.put(cellsOf("x", ""), { row: 1, col: 0 }, canvas.box);
    assert.equal(canvas.rows[0], rows[0]);
    assert.equal(written(rows[1] as Row).trimEnd(), "two");
  });

  it("cuts what is wide at its edges into blanks", () => {
    const cut = (from: number, cols: number) => written(columnsOf(cellsOf("a日b", ""), { from, cols }));
    assert.deepEqual([cut(0, 2), cut(2, 2), cut(1, 2), cut(3, 2), cut(9, 2)], ["a ", " b", "日", "b ", "  "]);
  });
});
