// Says how much of a picture is seen in a terminal of another size, and where.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shownBy } from "../../test/shown.ts";
import { cellsOf } from "./cell.ts";
import { fitted } from "./fitted.ts";
import { Painter } from "./painter.ts";
import type { Picture } from "./picture.ts";

const pictureOf = (lines: string[], row: number, col: number): Picture => ({
  rows: lines.map((line) => cellsOf(line, "")),
  cols: 10,
  cursor: { row, col, visible: true },
  program: { top: 0, left: 0, bottom: lines.length, right: 10 },
});
interface More {
  readonly words?: string;
  readonly isCapturing?: boolean;
}

const shown = (picture: Picture, terminal: { rows: number; cols: number }, more: More = {}) =>
  shownBy(terminal, new Painter().paint(fitted(picture, { terminal, words: undefined, isCapturing: false, ...more })));

describe("a picture in a terminal of another size", () => {
  it("is shown as far as it fits, with words in the last row", async () => {
    const picture = pictureOf(["0123456789", "two", "three"], 1, 3);
    const { lines, cursor } = await shown(picture, { rows: 3, cols: 6 }, { words: "more than six" });
    assert.deepEqual(lines, ["012345", "two", " more"]);
    assert.deepEqual(cursor, { row: 1, col: 3 });
  });

  it("is moved so that the cursor is seen", async () => {
    const picture = pictureOf(["0123456789", "abcdefghij", "ABCDEFGHIJ"], 2, 9);
    const { lines, cursor } = await shown(picture, { rows: 3, cols: 6 }, { words: "" });
    assert.deepEqual(lines.slice(0, 2), ["efghij", "EFGHIJ"]);
    assert.deepEqual(cursor, { row: 1, col: 5 });
    const { program } = fitted(picture, { terminal: { rows: 3, cols: 6 }, words: "", isCapturing: false });
    assert.deepEqual(program, { top: -1, left: -4, bottom: 2, right: 6 });
  });

  it("is marked in the upper right corner of the terminal while keys are captured", async () => {
    const picture = pictureOf(["0123456789", "last"], 0, 0);
    for (const cols of [6, 10, 12]) {
      const { lines } = await shown(picture, { rows: 2, cols }, { isCapturing: true });
      assert.equal(lines[0], `${"0123456789".slice(0, cols - 1).padEnd(cols - 1)}C`);
    }
  });

  it("leaves the rest of a larger terminal blank, and uses all of one that fits", async () => {
    const picture = pictureOf(["0123456789", "last"], 0, 0);
    assert.deepEqual((await shown(picture, { rows: 4, cols: 12 }, { words: "words" })).lines, [
      "0123456789",
      "last",
      "",
      " words",
    ]);
    assert.deepEqual((await shown(picture, { rows: 2, cols: 10 })).lines, ["0123456789", "last"]);
  });
});
