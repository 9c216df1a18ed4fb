import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { program, SIZE } from "./fixtures/programs.ts";
import { Screen } from "./screen.ts";

function screen(text = "", size = SIZE): Screen {
  const made = new Screen({ ...size, scrollbackLines: 1000 });
  made.feed(Buffer.from(text));
  return made;
}

function copyOf(original: Screen): Screen {
  const { vt, cols, rows } = original.snapshot();
  return screen(vt, { cols, rows });
}

/** What a viewer can tell, without what the history above the view makes different. */
function seen(screen: Screen) {
  const { lines, cursor, cols, rows, alternate_active } = screen.read("styled");
  return { lines, cursor, cols, rows, alternate_active, modes: screen.modes(), title: screen.title };
}

/** Two things that are not carried need another buffer's margins, or its saved character set (see below). */
function isCarried(before: string): boolean {
  const switches = /\x1b\[\?(47|1047|1049)[hl]/.test(before);
  return !switches || !(before.includes("\x1b[?6h") || /\x1b[()][0A]/.test(before));
}

describe("a snapshot", () => {
  test("repaints any screen, and what follows does there what it does here", () => {
    const law = fc.property(program, program, (before, after) => {
      fc.pre(isCarried(before));
      const original = screen(before);
      const copy = copyOf(original);
      assert.deepEqual(seen(copy), seen(original), "after the snapshot");
      original.feed(Buffer.from(after));
      copy.feed(Buffer.from(after));
      assert.deepEqual(seen(copy), seen(original), "after what follows");
    });
    fc.assert(law, { numRuns: Number(process.env["FLEETTY_TEST_RUNS"] ?? 1000) });
  });

  test("of a snapshot repaints the same", () => {
    const law = fc.property(program, (before) => {
      const { vt } = screen(before).snapshot();
      assert.equal(screen(vt).snapshot().vt, screen(screen(vt).snapshot().vt).snapshot().vt);
    });
    fc.assert(law, { numRuns: 300 });
  });

  for (const name of ["vim", "less", "curses", "bash", "tmux"]) {
    test(`taken anywhere in the output of ${name} goes on with the bytes from where it is true`, () => {
      const output = readFileSync(new URL(`./fixtures/${name}.bytes`, import.meta.url));
      const whole = new Screen({ cols: 80, rows: 24, scrollbackLines: 1000 });
      whole.feed(output);
      for (let cut = 1; cut < output.byteLength; cut += 61) {
        const original = new Screen({ cols: 80, rows: 24, scrollbackLines: 1000 });
        original.feed(output.subarray(0, cut));
        const copy = copyOf(original);
        copy.feed(output.subarray(original.settled));
        assert.deepEqual(seen(copy), seen(whole), `cut at ${cut}`);
      }
    });
  }

  const carried: Record<string, { before: string; after: string }> = {
    "the pen": { before: "\x1b[1;3;4:3;58;5;9;38;2;1;2;3;44m", after: "x" },
    margins: { before: "1\r\n2\r\n3\r\n4\r\n5\x1b[2;3r", after: "\x1b[3;1H\nx" },
    "origin mode within margins": { before: "\x1b[2;4r\x1b[?6h\x1b[2;2H", after: "x\x1b[1;1Hy" },
    "a pending wrap": { before: "0123456789ab", after: "c" },
    "a pending wrap behind a wide character": { before: "0123456789字", after: "c" },
    "a pending wrap over another pen": { before: "0123456789a\x1b[31mb\x1b[32m", after: "c" },
    "a pending wrap over nothing, with nothing to repeat": { before: "\x1b[1;12Ha\x1b[1J", after: "\x1b[b" },
    "the character that a mark joins": { before: "e", after: "\u0301" },
    "the character that is repeated": { before: "\x1b[4habcd\x1b[1;2HX", after: "\x1b[3b" },
    "insert mode": { before: "abc\r\x1b[4h", after: "x" },
    "no wraparound": { before: "\x1b[?7l", after: "0123456789abcdef" },
    "new line mode": { before: "ab\x1b[20h", after: "\nx" },
    "reverse wraparound over a wrapped row": { before: "0123456789abc\x1b[?45h", after: "\b\b\b\bX" },
    "the saved cursor with its pen and set": {
      before: "\x1b[3;4H\x1b[31m\x1b(0\x1b7\x1b(B\x1b[m\x1b[H",
      after: "\x1b8qx",
    },
    "a set in force by a restored cursor": { before: "\x1b(0\x1b7\x1b(B\x1b8", after: "qqx\x0f\x0eq" },
    "designated sets and shifts": { before: "\x1b)0\x0e\x1b*A\x1b+R", after: "q\x0fq\x1bn#" },
    "tab stops": { before: "\x1b[3g\x1b[5G\x1bH\r", after: "\tx" },
    protection: { before: '\x1b[1"qsafe\x1b[0"qopen\r', after: "\x1b[?2K" },
    "a hidden cursor and its style": { before: "\x1b[?25l\x1b[5 q", after: "" },
    "keys, pastes, focus and mouse": { before: "\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1002h\x1b[?1006h", after: "" },
    "the title": { before: "\x1b]0;build @ web-1\x07", after: "" },
    "backgrounds that were erased": { before: "\x1b[44m\x1b[2J\x1b[3;3H\x1b[m\x1b[K", after: "" },
    "the normal buffer behind the alternate one": {
      before: "shell\r\n\x1b[2;4r\x1b[2;3H\x1b[?1049h\x1b[Hfull screen\x1b[3;5r",
      after: "\x1b[?1049l!",
    },
  };
  for (const [what, { before, after }] of Object.entries(carried)) {
    test(`carries ${what}`, () => {
      const original = screen(before);
      const copy = copyOf(original);
      assert.deepEqual(seen(copy), seen(original));
      for (const each of [original, copy]) each.feed(Buffer.from(after));
      assert.deepEqual(seen(copy), seen(original));
      assert.notDeepEqual(after === "" ? null : seen(screen(after)), seen(original), "the case shows something");
    });
  }

  test("carries which rows go on from the one above, so that they are wrapped anew together", () => {
    for (const text of ["0123456789abcdefgh", "0123456789a漢字"]) {
      const original = screen(`${text}\r\nxyz`);
      const copy = copyOf(original);
      for (const each of [original, copy]) each.resize({ cols: 30, rows: 5 });
      assert.equal(copy.read("plain").lines[0], text);
      assert.deepEqual(seen(copy), seen(original));
    }
  });

  test("names size and buffer", () => {
    const { cols, rows, alternate } = screen("\x1b[?1049h").snapshot();
    assert.deepEqual({ cols, rows, alternate }, { ...SIZE, alternate: true });
  });
});

/** The docstring of snapshot.ts lists these: each differs between original and copy. */
describe("a snapshot does not carry", () => {
  const lost: Record<string, { before: string; after: string }> = {
    "the scrollback": { before: "a\r\nb\r\nc\r\nd\r\ne\r\nf", after: "" },
    "a cursor outside the margins in origin mode": {
      before: "\x1b[2;3r\x1b[?6h\x1b[?1047h\x1b[5;1H\x1b[?1047l",
      after: "x",
    },
    "titles put aside": { before: "\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07", after: "\x1b[23;0t" },
    "a set that is neither designated nor saved": { before: "\x1b(0\x1b7\x1b(B\x1b8\x1b[?47h", after: "q" },
  };
  for (const [what, { before, after }] of Object.entries(lost)) {
    test(what, () => {
      const original = screen(before);
      const copy = copyOf(original);
      for (const each of [original, copy]) each.feed(Buffer.from(after));
      const all = (each: Screen) => ({ ...seen(each), total: each.read("plain").total_lines });
      assert.notDeepEqual(all(copy), all(original));
    });
  }
});
