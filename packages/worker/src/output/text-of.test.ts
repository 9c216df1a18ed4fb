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

it("keeps characters whole and shows invalid bytes as U+FFFD", () => {
  assert.equal(textOf(Buffer.from([0xc3, 0xa4, 0xff, 0x61]), 7), "ä\ufffda");
});
