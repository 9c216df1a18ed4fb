import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WIDTHS } from "./character-width.ts";

describe("the width of a character", () => {
  const widths: Record<string, 0 | 1 | 2> = {
    a: 1,
    "~": 1,
    é: 1,
    "\u00ad": 1,
    "─": 1,
    "✓": 1,
    "✅": 2,
    "⌚": 2,
    "❤": 1,
    漢: 2,
    ﾊ: 1,
    Ａ: 2,
    한: 2,
    "\u1160": 0,
    "\u0301": 0,
    "\u200b": 0,
    "\u200d": 0,
    "\ufe0f": 0,
    "😀": 2,
    "🚀": 2,
    "🇩": 1,
    "🏽": 2,
    𠀀: 2,
    𝐀: 1,
    "\u{e0100}": 0,
    "\ufffd": 1,
  };
  for (const [character, width] of Object.entries(widths)) {
    const codePoint = character.codePointAt(0) as number;
    test(`of U+${codePoint.toString(16)} is ${width}`, () => assert.equal(WIDTHS.wcwidth(codePoint), width));
  }

  test("joins what takes no column to the character before, if there is one", () => {
    const letter = WIDTHS.charProperties(0x65, 0);
    const mark = WIDTHS.charProperties(0x301, letter);
    assert.deepEqual([letter, mark, WIDTHS.charProperties(0x301, 0)], [2, 3, 0]);
    assert.equal(WIDTHS.charProperties(0x302, mark), 3);
  });
});
