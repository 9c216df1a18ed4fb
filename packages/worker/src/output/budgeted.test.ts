// Holds long outputs to their budget: what is shown fits, is cut where it may be, and what is left out is named so that
// whoever reads those bytes has all of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Budget, budgeted, OutputMeasure } from "./budgeted.ts";
import { textOf } from "./text-of.ts";

const FROM = 1_000;

function shown(printed: string | Uint8Array, maxBytes: number, headBytes = Math.floor(maxBytes / 4)) {
  const bytes = Buffer.from(printed as string);
  return { bytes, ...budgeted({ bytes, from: FROM }, { maxBytes, headBytes }) };
}

/** As `sessions.output` gives that range. */
const read = (bytes: Buffer, from: number, to: number) => textOf(bytes.subarray(from - FROM, to - FROM), from);

describe("an output within a budget", () => {
  it("is all of it when it fits, however many bytes it took to print it", () => {
    const progress = Array.from({ length: 101 }, (_, percent) => `\r\x1b[32m${percent}%\x1b[m`).join("");
    const { output, omitted, tail } = shown(`${progress}\r\n`, 5);
    assert.deepEqual([output, omitted, tail], ["100%\n", null, undefined]);
    assert.deepEqual(shown("", 0), { bytes: Buffer.of(), output: "", omitted: null });
  });

  it("is its beginning and its end, cut between lines, and says which bytes are left out", () => {
    const lines = Array.from({ length: 100 }, (_, at) => `line ${String(at).padStart(2, "0")}\r\n`).join("");
    const { output, tail, omitted, bytes } = shown(lines, 85, 20);
    assert.deepEqual(
      [output, tail],
      ["line 00\nline 01\n", Array.from({ length: 8 }, (_, at) => `line ${92 + at}\n`).join("")],
    );
    assert.deepEqual(omitted, { bytes: 90 * 9, from: FROM + 18, to: FROM + 92 * 9 });
    assert.equal(output + read(bytes, FROM + 18, FROM + 92 * 9) + tail, textOf(bytes, FROM));
  });

  it("is cut within a line that is long for it, between characters", () => {
    const { output, tail, omitted } = shown("äöü€🙂".repeat(100), 41, 10);
    assert.deepEqual([output, tail], ["äöü€", "🙂äöü€🙂äöü€🙂"]);
    assert.equal(omitted?.bytes, 1_300 - 9 - 30);
    // Where somebody went back in the line, it is cut nowhere else than outside of it.
    const back = shown(`${"x".repeat(100)}\ry\r\nend\n`, 20, 5);
    assert.deepEqual([back.output, back.tail], ["", "end\n"]);
  });

  it("is what is said of it also where nothing may be shown", () => {
    const { output, tail, omitted } = shown("one\ntwo\n", 0);
    assert.deepEqual([output, tail, omitted], ["", "", { bytes: 8, from: FROM, to: FROM + 8 }]);
  });

  it("is not cut within an escape sequence that holds a newline", () => {
    const { output, omitted } = shown("one\x1b[3\n1mtwo\nthree\n", 9, 4);
    assert.deepEqual([output, omitted?.from], ["on", FROM + 2]);
  });

  it("has nothing of the alternate buffer, and is never cut in it", () => {
    const full = `\x1b[?1049h${"full of screens\r\n".repeat(100)}\x1b[?1049l`;
    const { output, omitted } = shown(`before\n${full}after\n`, 20);
    assert.deepEqual([output, omitted], ["before\nafter\n", null]);
  });

  it("fits, and is whole with what is left out, whatever was printed", () => {
    const piece = fc.constantFrom(
      "a",
      "long word ",
      "ä",
      "🙂",
      "\r\n",
      "\n",
      "\n",
      "\x1b[1m",
      "\x1b]0;t\x07",
      "\xff",
      "\r",
      "\b",
      "\x1b[?1049h",
      "\x1b[?1049l",
      "\x1b[K",
      "x".repeat(50),
    );
    const output = fc.array(piece, { maxLength: 200 }).map((all) => all.join(""));
    fc.assert(
      fc.property(output, fc.nat(120), fc.nat(120), fc.integer({ min: 1, max: 50 }), (printed, max, head, step) => {
        const budget: Budget = { maxBytes: max, headBytes: Math.min(head, max) };
        const bytes = Buffer.from(printed);
        const whole = textOf(bytes, FROM);
        const { output: first, tail = "", omitted } = budgeted({ bytes, from: FROM }, budget);
        if (Buffer.byteLength(whole) <= max) assert.deepEqual([first, tail, omitted], [whole, "", null]);
        else assert.ok(omitted !== null && omitted.bytes === omitted.to - omitted.from && omitted.bytes > 0);
        assert.ok(Buffer.byteLength(first) + Buffer.byteLength(tail) <= max, "it fits");
        if (!omitted) return;
        assert.ok(Buffer.byteLength(first) <= budget.headBytes);
        assert.equal(first + read(bytes, omitted.from, omitted.to) + tail, whole);
        const measure = new OutputMeasure(FROM, budget);
        for (let at = 0; at < bytes.length; at += step) measure.feed(bytes.subarray(at, at + step));
        assert.deepEqual(measure.of({ bytes, from: FROM }), { output: first, tail, omitted });
      }),
      { numRuns: 2_000 },
    );
  });
});
