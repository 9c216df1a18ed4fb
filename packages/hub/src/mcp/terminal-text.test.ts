// How text that programs have printed is shown to a model: labelled, and with what nobody would see written out.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { labelled, seen, seenThroughout, withoutBlankEnds } from "./terminal-text.ts";

const asked = { server: "web-1", session: "build" };
const source = { server: "web-1", session: "build", trust: "terminal" };

describe("text from terminals", () => {
  it("shows what nobody would see, and nothing else", () => {
    const unseen: Readonly<Record<string, string>> = {
      "a\u001b[2Jb": "a\\u{1b}[2Jb",
      "\u0000\u007f\u0085": "\\u{0}\\u{7f}\\u{85}",
      "\u202eevil\u2066": "\\u{202e}evil\\u{2066}",
      "\u{e0041}\u{e0020}": "\\u{e0041}\\u{e0020}",
      "\u{e0101}\ufe00\u200b\ufeff": "\\u{e0101}\\u{fe00}\\u{200b}\\u{feff}",
      "\ud800": "\\u{d800}",
      "\u034f\u115f\u3164\uffa0\u17b4\u180b\u{1d173}":
        "\\u{34f}\\u{115f}\\u{3164}\\u{ffa0}\\u{17b4}\\u{180b}\\u{1d173}",
      "x\u200c\u200d\ufe0f\ufe0ey": "x\u200c\u200d\\u{fe0f}\\u{fe0e}y",
    };
    for (const [text, told] of Object.entries(unseen)) {
      assert.equal(seen(text), told);
      const value = { deep: [{ text }] };
      assert.deepEqual(seenThroughout(value, JSON.stringify(value)), { deep: [{ text: told }] });
    }
    for (const text of ["a\nb\tc", "naïve Ελληνικά 日本語", "👩‍👩‍👧 ❤️", "👩‍❤️‍💋‍👨", "می‌خواهم", 'back\\slash "quoted"'])
      assert.equal(seen(text), text);
  });

  it("leaves a value as it is in which there is nothing to show", () => {
    const value = { lines: ["plain"] };
    assert.equal(seenThroughout(value, JSON.stringify(value)), value);
  });

  it("is labelled by whose it is, first or last, and only where there is some", () => {
    assert.deepEqual(Object.entries(labelled({ lines: ["x"] }, asked, "first") as object)[0], ["source", source]);
    assert.deepEqual(Object.entries(labelled({ lines: ["x"] }, asked, "last") as object)[1], ["source", source]);
    for (const without of [{ output: "" }, { lines: [] }, { status: "sent" }, { title: "" }, null, undefined, []])
      assert.deepEqual(labelled(without, asked, "first"), without);
    assert.ok("source" in (labelled({ screen: { lines: ["deep"] } }, asked, "first") as object));
  });

  it("is labelled one by one where there are many", () => {
    const many = [
      { name: "a", server: "web-2", title: "set by a program" },
      { name: "b", server: "web-2", title: "" },
    ];
    const [first, second] = labelled(many, asked, "first") as object[];
    assert.deepEqual(first, { source: { ...source, server: "web-2", session: "a" }, ...many[0] });
    assert.deepEqual(second, many[1]);
    const events = { events: [{ server: "web-3", session: "c", match: { text: "x" } }], cursor: "c" };
    const { events: told } = labelled(events, asked, "first") as { events: object[] };
    assert.deepEqual(told[0], { source: { ...source, server: "web-3", session: "c" }, ...events.events[0] });
  });

  it("loses the blank lines at the end of a screen, wherever the screen is, and none of a scrollback", () => {
    const screen = { rows: 3, lines: ["a", "", ""] };
    assert.deepEqual(withoutBlankEnds(screen), { rows: 3, lines: ["a"] });
    assert.deepEqual(withoutBlankEnds({ screen, generation: 1 }), { screen: { rows: 3, lines: ["a"] }, generation: 1 });
    assert.deepEqual(withoutBlankEnds({ events: [{ screen }] }), { events: [{ screen: { rows: 3, lines: ["a"] } }] });
    assert.deepEqual(withoutBlankEnds({ lines: ["a", ""], total_lines: 2 }), { lines: ["a", ""], total_lines: 2 });
    assert.deepEqual(withoutBlankEnds({ rows: 2, lines: [[], []] }), { rows: 2, lines: [] });
  });
});
