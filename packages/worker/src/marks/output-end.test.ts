// What zsh adds to a command's output is not output.
import assert from "node:assert/strict";
import { test } from "node:test";
import { outputEnd } from "./output-end.ts";

const blanks = (count: number) => " ".repeat(count);
const ends = (text: string) =>
  Buffer.from(text)
    .subarray(0, outputEnd(Buffer.from(text)))
    .toString();

test("the mark of a line without line feed is cut off, whatever it is made of", () => {
  for (const mark of ["\x1b[1m\x1b[7m%\x1b[27m\x1b[1m\x1b[0m", "\x1b[7m#\x1b(B\x1b[m", "%", "\x1b[31m⏎\x1b[39m", ""]) {
    const width = mark === "" ? 0 : 1;
    for (const output of ["", "abc", "abc\r\n", "ä", "a b"]) {
      assert.equal(ends(`${output}${mark}${blanks(79)}\r${blanks(width)}\r`), output, JSON.stringify({ mark, output }));
    }
  }
  assert.equal(ends(`x\x1b[7mend\x1b[m${blanks(77)}\r   \r`), "x");
});

test("output that looks a little like it stays", () => {
  for (const output of ["", "abc\r \r", `%${blanks(3)}\r \r`, `%${blanks(79)}\r  \r`, `${blanks(79)}\r`, "50%\r"]) {
    assert.equal(ends(output), output, JSON.stringify(output));
  }
});
