import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Screen } from "./screen.ts";

const SIZE = { cols: 12, rows: 5 };

/** Sequences as programs send them, weighted towards those that leave state behind. */
const count = fc.integer({ min: 0, max: 14 }).map((n) => (n === 0 ? "" : String(n)));
const csi = (finals: string[]) => fc.tuple(count, fc.constantFrom(...finals)).map(([n, final]) => `\x1b[${n}${final}`);
const text = fc.constantFrom(
  "a",
  "hello",
  "qxlm~",
  " ",
  "   ",
  "漢",
  "字x",
  "😀",
  "e\u0301",
  "\u0301",
  "ab漢字cdefghijkl",
  "0123456789abcdefghijk",
  "#[]",
);
const control = fc.constantFrom("\r", "\n", "\r\n", "\b", "\t", "\x0e", "\x0f", "\x0b", "\x07");
const sgr = fc
  .array(
    fc.constantFrom(
      "0",
      "1",
      "2",
      "3",
      "4",
      "4:3",
      "5",
      "7",
      "8",
      "9",
      "22",
      "24",
      "27",
      "31",
      "42",
      "97",
      "103",
      "39",
      "49",
      "53",
      "38;5;200",
      "48;5;17",
      "38;2;1;2;3",
      "48;2;9;8;7",
      "58;5;3",
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((codes) => `\x1b[${codes.join(";")}m`);
const mode = fc
  .tuple(
    fc.constantFrom(
      "?1",
      "?6",
      "?7",
      "?25",
      "?45",
      "?47",
      "?1047",
      "?1048",
      "?1049",
      "?1000",
      "?1003",
      "?1004",
      "?1006",
      "?2004",
      "?66",
      "4",
      "20",
    ),
    fc.constantFrom("h", "l"),
  )
  .map(([number, final]) => `\x1b[${number}${final}`);
const position = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 13 }))
  .map(([row, col]) => `\x1b[${row};${col}H`);
const margins = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 6 }))
  .map(([top, bottom]) => `\x1b[${top};${bottom}r`);
const escaped = fc.constantFrom(
  "\x1b7",
  "\x1b8",
  "\x1bD",
  "\x1bE",
  "\x1bM",
  "\x1bH",
  "\x1b=",
  "\x1b>",
  "\x1b(0",
  "\x1b(B",
  "\x1b)0",
  "\x1b)A",
  "\x1bn",
  "\x1b#8",
  "\x1b[!p",
  "\x1bc",
  "\x1b[3g",
  '\x1b[1"q',
  '\x1b[0"q',
  "\x1b[4 q",
  "\x1b]2;t\x07",
);
const piece = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 3, arbitrary: control },
  { weight: 4, arbitrary: csi([..."ABCDEFGJKLMPSTXZ@`adbI"]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "\x1b[1J",
      "\x1b[1K",
      "\x1b[2J",
      "\x1b[2K",
      "\x1b[?1J",
      "\x1b[ @",
      "\x1b[2 A",
      "\x1b[2'}",
      "\x1b['~",
    ),
  },
  { weight: 3, arbitrary: sgr },
  { weight: 2, arbitrary: mode },
  { weight: 3, arbitrary: position },
  { weight: 1, arbitrary: margins },
  { weight: 2, arbitrary: escaped },
);
const program = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));

function screen(text = ""): Screen {
  const made = new Screen({ ...SIZE, scrollbackLines: 1000 });
  made.feed(Buffer.from(text));
  return made;
}

/** What a viewer can tell, without what the history above the view makes different. */
function seen(screen: Screen) {
  const { lines, cursor, cols, rows, alternate_active } = screen.read("styled");
  return { lines, cursor, cols, rows, alternate_active, modes: screen.modes(), title: screen.title };
}

describe("a snapshot", () => {
  test("repaints any screen, and what follows does there what it does here", () => {
    fc.assert(
      fc.property(program, program, (before, after) => {
        const original = screen(before);
        const copy = screen(original.snapshot().vt);
        assert.deepEqual(seen(copy), seen(original), "after the snapshot");
        original.feed(Buffer.from(after));
        copy.feed(Buffer.from(after));
        assert.deepEqual(seen(copy), seen(original), "after what follows");
        original.dispose();
        copy.dispose();
      }),
      { numRuns: Number(process.env["RUNS"] ?? 300) },
    );
  });
});
