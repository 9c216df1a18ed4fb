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
    "how far modifiers are told": { before: "\x1b[>4;2m", after: "" },
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

interface Lost {
  readonly before: string;
  /** What happens to both afterwards: bytes that come, and new sizes. */
  readonly steps?: readonly (string | { readonly cols: number; readonly rows: number })[];
  readonly scrollbackLines?: number;
}

/** Words of the list in the header of snapshot.ts; each case differs between original and copy. */
const lost: Record<string, Lost> = {
  scrollback: { before: "a\r\nb\r\nc\r\nd\r\ne\r\nf" },
  "the first row goes on from a line": {
    before: "0123456789abcdef\r\na\r\nb\r\nc\r\nd",
    steps: [{ cols: 30, rows: 5 }],
  },
  "a saved cursor that has scrolled away": {
    before: "\x1b[2;3H\x1b7\x1b[5;1H\n\n\n",
    steps: [{ cols: 12, rows: 8 }, "\x1b8X"],
  },
  "a full scrollback holds it in place": {
    before: `${"\n".repeat(20)}\x1b[3;1H\x1b7\x1b[5;1H`,
    steps: ["\n\n\x1b8X"],
    scrollbackLines: 5,
  },
  "a cursor outside the margins in origin mode": {
    before: "\x1b[2;3r\x1b[?6h\x1b[?1047h\x1b[5;1H\x1b[?1047l",
    steps: ["x"],
  },
  "nothing printed under a pending wrap": {
    before: "top\x1b[2;12Ha\x1b[1K",
    steps: ["\x1b[5;1H", { cols: 6, rows: 5 }],
  },
  "with attributes other than a background": {
    before: "\x1b[1;11H字\x1b[1;11H\x1b[4ma\x1b[m\r\nx",
    steps: [{ cols: 11, rows: 5 }],
  },
  "a character set in force that is neither designated nor saved": {
    before: "\x1b(0\x1b7\x1b(B\x1b8\x1b[?47h",
    steps: ["q"],
  },
  "synchronised output": { before: "\x1b[?2026h", steps: ["\x1b[?2026$p"] },
  "titles put aside": { before: "\x1b]2;one\x07\x1b[22;0t\x1b]2;two\x07", steps: ["\x1b[23;0t"] },
};

/** What no reader of a screen sees: its text is nowhere in the picture. */
const unsaid: Record<string, string> = {
  hyperlinks: "\x1b]8;;http://far.example\x07word\x1b]8;;\x07",
  palette: "\x1b]4;1;rgb:fa/r0/ex\x07\x1b[31mword",
  "icon name": "\x1b]1;far\x07word",
};

describe("a snapshot does not carry", () => {
  const header = readFileSync(new URL("./snapshot.ts", import.meta.url), "utf8");
  for (const [what, { before, steps = [], scrollbackLines = 1000 }] of Object.entries(lost)) {
    test(what, () => {
      assert.ok(header.includes(what), "its header says so");
      const said = { original: "", copy: "" };
      const make = (who: "original" | "copy", lines: number) =>
        new Screen({
          ...SIZE,
          scrollbackLines: lines,
          reply: (bytes) => {
            said[who] += Buffer.from(bytes).toString();
          },
        });
      const [original, copy] = [make("original", scrollbackLines), make("copy", 1000)];
      original.feed(Buffer.from(before));
      copy.feed(Buffer.from(original.snapshot().vt));
      for (const step of steps) {
        for (const each of [original, copy]) {
          if (typeof step === "string") each.feed(Buffer.from(step));
          else each.resize(step);
        }
      }
      const all = (each: Screen, answers: string) => ({
        ...seen(each),
        answers,
        // Lines above the view are what the first case is about.
        ...(what === "scrollback" && { total: each.read("plain").total_lines }),
      });
      assert.notDeepEqual(all(copy, said.copy), all(original, said.original));
    });
  }

  for (const [what, before] of Object.entries(unsaid)) {
    test(what, () => {
      assert.ok(header.includes(what), "its header says so");
      const { vt } = screen(before).snapshot();
      assert.deepEqual([vt.includes("word"), vt.includes("far"), vt.includes("fa/")], [true, false, false]);
    });
  }
});
