import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { program, SIZE } from "./fixtures/programs.ts";
import { type Line, Screen, type ScreenDelta, type ScreenRead } from "./screen.ts";

function screen(text = "", size: { cols: number; rows: number } = { cols: 20, rows: 4 }): Screen {
  const made = new Screen({ ...size, scrollbackLines: 100 });
  made.feed(Buffer.from(text));
  return made;
}

function styled(text: string): Line | undefined {
  return screen(text).read("styled").lines[0];
}

describe("the line that asks", () => {
  const asks = (text: string) => screen(text).askingLine("up_to_cursor").text;

  test("is what stands up to the cursor, in however many rows", () => {
    assert.equal(asks("one\r\ntwo: "), "two:");
    assert.equal(asks("one\r\nEnter the passphrase of this key: "), "Enter the passphrase of this key:");
    assert.equal(asks("one: after\x1b[5G"), "one:");
    assert.equal(asks("x".repeat(20)), "x".repeat(20));
  });

  test("is the last one above where that is blank, and nothing on an empty screen", () => {
    assert.equal(asks("one\r\ntwo:\r\n\r\n  "), "two:");
    assert.equal(asks(""), "");
    assert.equal(asks("\r\n\r\n"), "");
  });

  test("is told with the row that it ends in, and whole where that is wanted", () => {
    const whole = (text: string) => screen(text).askingLine("whole");
    assert.deepEqual(whole("one\r\nGo on? [y]\x1b[4D"), { text: "Go on? [y]", row: 1 });
    assert.deepEqual(whole(`${"x".repeat(20)}yes?\r\n\r\n`), { text: `${"x".repeat(20)}yes?`, row: 1 });
    assert.equal(screen("one\r\nGo on? [y]\x1b[4D").lineBeforeCursor(), "Go on?");
    assert.equal(screen("one\r\n").lineBeforeCursor(), "");
  });
});

describe("a read of the screen", () => {
  test("has one line per row, blank ones empty", () => {
    assert.deepEqual(screen("a\r\n\r\nb").read("styled").lines, [[{ text: "a" }], [], [{ text: "b" }], []]);
    assert.deepEqual(screen("a\r\n\r\nb").read("plain").lines, ["a", "", "b", ""]);
  });

  test("merges equal neighbours into spans with only the attributes that are set", () => {
    assert.deepEqual(styled("\x1b[1ma\x1b[0;1mb\x1b[0;2;3;4;5;7;9mc\x1b[m d"), [
      { text: "ab", bold: true },
      { text: "c", faint: true, italic: true, underline: true, blink: true, inverse: true, strikethrough: true },
      { text: " d" },
    ]);
  });

  test("tells colours by index or by their parts, whatever was set before", () => {
    assert.deepEqual(styled("\x1b[38;2;1;2;3;48;5;200ma\x1b[31;100mb"), [
      { text: "a", fg: { rgb: { r: 1, g: 2, b: 3 } }, bg: { indexed: 200 } },
      { text: "b", fg: { indexed: 1 }, bg: { indexed: 8 } },
    ]);
    assert.deepEqual(styled("\x1b[38;5;1ma\x1b[31mb"), [{ text: "ab", fg: { indexed: 1 } }]);
  });

  test("drops trailing blanks without attributes only", () => {
    assert.deepEqual(styled("a   "), [{ text: "a" }]);
    assert.deepEqual(styled("a\x1b[44m  "), [{ text: "a" }, { text: "  ", bg: { indexed: 4 } }]);
    assert.deepEqual(screen("a\x1b[44m  ").read("plain").lines[0], "a");
  });

  test("lists a wide character once", () => {
    assert.deepEqual(styled("漢\x1b[1m字\x1b[m😀x"), [{ text: "漢" }, { text: "字", bold: true }, { text: "😀x" }]);
    assert.equal(screen("漢字😀").read("plain").cursor.col, 6);
  });

  test("shows no invisible text", () => {
    assert.deepEqual(styled("a\x1b[8msecret漢\x1b[mb"), [{ text: `a${" ".repeat(8)}b` }]);
  });

  test("shows a wide character that lost a half as blank", () => {
    assert.equal(screen("字\x1b[1;2Hx").read("plain").lines[0], " x");
    assert.equal(screen("字\x1b[1;1Hx").read("plain").lines[0], "x");
  });

  test("counts scrollback in its lines, and the alternate buffer's own there", () => {
    const made = screen("1\r\n2\r\n3\r\n4\r\n5\r\n6");
    const { total_lines, first_line_index, lines } = made.read("plain");
    assert.deepEqual(
      { total_lines, first_line_index, lines },
      { total_lines: 6, first_line_index: 2, lines: ["3", "4", "5", "6"] },
    );
    made.feed(Buffer.from("\x1b[?1049h"));
    const alternate = made.read("plain");
    assert.deepEqual([alternate.total_lines, alternate.first_line_index, alternate.alternate_active], [4, 0, true]);
  });

  test("places the cursor within the view, also while a wrap is pending", () => {
    assert.deepEqual(screen("x".repeat(20)).read("plain").cursor, { row: 0, col: 19, visible: true });
    assert.deepEqual(screen("\x1b[?25l\x1b[3;5H").read("plain").cursor, { row: 2, col: 4, visible: false });
  });

  for (const name of ["vim", "less", "curses", "bash", "tmux"]) {
    // Recorded under a PTY; the expected text is what tmux 3.3a shows (capture-pane) for the same bytes.
    test(`shows what ${name} drew as another terminal does`, () => {
      const recorded = new URL(`./fixtures/${name}`, import.meta.url);
      const { cols, rows, cursor, alternate_active, lines } = JSON.parse(
        readFileSync(`${recorded.pathname}.json`, "utf8"),
      );
      const read = screen("", { cols, rows });
      read.feed(readFileSync(`${recorded.pathname}.bytes`));
      const seen = read.read("plain");
      assert.deepEqual(seen.lines, lines);
      assert.deepEqual([seen.cursor, seen.alternate_active], [cursor, alternate_active]);
    });
  }
});

describe("the bytes fed", () => {
  test("make the same screen however they are cut, UTF-8 or not", () => {
    const anyBytes = fc.array(
      fc.oneof(
        program.map((text) => [...Buffer.from(text)]),
        fc.array(fc.nat(255), { maxLength: 6 }),
      ),
    );
    const law = fc.property(anyBytes, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (parts, cuts) => {
      const bytes = Uint8Array.from(parts.flat());
      const whole = screen("", SIZE);
      const cut = screen("", SIZE);
      whole.feed(bytes);
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const step = cuts[turn % cuts.length] as number;
        cut.feed(bytes.subarray(at, at + step));
        at += step;
      }
      assert.deepEqual(cut.read("styled").lines, whole.read("styled").lines);
      assert.equal(whole.faults, 0);
    });
    fc.assert(law, { numRuns: 500 });
  });

  test("show U+FFFD for what is not UTF-8", () => {
    const made = screen();
    made.feed(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0xed, 0xa0, 0x80]));
    assert.equal(made.read("plain").lines[0], "a\ufffdb\ufffdc\ufffd\ufffd\ufffd");
  });

  test("wait with a character until it is whole, at any border", () => {
    for (const text of ["\u2014", "\u{10000}", "é", "漢", "😀"]) {
      const made = screen();
      for (const byte of Buffer.from(text)) made.feed(Uint8Array.of(byte));
      assert.equal(made.read("plain").lines[0], text);
    }
  });

  test("are not kept: the caller may write over them", () => {
    const bytes = Buffer.from("é");
    const made = screen();
    made.feed(bytes.subarray(0, 1));
    bytes.fill(0x41);
    made.feed(Uint8Array.of(0xa9));
    assert.equal(made.read("plain").lines[0], "é");
  });

  test("are settled up to the last whole sequence and character", () => {
    const cases: [string, number][] = [
      ["abc", 3],
      ["abc\x1b", 3],
      ["abc\x1b[3", 3],
      ["abc\x1b[31m", 8],
      ["\x1b]2;title", 0],
      ["\x1b]2;title\x1b", 9],
      ["\x1b]2;title\x1b\\", 11],
      ["x\x1bPq data", 1],
      ["x\x1b_G data", 1],
      ["x\u009b3", 1],
      ["é\x1b]0;a\u009d", 7],
      ["\x1b[3\x1b[4", 3],
    ];
    for (const [text, settled] of cases) {
      const made = screen();
      made.feed(Buffer.from(text));
      assert.equal(made.settled, settled, JSON.stringify(text));
      const byByte = screen();
      for (const byte of Buffer.from(text)) byByte.feed(Uint8Array.of(byte));
      assert.equal(byByte.settled, settled, `${JSON.stringify(text)} byte by byte`);
    }
    const cut = screen();
    cut.feed(Buffer.from([0x61, 0xe2, 0x82]));
    assert.deepEqual([cut.settled, cut.fed], [1, 3]);
  });

  test("settle at the beginning of a sequence of a megabyte", () => {
    const made = screen("ab\x1b]52;c;");
    for (let piece = 0; piece < 16; piece += 1) made.feed(Buffer.alloc(65_536, "A"));
    assert.equal(made.settled, 2);
    made.feed(Buffer.from("\x07c"));
    assert.equal(made.settled, made.fed);
    assert.equal(made.read("plain").lines[0], "abc");
  });
});

describe("the epoch", () => {
  const sameEpoch: Record<string, string> = {
    "nothing visible": "\x1b[?2004h\x1b]2;title\x07\x1b[31m",
    "a blank over a blank": " \b",
    "the same text again": "\rsame",
    "moves that come back": "\x1b[H\x1b[1;5H",
  };
  for (const [what, text] of Object.entries(sameEpoch)) {
    test(`stays with ${what}`, () => {
      const made = screen("same");
      const before = made.look();
      made.feed(Buffer.from(text));
      assert.equal(made.look(), before);
    });
  }

  const nextEpoch: Record<string, string> = {
    "a cell": "x\b",
    "an attribute": "\r\x1b[1msame",
    "a combining mark": "\x1b[1;3H\u0301\x1b[1;5H",
    "the cursor's position": "\x1b[2;2H",
    "the cursor's visibility": "\x1b[?25l",
    "the buffer": "\x1b[?1047h",
    "everything scrolled away": "\r\n".repeat(9),
  };
  for (const [what, text] of Object.entries(nextEpoch)) {
    test(`is one more with ${what}, however often it is looked at`, () => {
      const made = screen("same");
      const before = made.look();
      made.feed(Buffer.from(text));
      assert.equal(made.look(), before + 1);
      assert.equal(made.read("styled").epoch, before + 1);
      assert.equal(made.look(), before + 1);
    });
  }

  test("is one more with another mark on the same letter", () => {
    const made = screen("e\u0301");
    const before = made.look();
    made.feed(Buffer.from("\re\u0302"));
    assert.equal(made.look(), before + 1);
  });

  test("is one more with another size, and for many changes between two looks", () => {
    const made = screen("same");
    const before = made.look();
    made.resize({ cols: 30, rows: 4 });
    assert.equal(made.look(), before + 1);
    for (const text of ["a", "b", "c"]) made.feed(Buffer.from(text));
    assert.equal(made.look(), before + 2);
  });

  test("begins at 0 with a blank screen", () => {
    assert.equal(screen().look(), 0);
    assert.equal(screen("x").look(), 1);
  });
});

describe("a read since an epoch", () => {
  const asDelta = (read: object): ScreenDelta => {
    assert.ok("changed" in read, `a delta, not ${JSON.stringify(read)}`);
    return read as ScreenDelta;
  };

  test("of now says unchanged", () => {
    const made = screen("a");
    assert.deepEqual(made.readSince("plain", made.look()), { epoch: 1, unchanged: true });
  });

  test("names the rows that changed, and everything but the others", () => {
    const size = { cols: 50, rows: 4 };
    const made = screen(`${"the first row ".repeat(3)}\r\nthe second row\r\n${"the third row ".repeat(3)}`, size);
    const before = made.look();
    made.feed(Buffer.from("\x1b[2;1HTHE"));
    assert.deepEqual(made.readSince("plain", before), {
      epoch: before + 1,
      since_epoch: before,
      changed: [{ row: 1, line: "THE second row" }],
      first_line_index: 0,
      total_lines: 4,
      cursor: { row: 1, col: 3, visible: true },
      cols: 50,
      rows: 4,
      alternate_active: false,
    });
  });

  test("of a moved cursor names no row", () => {
    const made = screen("the first row\r\nthe second row");
    const before = made.look();
    made.feed(Buffer.from("\x1b[H"));
    assert.deepEqual(asDelta(made.readSince("plain", before)).changed, []);
  });

  test("is whole after another size, another buffer, for a future epoch, and when that is shorter", () => {
    const whole = (change: (made: Screen) => void, since = 0) => {
      const made = screen("the first row\r\nthe second row");
      const before = made.look();
      change(made);
      const read = made.readSince("plain", before + since);
      assert.ok("lines" in read, JSON.stringify(read));
    };
    whole((made) => made.resize({ cols: 20, rows: 5 }));
    whole((made) => made.feed(Buffer.from("\x1b[?1049h")));
    whole((made) => made.feed(Buffer.from("x")), 7);
    whole((made) => made.feed(Buffer.from("\x1b[H\x1b[2J1\r\n2\r\n3\r\n4")));
  });

  test("applied to the copy it is since makes the screen of now", () => {
    const law = fc.property(
      fc.array(program, { maxLength: 6 }),
      fc.nat(5),
      fc.constantFrom("styled", "plain"),
      (programs, back, format) => {
        const made = screen("", SIZE);
        const copies: ScreenRead[] = [structuredClone(made.read(format))];
        for (const text of programs) {
          made.feed(Buffer.from(text));
          copies.push(structuredClone(made.read(format)));
        }
        const now = made.read(format);
        const copy = copies[Math.max(0, copies.length - 1 - back)] as ScreenRead;
        const answer = made.readSince(format, copy.epoch);
        if ("unchanged" in answer) assert.deepEqual({ ...copy, ...totals(now) }, now);
        else if ("lines" in answer) assert.deepEqual(answer, now);
        else {
          const { changed, since_epoch, ...view } = answer;
          assert.equal(since_epoch, copy.epoch);
          for (const { row, line } of changed) copy.lines[row] = line;
          assert.deepEqual({ ...view, lines: copy.lines }, now);
        }
      },
    );
    fc.assert(law, { numRuns: 500 });
  });

  test("and a whole read of a quiet screen render nothing anew", () => {
    const made = screen("a");
    assert.equal(made.read("styled").lines, made.read("styled").lines);
  });
});

/** The history above the view may grow while what is visible stays as it was. */
function totals({ total_lines, first_line_index }: ScreenRead) {
  return { total_lines, first_line_index };
}

describe("the title", () => {
  test("is what was set last, put aside and taken back", () => {
    const made = screen("\x1b]0;one\x07");
    assert.equal(made.title, "one");
    made.feed(Buffer.from("\x1b[22;0t\x1b]2;two\x1b\\"));
    assert.equal(made.title, "two");
    made.feed(Buffer.from("\x1b[23;0t\x1b[23;0t"));
    assert.equal(made.title, "one");
  });

  test("has at most 256 characters and no control characters", () => {
    assert.equal(screen(`\x1b]2;a\tb\x7f${"x".repeat(400)}\x07`).title, `ab${"x".repeat(254)}`);
    assert.equal(screen(`\x1b]2;${"x".repeat(255)}😀\x07`).title.isWellFormed(), true);
    assert.equal(screen(`\x1b]2;kept\x07\x1b]2;${"x".repeat(100_000)}\x07`).title, "kept");
  });
});

describe("the modes", () => {
  test("are those that the program set", () => {
    const before = screen().modes();
    assert.deepEqual([before.wraparound, before.cursorVisible, before.mouseTracking], [true, true, "none"]);
    const made = screen(
      "\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1003h\x1b[?1006h\x1b[?25l\x1b[?1049h\x1b[4h\x1b[?6h\x1b[?7l\x1b[3 q\x1b[>4;2m",
    );
    assert.deepEqual(made.modes(), {
      applicationCursor: true,
      applicationKeypad: true,
      bracketedPaste: true,
      focusReporting: true,
      mouseTracking: "any",
      mouseEncoding: "sgr",
      alternate: true,
      cursorVisible: false,
      cursorStyle: "underline",
      cursorBlink: true,
      insert: true,
      origin: true,
      wraparound: false,
      reverseWraparound: false,
      newLine: false,
      otherKeys: 2,
    });
    made.feed(Buffer.from("\x1bc"));
    assert.deepEqual(made.modes(), before);
  });

  test("say how far a program wants to hear of modifiers, until it takes that back", () => {
    for (const [text, level] of [
      ["\x1b[>4;1m", 1],
      ["\x1b[>4;2m\x1b[>1;2m\x1b[4;1m", 2],
      ["\x1b[>4;2m\x1b[>4;0m", 0],
      ["\x1b[>4;2m\x1b[>4m", 0],
      ["\x1b[>4;2m\x1b[>m", 0],
      ["\x1b[>4;2m\x1b[>4n", 0],
      ["\x1b[>4;9m", 0],
      ["\x1b[>4;2m\x1b[>n\x1b[>1n\x1b[>0;1m", 2],
    ] as const) {
      assert.equal(screen(text).modes().otherKeys, level, JSON.stringify(text));
    }
  });
});
