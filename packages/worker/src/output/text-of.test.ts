import assert from "node:assert/strict";
import { it } from "node:test";
import { textOf } from "./text-of.ts";

const text = (printed: string) => textOf(Buffer.from(printed), 0);

it("renders output as it reads: no escape sequences, carriage returns and backspaces applied, lines ending in LF", () => {
  assert.equal(text("\u001b[32mok\u001b[0m\r\n"), "ok\n");
  assert.equal(text("10%\r20%\r100%\r\ndone"), "100%\ndone");
  assert.equal(text("abd\bc\r\n\u001b]0;title\u0007x"), "abc\nx");
  assert.equal(text(""), "");
});

it("leaves out what is shown in the alternate buffer, by whichever modes it is shown, until it is left", () => {
  for (const mode of ["47", "1047", "1049", "25;1049", "1049;2004"])
    assert.equal(text(`a\u001b[?${mode}hgone\r\ngone\u001b[1Gx\u001b[2K\u001b[?${mode}lb\r\n`), "ab\n", mode);
  assert.equal(text("a\u001b[?1049hgone\u001bcb"), "ab");
  assert.equal(text("a\u001b[?1049hgone\u001b[31mgone\u009b?1049lb"), "ab");
  for (const other of [
    "\u001b[?2004h",
    "\u001b[1049h",
    "\u001b[>1049h",
    "\u001b[?1049$p",
    "\u001b[1;?1049h",
    "\u001b[?10490h",
  ])
    assert.equal(text(`a${other}b`), "ab", JSON.stringify(other));
});

it("keeps characters whole and shows invalid bytes as U+FFFD", () => {
  assert.equal(textOf(Buffer.from([0xc3, 0xa4, 0xff, 0x61]), 7), "ä\ufffda");
});
