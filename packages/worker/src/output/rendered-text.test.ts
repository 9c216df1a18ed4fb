import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ByteRange, LINE_MAX_CHARS, type RenderedLine } from "./rendered-line.ts";
import { RenderedText } from "./rendered-text.ts";

/** Keeps every finished line with its bytes, and follows the current one by what is reported, as a matcher does. */
class Page {
  readonly lines: string[] = [];
  readonly ranges: ByteRange[] = [];
  readonly left: string[] = [];
  readonly #text: RenderedText;
  #followed: number[] = [];

  constructor(from = 0) {
    this.#text = new RenderedText(
      {
        printed: (line, from, to) => this.#printed(line, from, to),
        left: (line, col) => this.left.push(line.text(0, col)),
        completed: (line) => this.#completed(line),
      },
      from,
    );
  }

  get line(): RenderedLine {
    return this.#text.line;
  }

  get shown(): string[] {
    return [...this.lines, this.line.text()];
  }

  feed(output: string | Uint8Array): void {
    this.#text.feed(typeof output === "string" ? Buffer.from(output) : output);
  }

  /** What lies before the written cells is as it was reported: a follower never has to look back. */
  #printed(line: RenderedLine, from: number, to: number): void {
    assert.deepEqual(this.#followed.slice(0, from), [...line.cells.subarray(0, from)]);
    this.#followed = [...line.cells.subarray(0, to)];
  }

  #completed(line: RenderedLine): void {
    const known = Math.min(this.#followed.length, line.length);
    assert.deepEqual(this.#followed.slice(0, known), [...line.cells.subarray(0, known)]);
    this.#followed = [];
    this.lines.push(line.text());
    this.ranges.push(line.bytes(0, line.length));
  }
}

function render(output: string | Uint8Array): string[] {
  const page = new Page();
  page.feed(output);
  return page.shown;
}

const shows = (title: string, output: string | Uint8Array, lines: readonly string[]) =>
  it(title, () => assert.deepEqual(render(output), lines));

describe("rendered text: escape sequences are gone", () => {
  shows("colours", "\x1b[1;31mred\x1b[0m plain\x1b[38;2;1;2;3m!\x1b[m", ["red plain!"]);
  shows("private modes and queries", "a\x1b[?2004hb\x1b[>cc\x1b[6nd", ["abcd"]);
  shows("a title that ends by BEL, by ST, and by the C1 ST", "a\x1b]0;t\x07b\x1b]2;t\x1b\\c\x1b]2;t\u009cd", ["abcd"]);
  shows(
    "strings of DCS, APC, PM, SOS, in which BEL means nothing",
    "a\x1bPx\x07y\x1b\\b\x1b_x\x1b\\c\x1b^x\x1b\\d\x1bXx\x1b\\e",
    ["abcde"],
  );
  shows("two-byte escapes and designations", "a\x1b=b\x1b(Bc\x1b#8d\x1b7e\x1b8f\x1bMg", ["abcdefg"]);
  shows("the same by C1 controls", "a\u009b31mb\u009d0;t\u009cc\u0090x\u009cd\u0085e", ["abcde"]);
  shows("moves to the right and to other lines leave no blanks", "a\x1b[5Cb\x1b[3;7Hc\x1b[2Ad", ["abcd"]);
  shows("a sequence that is cut off by CAN, SUB or another ESC", "a\x1b[31\x18b\x1b]0;t\x1ac\x1b[3\x1b[1md", ["abcd"]);
  shows("controls inside a sequence still act", "ab\x1b[3\r1mX", ["Xb"]);
  shows("other C0 and DEL", "a\x00b\x07c\x0bd\x0ce\x0ef\x7fg", ["abcdefg"]);
});

describe("rendered text: the cursor goes back within a line", () => {
  shows("lines end by LF, and by CR LF", "one\r\ntwo\nthree", ["one", "two", "three"]);
  shows("CR returns to the start and later characters overwrite", "progress 10%\rprogress 95%", ["progress 95%"]);
  shows("what is not overwritten stays", "abcdef\rXY", ["XYcdef"]);
  shows("backspace goes back one character, not beyond the start", "abc\b\bX\b\b\b\bY", ["YXc"]);
  shows("the way a shell rubs out", "lss\b \b -l", ["ls -l"]);
  shows("CUB and CHA go to the left", "abcdef\x1b[3DX\x1b[2GY\x1b[GZ\x1b[1`W", ["WYcXef"]);
  shows("CHA to the right stays where it is", "ab\x1b[40Gc", ["abc"]);
  shows("EL erases to the end", "abcdef\r\x1b[Kxy\x1b[0K", ["xy"]);
  shows("EL 1 erases to the cursor", "abcdef\b\b\x1b[1K!", ["    !f"]);
  shows("EL 1 erases what was printed since the last one", "abc\x1b[1K\rxy\x1b[1K.", ["  ."]);
  shows("EL 2 erases the line and begins it anew", "Downloading 100%\x1b[2K\rDone", ["Done"]);
  shows("a spinner", "\x1b[?25l- work\x1b[2K\x1b[1G\\ work\x1b[2K\x1b[1G| work\x1b[2K\x1b[1Gdone\n", ["done", ""]);
  shows("EL with other parameters means nothing", "abc\r\x1b[7K\x1b[?K\x1b[1;2K", ["abc"]);
  shows("TAB stays", "a\tb", ["a\tb"]);
});

describe("rendered text: what it reports", () => {
  const leaves = (title: string, output: string, left: readonly string[]) =>
    it(title, () => {
      const page = new Page();
      page.feed(output);
      assert.deepEqual(page.left, left);
    });

  leaves("text that the cursor leaves", "one\rtwo\b\b", ["one", "two", "tw"]);
  leaves("text before cells that are erased", "one\b\x1b[K", ["one", "on"]);
  leaves("nothing where there is nothing to erase or to leave", "\r\b\x1b[1Done\x1b[K\x1b[0K\x1b[9G", []);
});

describe("rendered text: characters", () => {
  shows("of one to four bytes", "aé€𝄞", ["aé€𝄞"]);
  shows("bytes that are no UTF-8 become U+FFFD", Buffer.from([0x61, 0xff, 0xc0, 0x80, 0x62]), ["a\ufffd\ufffd\ufffdb"]);
  shows("a character that is cut off by another becomes U+FFFD", Buffer.from([0xe2, 0x82, 0x61]), ["\ufffda"]);

  it("agrees with TextDecoder on any bytes, in any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 12 })), (pieces) => {
        const page = new Page();
        const printable = pieces.map((piece) => piece.map((byte) => (byte < 0x20 || byte === 0x7f ? 0x2e : byte)));
        for (const piece of printable) page.feed(piece);
        const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(printable), {
          stream: true,
        });
        const hasC1 = /[\u0080-\u009f]/.test(expected);
        if (!hasC1) assert.equal(page.line.text(), expected);
      }),
      { numRuns: 500 },
    );
  });

  it("never splits a character between pieces", () => {
    const bytes = Buffer.from("é€𝄞");
    const page = new Page();
    for (const byte of bytes) page.feed(Uint8Array.of(byte));
    assert.equal(page.line.text(), "é€𝄞");
  });
});

describe("rendered text: bytes and bounds", () => {
  it("knows the bytes of each finished line and of any part of the current one", () => {
    const page = new Page(1000);
    page.feed(Buffer.from("\x1b[31mré\x1b[0m\r\nxyz"));
    assert.deepEqual(page.ranges, [{ from: 1005, to: 1008 }]);
    assert.equal(page.line.from, 1014);
    assert.deepEqual(page.line.bytes(1, 3), { from: 1015, to: 1017 });
    assert.deepEqual(page.line.bytes(0, 0), { from: 1014, to: 1014 });
    assert.deepEqual(page.line.bytes(3, 3), { from: 1017, to: 1017 });
  });

  it("of overwritten text, names the bytes that are seen now", () => {
    const page = new Page();
    page.feed(Buffer.from("abc\rXY"));
    assert.deepEqual(page.line.bytes(0, 2), { from: 4, to: 6 });
    assert.deepEqual(page.line.bytes(0, 3), { from: 2, to: 6 });
  });

  it("breaks a line without end at its largest length", () => {
    const page = new Page();
    page.feed(Buffer.alloc(LINE_MAX_CHARS + 3, "a"));
    page.feed(Buffer.from("é\n"));
    assert.deepEqual(
      page.lines.map((line) => line.length),
      [LINE_MAX_CHARS, 4],
    );
    assert.deepEqual(page.ranges[1], { from: LINE_MAX_CHARS, to: LINE_MAX_CHARS + 5 });
  });

  it("does not break a line that is exactly as long when its newline comes", () => {
    assert.deepEqual(render(`${"a".repeat(LINE_MAX_CHARS)}\r\nb`), ["a".repeat(LINE_MAX_CHARS), "b"]);
  });

  const token = fc.constantFrom(
    ..."ab é€𝄞\t\r\n\b".split(/(?:)/u),
    "\x1b[K",
    "\x1b[1K",
    "\x1b[2K",
    "\x1b[2D",
    "\x1b[2G",
    "\x1b[31m",
    "\x1b]0;t\x07",
    "word ",
    "\xff",
  );

  it("shows the same whatever the pieces, and reports every change of what is before the cursor", () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), fc.array(fc.nat(12)), (tokens, cuts) => {
        const bytes = Buffer.concat(tokens.map((one) => (one === "\xff" ? Buffer.from([0xff]) : Buffer.from(one))));
        const whole = new Page();
        whole.feed(bytes);
        const pieces = new Page();
        let at = 0;
        for (const cut of cuts) {
          pieces.feed(bytes.subarray(at, at + cut));
          at = Math.min(bytes.byteLength, at + cut);
        }
        pieces.feed(bytes.subarray(at));
        assert.deepEqual(pieces.shown, whole.shown);
        assert.deepEqual(pieces.ranges, whole.ranges);
      }),
      { numRuns: 500 },
    );
  });
});
