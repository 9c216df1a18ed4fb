import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Screen } from "./screen.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function screen(text = ""): Screen {
  const made = new Screen({ cols: 20, rows: 5, scrollbackLines: 10_000 });
  made.feed(Buffer.from(text));
  return made;
}

function usedBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** KiB that `count` of what `make` makes take each. */
function kibEach<Made>(count: number, make: () => Made): number {
  const kept = [make()];
  const before = usedBytes();
  for (let index = 0; index < count; index += 1) kept.push(make());
  const kib = (usedBytes() - before) / count / 1024;
  assert.equal(kept.length, count + 1);
  return kib;
}

describe("the memory of a screen", () => {
  test("is below 180 KiB with a prompt in it", () => {
    const kib = kibEach(40, () => {
      const made = new Screen({ cols: 80, rows: 24, scrollbackLines: 10_000, reply: () => {} });
      made.feed(Buffer.from("\x1b[1muser@host\x1b[0m:~$ "));
      return made;
    });
    assert.ok(kib < 180, `${kib.toFixed(0)} KiB`);
  });

  test("does not grow with pieces that are large, nor after a full reset", () => {
    const kib = kibEach(20, () => screen(`${"x\r".repeat(500_000)}\x1bc`));
    assert.ok(kib < 180, `${kib.toFixed(0)} KiB`);
  });

  const endless: Record<string, string> = {
    "an unfinished title": `\x1b]2;${"x".repeat(4_000_000)}`,
    "an unfinished unknown string": `\x1bPq${"x".repeat(4_000_000)}`,
    "an unfinished request": `\x1bP$q${"x".repeat(4_000_000)}`,
    "marks on one cell": `a${"\u0301".repeat(1_000_000)}`,
    hyperlinks: "\x1b]8;;http://example.com/a\x1b\\x\x1b]8;;\x1b\\\r".repeat(30_000),
    "titles put aside": `\x1b]2;${"x".repeat(4000)}\x07\x1b[22t`.repeat(500),
    "icon names": `\x1b]1;${"x".repeat(2_000_000)}\x07`,
  };
  for (const [what, text] of Object.entries(endless)) {
    test(`does not grow with ${what}`, () => {
      const kib = kibEach(2, () => screen(text));
      assert.ok(kib < 400, `${kib.toFixed(0)} KiB`);
    });
  }
});

describe("repeat counts of 2^31", () => {
  const most = 2 ** 31 - 1;
  for (const final of "@ABCDEFGHILMPSTXZ`abdeg") {
    test(`in CSI ${final} are done at once`, () => {
      const made = screen(`abc\r\n\tdef\x1b[${most};${most}${final}\x1b[${most}${final}`);
      assert.equal(made.faults, 0);
    });
  }
});

describe("any bytes at any size", () => {
  const notable = [
    ..."\x1b[]P;?!$' \n\r\b\tABCDEFGHJKLMPSTXZbcdfghlmnpqrstu0123456789@`~}\x0e\x9b\xc2\xe2\x80\xf0\x9f\xcc\x81",
  ];
  const byte = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...notable.map((character) => character.charCodeAt(0))) },
    { weight: 1, arbitrary: fc.nat(255) },
  );
  const output = fc.array(byte, { maxLength: 150 }).map((bytes) => Uint8Array.from(bytes));
  const size = fc.record({ cols: fc.integer({ min: 1, max: 30 }), rows: fc.integer({ min: 1, max: 12 }) });
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: output }, { weight: 1, arbitrary: size }), { maxLength: 10 });

  test("leave the emulator unharmed and the screen whole", () => {
    const law = fc.property(size, fc.constantFrom(0, 3, 100), steps, (first, scrollbackLines, taken) => {
      const made = new Screen({ ...first, scrollbackLines });
      for (const step of taken) {
        if (step instanceof Uint8Array) made.feed(step);
        else made.resize(step);
        const { lines, rows, cols, cursor } = made.read("styled");
        assert.equal(lines.length, rows);
        assert.ok(cursor.row >= 0 && cursor.row < rows && cursor.col >= 0 && cursor.col < cols, JSON.stringify(cursor));
        made.snapshot();
      }
      assert.equal(made.faults, 0);
    });
    fc.assert(law, { numRuns: 500 });
  });
});

describe("the core's mistakes", () => {
  test("erasing to a cursor in the last column erases its rows and unwraps the next", () => {
    const made = screen("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;20H\x1b[1J");
    assert.deepEqual(made.read("plain").lines, ["", "", "4", "5", "6"]);
    const last = screen("x\x1b[5;20H\x1b[1J");
    assert.deepEqual([last.read("plain").lines[0], last.faults], ["", 0]);
  });

  test("combining marks behind the last column leave the cursor there", () => {
    for (const column of [19, 20]) {
      const made = screen(`${"x".repeat(column)}\x1b[m${"\u0301".repeat(4)}\ny`);
      assert.equal(made.read("plain").lines[1], `${" ".repeat(19)}y`);
    }
  });

  test("wrapping lines anew without scrollback leaves a line for each row", () => {
    const made = new Screen({ cols: 3, rows: 3, scrollbackLines: 0 });
    made.feed(Buffer.from("}P \nE\n"));
    for (const rows of [4, 5]) made.resize({ cols: 2, rows });
    assert.equal(made.read("plain").lines.length, 5);
  });

  test("a full reset shows the cursor and ends new line mode", () => {
    const modes = screen("\x1b[?25l\x1b[20h\x1bc").modes();
    assert.deepEqual([modes.cursorVisible, modes.newLine], [true, false]);
  });

  test("a saved cursor stays in its row when the scrollback is erased", () => {
    const made = screen(`${"\r\n".repeat(9)}\x1b[3;4H\x1b7\x1b[H\x1b[3J\x1b8`);
    assert.deepEqual(made.read("plain").cursor, { row: 2, col: 3, visible: true });
  });

  for (const [what, character] of Object.entries({ narrow: "x", wide: "\u4e16" })) {
    test(`the longest line that is kept, of ${what} characters, is wrapped anew at any width`, () => {
      const made = new Screen({ cols: 1_000, rows: 24, scrollbackLines: 10_000 });
      made.feed(Buffer.from(`${character.repeat(1_000 * 10_024)}finished\r\n$`));
      for (const cols of [501, 6, 700, 3, 2, 82, 41]) {
        made.resize({ cols, rows: 24 });
        const { lines, total_lines: total } = made.read("plain");
        assert.equal(lines.length, 24);
        assert.ok(total <= 10_024);
        assert.match(
          lines.join("").replaceAll(" ", ""),
          new RegExp(`^${character}+finished\\$$`),
          `at ${cols} columns`,
        );
      }
    });
  }
});
