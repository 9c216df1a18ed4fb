// Holds words to what tags and labels are written with.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLabelWord, isTag } from "./names.ts";

describe("a word", () => {
  it("of a tag is 1 to 64 bytes of letters, digits and three signs", () => {
    for (const tag of ["ci", "nächtlich_1.0-x", "t".repeat(64), "ä".repeat(32)]) assert.ok(isTag(tag), tag);
    for (const text of ["", "a b", "a/b", "a:b", "t".repeat(65), "ä".repeat(33), "\n"]) assert.ok(!isTag(text), text);
  });

  it("of a label is 1 to 63 bytes, and has three signs more, none of which a server set reads otherwise", () => {
    for (const text of ["role", "a/b.c_d:e+f-g", "k".repeat(63), "ä".repeat(31)]) assert.ok(isLabelWord(text), text);
    const others = [..." ,!&|=@#*[]\n"].map((sign) => `a${sign}b`);
    for (const text of ["", "k".repeat(64), "ä".repeat(32), ...others]) assert.ok(!isLabelWord(text), text);
  });
});
