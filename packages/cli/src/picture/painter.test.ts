// Holds the painter to what a terminal shows: by the bytes for what differs it comes to look as if it had been painted anew.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { shownBy } from "../../test/shown.ts";
import { Canvas } from "./canvas.ts";
import { cellsOf } from "./cell.ts";
import { Painter } from "./painter.ts";
import type { Picture } from "./picture.ts";

const SIZE = { rows: 3, cols: 24 };
const ALL = { top: 0, left: 0, bottom: SIZE.rows, right: SIZE.cols };

const styled = fc.record({
  text: fc.string({ unit: fc.constantFrom("a", "b", " ", " ", "日", "e\u0301"), maxLength: 9 }),
  style: fc.constantFrom("", "", "1", "38;5;2", "48;2;1;2;3", "7"),
});
const line = fc
  .array(styled, { maxLength: 4 })
  .map((spans) => spans.flatMap(({ text, style }) => cellsOf(text, style)));
const picture: fc.Arbitrary<Picture> = fc.record({
  rows: fc.array(line, { minLength: SIZE.rows, maxLength: SIZE.rows }).map((rows) => new Canvas(rows, SIZE.cols).rows),
  cols: fc.constant(SIZE.cols),
  cursor: fc.record({ row: fc.nat(SIZE.rows - 1), col: fc.nat(SIZE.cols - 1), visible: fc.constant(true) }),
  program: fc.constant(ALL),
});

const pictureOf = (...lines: string[]): Picture => ({
  rows: new Canvas(
    lines.map((one) => cellsOf(one, "")),
    SIZE.cols,
  ).rows,
  cols: SIZE.cols,
  cursor: { row: 0, col: 0, visible: true },
  program: ALL,
});

describe("a painter", () => {
  it("brings a terminal from each picture to the next as if that had been painted alone", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 4 }), async (pictures) => {
        const painter = new Painter();
        const last = pictures.at(-1) as Picture;
        const stepwise = await shownBy(SIZE, ...pictures.map((one) => painter.paint(one)));
        assert.deepEqual(stepwise, await shownBy(SIZE, new Painter().paint(last)));
        assert.deepEqual(stepwise.cursor, { row: last.cursor.row, col: last.cursor.col });
        const texts = last.rows.map((row) =>
          row
            .map(({ text }) => text)
            .join("")
            .trimEnd(),
        );
        assert.deepEqual(stepwise.lines, texts);
      }),
      { numRuns: 60 },
    );
  });

  it("writes the cells that differ, and nothing when none does", () => {
    const painter = new Painter();
    painter.paint(pictureOf("stays", "this one changes a bit"));
    const changed = painter.paint(pictureOf("stays", "this two changes a bit"));
    assert.match(changed, /\x1b\[2;6H\x1b\[0mtwo\x1b/);
    assert.doesNotMatch(changed, /stays|this|changes/);
    assert.equal(painter.paint(pictureOf("stays", "this two changes a bit")), "");
  });

  it("puts what follows a character of uncertain width where it belongs", () => {
    assert.match(new Painter().paint(pictureOf("👍x")), /👍\x1b\[3Gx/);
    assert.match(new Painter().paint(pictureOf("e\u0301x")), /e\u0301\x1b\[2Gx/);
    assert.match(new Painter().paint(pictureOf("日x")), /日x/);
  });
});
