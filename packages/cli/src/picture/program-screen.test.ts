// Holds the copy of a screen to what was read of it: whole, by what changed, or not at all.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen } from "@fleetty/protocol/schemas/common";
import { ProgramScreen } from "./program-screen.ts";

const position = { generation: 1, offset: 1, first_line_index: 0, total_lines: 2, alternate_active: false };
const cursor = { row: 0, col: 1, visible: true };
const whole: Screen = { ...position, epoch: 1, lines: ["one", [{ text: "日", bold: true }]], cursor, cols: 4, rows: 2 };

describe("the copy of a program's screen", () => {
  it("is what was read first, each row as wide as the screen", () => {
    const copy = new ProgramScreen();
    assert.deepEqual([copy.epoch, copy.picture], [undefined, undefined]);
    copy.take(whole);
    const { rows, cols } = copy.picture ?? { rows: [], cols: 0 };
    assert.deepEqual([copy.epoch, cols, copy.picture?.cursor], [1, 4, cursor]);
    assert.deepEqual(
      rows.map((row) => row.map(({ text, style }) => `${text}/${style}`)),
      [
        ["o/", "n/", "e/", " /"],
        ["日/1", "/1", " /", " /"],
      ],
    );
  });

  it("has the sixteen colours in the form that programs use, and all others by their number or parts", () => {
    const colors = [{ indexed: 1 }, { indexed: 9 }, { indexed: 200 }, { rgb: { r: 1, g: 2, b: 3 } }];
    const copy = new ProgramScreen();
    copy.take({ ...whole, lines: [colors.map((color) => ({ text: "x", fg: color, bg: color }))] });
    assert.deepEqual(
      copy.picture?.rows[0]?.map(({ style }) => style),
      ["31;41", "91;101", "38;5;200;48;5;200", "38;2;1;2;3;48;2;1;2;3"],
    );
  });

  it("takes rows that changed, keeps the others as they are, and leaves pictures made before alone", () => {
    const copy = new ProgramScreen();
    copy.take(whole);
    const before = copy.picture;
    const { lines: _, ...view } = whole;
    copy.take({ ...view, epoch: 2, since_epoch: 1, changed: [{ row: 1, line: "two" }], cursor: { ...cursor, row: 1 } });
    assert.equal(copy.picture?.rows[0], before?.rows[0]);
    assert.equal(copy.picture?.rows[1]?.map(({ text }) => text).join(""), "two ");
    assert.equal(before?.rows[1]?.[0]?.text, "日");
    assert.deepEqual([copy.epoch, copy.picture?.cursor.row], [2, 1]);
  });

  it("stays as it is when nothing has changed", () => {
    const copy = new ProgramScreen();
    copy.take(whole);
    copy.take({ epoch: 1, unchanged: true, generation: 9, offset: 9 });
    assert.deepEqual([copy.epoch, copy.picture?.rows.length], [1, 2]);
  });
});
