// What a copy of a screen says is other than before, however it was read.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen } from "@fleetty/protocol/schemas/common";
import { asPlain, ScreenCopy } from "./screen-copy.ts";

const screen = (epoch: number, texts: readonly string[], more: Partial<Screen> = {}): Screen => ({
  ...{ epoch, first_line_index: 0, total_lines: texts.length, cursor: { row: 0, col: 0, visible: true } },
  ...{ cols: 10, rows: texts.length, alternate_active: false, generation: epoch, offset: epoch, last_activity_ms: 5 },
  lines: texts.map((text) => (text === "" ? [] : [{ text }])),
  ...more,
});

describe("a copy of a screen", () => {
  it("takes what is read in part as it takes the whole", () => {
    const [before, after] = [screen(1, ["a", "b", ""]), screen(3, ["a", "c", ""])];
    const whole = new ScreenCopy(before);
    const part = new ScreenCopy(before);
    const change = { rows: [1], isCursorMoved: false, isBufferSwitched: false, resets: [] };
    assert.deepEqual(whole.take(after), change);
    const { lines: _, ...rest } = after;
    assert.deepEqual(part.take({ ...rest, since_epoch: 1, changed: [{ row: 1, line: [{ text: "c" }] }] }), change);
    assert.deepEqual(part.screen, whole.screen);
    assert.ok(!("last_activity_ms" in part.screen));
  });

  it("says nothing of what looks as it did, and goes on from where it was read", () => {
    const copy = new ScreenCopy(screen(1, ["a"]));
    assert.equal(copy.take({ epoch: 1, unchanged: true, generation: 4, offset: 9 }), null);
    assert.deepEqual([copy.screen.generation, copy.screen.offset], [4, 9]);
    assert.equal(copy.take(screen(2, ["a"])), null);
    assert.equal(copy.screen.epoch, 2);
  });

  it("says of another cursor, buffer, size or life what is void by it, and then all rows", () => {
    const rows = [0, 1];
    const take = (now: Screen) => new ScreenCopy(screen(5, ["a", "b"])).take(now);
    const moved = take(screen(6, ["a", "b"], { cursor: { row: 1, col: 0, visible: true } }));
    assert.deepEqual(moved, { rows: [], isCursorMoved: true, isBufferSwitched: false, resets: [] });
    const all = { rows, isCursorMoved: true, isBufferSwitched: false };
    assert.deepEqual(take(screen(6, ["a", "b"], { alternate_active: true })), {
      ...{ ...all, isBufferSwitched: true, resets: ["alternate_screen_enter"] },
    });
    assert.deepEqual(take(screen(6, ["a", "b"], { cols: 20 })), { ...all, resets: ["resize"] });
    assert.deepEqual(take(screen(4, ["a", "b"])), { ...all, resets: ["parser_restart"] });
  });

  it("is plain without its attributes and the blanks at the ends of its lines", () => {
    const styled = screen(1, ["", "x"], {
      lines: [
        [],
        [
          { text: "a", bold: true },
          { text: " b  ", inverse: true },
        ],
      ],
    });
    assert.deepEqual(asPlain(styled).lines, ["", "a b"]);
  });
});
