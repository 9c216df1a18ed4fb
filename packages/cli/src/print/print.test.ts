import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { age } from "./ages.ts";
import { fitted, width } from "./cells.ts";
import { jsonLine } from "./json.ts";
import { show } from "./show.ts";
import { table } from "./table.ts";
import { visible, visibleLines } from "./visible.ts";

describe("what people are shown", () => {
  it("has no control character left, nor one that turns text around", () => {
    assert.equal(visible("a\x1b[1mb\x07\x7f\u009b\u202e"), "a^[[1mb^G^?<U+009B><U+202E>");
    assert.equal(visible("a\tb"), "a^Ib");
    assert.equal(visible("a\u061cb"), "a<U+061C>b");
    assert.equal(visibleLines("one\r\ntwo\rthree\n\tfour\x1b"), "one\ntwo^Mthree\n\tfour^[");
    assert.equal(JSON.parse(jsonLine("\x1b\u009b\u202ex")), "\x1b\u009b\u202ex");
    assert.doesNotMatch(jsonLine("\x1b\u009b\u202ex"), /[\x1b\u009b\u202e]/);
  });

  it("says ages in the units that matter", () => {
    const ages = [0, 999, 3_000, 330_000, 7_800_000, 7_200_000, 356_400_000].map(age);
    assert.deepEqual(ages, ["0s", "0s", "3s", "5m", "2h10m", "2h", "4d3h"]);
  });

  it("knows how many columns a text takes", () => {
    assert.deepEqual(["abc", "日本", "é", "e\u0301", "👍", ""].map(width), [3, 4, 1, 1, 2, 0]);
  });

  it("cuts a text to the columns that there are, and shows that it did", () => {
    assert.deepEqual(
      [
        fitted("abcd", 4),
        fitted("abcd", 3),
        fitted("日本語", 4),
        fitted("日本語", 6),
        fitted("abc", 1),
        fitted("abc", 0),
      ],
      ["abcd", "ab…", "日…", "日本語", "…", ""],
    );
  });

  it("aligns columns of wide characters and leaves no blanks at line ends", () => {
    assert.equal(
      table(
        ["NAME", "X"],
        [
          ["日本", "a"],
          ["b", ""],
        ],
      ),
      "NAME  X\n日本  a\nb\n",
    );
  });

  it("is a table for lists and one member a line for the rest", () => {
    assert.equal(show([{ a: 1, b: null }]), "A  B\n1  -\n");
    assert.equal(show([{ a: 1 }, { a: 2, b: true }]), "A  B\n1  -\n2  true\n");
    assert.equal(show({ a: ["x", "y"], long: { b: 1 }, c: [] }), 'a     x,y\nlong  {"b":1}\nc     -\n');
    assert.equal(
      show({
        hosts: [
          { id: "a", busy: 0 },
          { id: "b\x1b", busy: 1 },
        ],
        z: 1,
      }),
      "hosts  id a  busy 0\n       id b^[  busy 1\nz      1\n",
    );
    assert.equal(show(undefined), "");
    assert.equal(show([]), "");
  });
});
