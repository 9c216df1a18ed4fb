import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Screen } from "@fleetty/protocol/schemas/common";
import xterm from "@xterm/headless";
import { styledLine } from "./styled-line.ts";
import { Window } from "./window.ts";

function screenOf(lines: Screen["lines"], cursor: Screen["cursor"], cols = 20): Screen {
  const position = { epoch: 1, generation: 1, offset: 1, first_line_index: 0, total_lines: lines.length };
  return { ...position, lines, cursor, cols, rows: lines.length, alternate_active: false };
}

/** What a terminal of that size shows after these bytes. */
async function shownBy(size: { rows: number; cols: number }, ...written: string[]) {
  const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
  for (const bytes of written) await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: size.rows }, (_, at) => active.getLine(at)?.translateToString().trimEnd() ?? "");
  const cursor = { row: active.cursorY, col: active.cursorX };
  terminal.dispose();
  return { lines, cursor };
}

describe("a window on a screen", () => {
  const visible = true;

  it("shows what fits, and the notice in the last row", async () => {
    const size = { rows: 3, cols: 6 };
    const screen = screenOf(["one is long", "two", "three"], { row: 1, col: 3, visible });
    const { lines, cursor } = await shownBy(size, new Window(size).draw(screen, "notice"));
    assert.deepEqual(lines, ["one is", "two", "notice"]);
    assert.deepEqual(cursor, { row: 1, col: 3 });
  });

  it("moves so that the cursor is seen", async () => {
    const size = { rows: 3, cols: 6 };
    const screen = screenOf(["0123456789", "abcdefghij", "ABCDEFGHIJ"], { row: 2, col: 9, visible });
    const { lines, cursor } = await shownBy(size, new Window(size).draw(screen, ""));
    assert.deepEqual(lines.slice(0, 2), ["efghij", "EFGHIJ"]);
    assert.deepEqual(cursor, { row: 1, col: 5 });
  });

  it("writes only the rows that changed", async () => {
    const size = { rows: 3, cols: 20 };
    const window = new Window(size);
    const cursor = { row: 0, col: 0, visible };
    const first = window.draw(screenOf(["stays", "changes"], cursor), "notice");
    const second = window.draw(screenOf(["stays", "changed"], cursor), "notice");
    assert.doesNotMatch(second, /stays|notice/);
    assert.deepEqual((await shownBy(size, first, second)).lines, ["stays", "changed", "notice"]);
  });

  it("keeps styles, and cuts wide characters at its edges without half of one", () => {
    const bold = styledLine([{ text: "ab", bold: true, fg: { indexed: 1 } }, { text: "cd" }], 1, 2);
    assert.equal(bold, "\x1b[0m\x1b[1;38;5;1mb\x1b[0mc\x1b[0m");
    assert.equal(styledLine("a日b", 0, 2), "\x1b[0ma \x1b[0m");
    assert.equal(styledLine("a日b", 2, 2), "\x1b[0m b\x1b[0m");
    assert.equal(
      styledLine([{ text: "x", bg: { rgb: { r: 1, g: 2, b: 3 } } }], 0, 1),
      "\x1b[0m\x1b[48;2;1;2;3mx\x1b[0m",
    );
  });
});
