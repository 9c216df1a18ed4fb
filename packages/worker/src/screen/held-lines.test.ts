// Holds lines that are read piece by piece to what they were when the reading began, whatever is printed or resized meanwhile.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Line, Screen, type ScreenFormat } from "./screen.ts";

const SCROLLBACK = 12;
const ROWS = 4;

function screen(text = ""): Screen {
  const made = new Screen({ cols: 10, rows: ROWS, scrollbackLines: SCROLLBACK });
  made.feed(Buffer.from(text));
  return made;
}

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`).join("\r\n");
}

function readAll(lines: Iterator<Line>): Line[] {
  const all: Line[] = [];
  for (let one = lines.next(); !one.done; one = lines.next()) all.push(one.value);
  return all;
}

function now(of: Screen, format: ScreenFormat = "plain"): Line[] {
  return readAll(of.hold({ from: 0, to: of.totalLines, format }));
}

/** What a program may do to lines that somebody reads, and what a person may do to its window. */
const deeds: readonly ((of: Screen) => void)[] = [
  (of) => of.feed(Buffer.from("\r\nmore")),
  (of) => of.feed(Buffer.from(`\r\n${numbered(100, 130)}`)),
  (of) => of.feed(Buffer.from(`\x1b[H${"wide 漢字 ".repeat(9)}`)),
  (of) => of.feed(Buffer.from("\x1b[H\x1b[2J\x1b[3Jerased")),
  (of) => of.feed(Buffer.from("\x1b[1;3r\x1b[3;1H\n\n\n\nin a region\x1b[r")),
  (of) => of.feed(Buffer.from("\x1b[?1049hother\r\nbuffer")),
  (of) => of.feed(Buffer.from("\x1b[?1049lback")),
  (of) => of.feed(Buffer.from("\x1bcreset")),
  (of) => of.resize({ cols: 6, rows: ROWS }),
  (of) => of.resize({ cols: 14, rows: 9 }),
  (of) => of.resize({ cols: 10, rows: 2 }),
];

describe("lines that are held", () => {
  it("are what they were when they were asked for, in whatever steps they are read and whatever happens between", () => {
    const step = fc.record({ reads: fc.nat(5), deed: fc.nat(deeds.length - 1) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 8 }),
        fc.array(fc.nat(deeds.length - 1), { maxLength: 3 }),
        fc.nat(8),
        fc.constantFrom("plain" as const, "styled" as const),
        (steps, before, from, format) => {
          const one = screen(`\x1b[31m${numbered(1, 40)}\x1b[m`);
          for (const deed of before) deeds[deed]?.(one);
          const expected = now(one, format).slice(from);
          const held = one.hold({ from: Math.min(from, one.totalLines), to: one.totalLines, format });
          const read: unknown[] = [];
          for (const { reads, deed } of steps) {
            for (let i = 0; i < reads; i += 1) read.push(held.next().value);
            deeds[deed]?.(one);
          }
          const seen = [...read.filter((line) => line !== undefined), ...readAll(held)];
          assert.deepEqual(seen, expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("are let go when they are read to their end, or not wanted any more", () => {
    const one = screen(numbered(1, 40));
    const held = one.hold({ from: 0, to: one.totalLines, format: "plain" });
    assert.equal(held.next().value, "line 25");
    held.return();
    assert.deepEqual(held.next(), { done: true, value: undefined });
    one.feed(Buffer.from(`\r\n${numbered(41, 60)}`));
    assert.deepEqual(now(one)[0], "line 45");
  });
});
