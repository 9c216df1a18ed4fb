// Says what somebody sees of a screen with elements, and holds texts of callers to being texts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ShownOverlay, ShownPanel } from "@fleetty/protocol/schemas/elements";
import fc from "fast-check";
import { cellsOf } from "./cell.ts";
import { Painter } from "./painter.ts";
import { compose, type Elements, isAnything, NO_ELEMENTS, type Picture } from "./picture.ts";

const screenOf = (...lines: string[]): Picture => ({
  rows: lines.map((line) => cellsOf(line, "")),
  cols: 10,
  cursor: { row: 1, col: 2, visible: true },
  program: { top: 0, left: 0, bottom: lines.length, right: 10 },
});
const overlay = (more: Partial<ShownOverlay>): ShownOverlay => ({
  id: "one",
  x: 0,
  y: 0,
  z: 0,
  width: 4,
  height: 1,
  spans: [],
  ...more,
});
const panel = (more: Partial<ShownPanel>): ShownPanel => ({
  id: "one",
  position: "top",
  height: 1,
  z: 0,
  visible: true,
  spans: [],
  ...more,
});
const lines = ({ rows }: Picture) =>
  rows.map((row) =>
    row
      .map(({ text }) => text)
      .join("")
      .trimEnd(),
  );
const styles = ({ rows }: Picture, at: number) => rows[at]?.map(({ style }) => style);
const composed = (screen: Picture, elements: Partial<Elements>) => compose(screen, { ...NO_ELEMENTS, ...elements });

describe("a picture", () => {
  const screen = screenOf("0123456789", "abcdefghij", "ABCDEFGHIJ");

  it("is the screen alone when there is nothing else", () => {
    assert.deepEqual(lines(composed(screen, {})), ["0123456789", "abcdefghij", "ABCDEFGHIJ"]);
    assert.equal(isAnything(NO_ELEMENTS), false);
    assert.equal(isAnything({ ...NO_ELEMENTS, panels: [panel({ visible: false })] }), false);
    assert.equal(isAnything({ ...NO_ELEMENTS, isCapturing: true }), true);
  });

  it("has panels around the screen, the first of an edge outermost, and the cursor where the program has it", () => {
    const panels = [
      panel({ spans: [{ text: "edge" }] }),
      panel({ height: 2, spans: [{ text: "one\ntwo\nhidden" }] }),
      panel({ visible: false, spans: [{ text: "no room" }] }),
      panel({ position: "bottom", spans: [{ text: "last" }] }),
      panel({ position: "bottom", spans: [{ text: "inner" }] }),
    ];
    const picture = composed(screenOf("first", "second"), { panels });
    assert.deepEqual(lines(picture), ["edge", "one", "two", "first", "second", "inner", "last"]);
    assert.deepEqual(picture.cursor, { row: 4, col: 2, visible: true });
    assert.deepEqual(picture.program, { top: 3, left: 0, bottom: 5, right: 10 });
  });

  it("has overlays above screen and panels, in the order given", () => {
    const overlays = [
      overlay({ x: 1, width: 3, height: 2, background: { bg: "blue" }, spans: [{ text: "low" }] }),
      overlay({ x: 2, y: 1, width: 3, spans: [{ text: "top" }] }),
    ];
    const picture = composed(screen, { overlays, panels: [panel({ spans: [{ text: "panel" }] })] });
    assert.deepEqual(lines(picture), ["plowl", "0 top56789", "abcdefghij", "ABCDEFGHIJ"]);
    assert.deepEqual(styles(picture, 0)?.slice(0, 5), ["", "44", "44", "44", ""]);
  });

  it("shows the screen through an overlay without a background, and the background under what has none of its own", () => {
    const spans = [
      { text: "x\ny", bold: true as const },
      { text: "z", bg: "red" },
    ];
    const through = composed(screen, { overlays: [overlay({ height: 2, spans })] });
    assert.deepEqual(lines(through).slice(0, 2), ["x123456789", "yzcdefghij"]);
    const opaque = composed(screen, {
      overlays: [overlay({ height: 2, spans, background: { bg: { r: 1, g: 2, b: 3 } } })],
    });
    assert.deepEqual(lines(opaque).slice(0, 2), ["x   456789", "yz  efghij"]);
    assert.deepEqual(styles(opaque, 1)?.slice(0, 5), ["1;48;2;1;2;3", "41", "48;2;1;2;3", "48;2;1;2;3", ""]);
  });

  it("cuts elements at their own edges and at those of the screen, and wide characters to blanks there", () => {
    const cut = (more: Partial<ShownOverlay>) => lines(composed(screen, { overlays: [overlay(more)] }));
    assert.equal(cut({ spans: [{ text: "more than four" }] })[0], "more456789");
    assert.equal(cut({ x: 8, spans: [{ text: "wide" }] })[0], "01234567wi");
    assert.equal(cut({ x: 7, spans: [{ text: "日本" }] })[0], "0123456日");
    assert.equal(cut({ x: 0, width: 3, spans: [{ text: "日本" }] })[0], "日 3456789");
    assert.deepEqual(cut({ x: 50, y: 50, spans: [{ text: "away" }] }), lines(screen));
  });

  it("writes regions above spans, and none outside of the element", () => {
    const writes = [
      { row: 0, col: 1, text: "W", fg: "red" },
      { row: 1, col: 2, text: "out", underline: true as const },
      { row: 7, col: 0, text: "beyond" },
    ];
    const picture = composed(screen, {
      overlays: [overlay({ height: 2, spans: [{ text: "span" }], region_writes: writes })],
    });
    assert.deepEqual(lines(picture).slice(0, 2), ["sWan456789", "abouefghij"]);
    assert.deepEqual([styles(picture, 0)?.[1], styles(picture, 1)?.[3]], ["31", "4"]);
  });

  it("marks the element that has the focus in its first row", () => {
    const overlays = [overlay({ id: "a", height: 2, spans: [{ text: "ab" }], background: { bg: "blue" } })];
    const picture = composed(screen, { overlays, focused: "a" });
    assert.deepEqual(styles(picture, 0), ["44;7", "44;7", "44;7", "44;7", "", "", "", "", "", ""]);
    assert.deepEqual(styles(picture, 1)?.slice(0, 4), ["44", "44", "44", "44"]);
    assert.equal(lines(picture)[0], "ab  456789");
  });

  it("lets no control character of a caller reach the terminal", () => {
    const hostile = fc.string({
      unit: fc.constantFrom("\x1b", "[", "2", "J", "\x07", "\r", "\n", "\t", "\x9b", "\x7f", "\u202e", "\0", "日", "a"),
    });
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const overlays = [
          overlay({
            width: 9,
            height: 3,
            spans: [{ text: one, fg: other }],
            region_writes: [{ row: 0, col: 3, text: other }],
          }),
        ];
        const painted = new Painter().paint(
          composed(screen, { overlays, panels: [panel({ spans: [{ text: other }] })] }),
        );
        const ours = /\x1b\[(?:\?2026[hl]|\?25[hl]|[\d;]*[HGKm])/g;
        assert.doesNotMatch(painted.replace(ours, ""), /[\x00-\x1f\x7f-\x9f\u202e]/);
      }),
    );
  });
});
