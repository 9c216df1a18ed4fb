// What stands out on a screen: what a person would say that a menu has chosen, and not what is only coloured.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { highlightsOf, type StyledScreen } from "./highlights.ts";
import { Screen } from "./screen.ts";

function highlights(printed: string, size = { cols: 40, rows: 6 }) {
  const screen = new Screen({ ...size, scrollbackLines: 0 });
  screen.feed(Buffer.from(printed));
  return highlightsOf(screen.read("styled") as StyledScreen).map(
    ({ row, col, text, by }) => `${row}:${col} ${by} ${text}`,
  );
}

describe("what stands out", () => {
  it("is the cursor's row on a plain screen, without the blanks around it, and nothing where it is blank", () => {
    assert.deepEqual(highlights("one\r\n  two  "), ["1:2 cursor two"]);
    assert.deepEqual(highlights("one\r\n"), []);
  });

  it("is text in inverse video, whatever else it is, each run apart", () => {
    const printed = "a \x1b[7mfirst \x1b[1;31mone\x1b[27m and \x1b[7m two \x1b[m.\r\n\x1b[7m   \x1b[m\x1b[H";
    assert.deepEqual(highlights(printed), [
      "0:0 cursor a first one and  two .",
      "0:2 inverse first one",
      "0:17 inverse two",
    ]);
  });

  it("is text on a strip of colour, and not on the window around it", () => {
    const row = (text: string, colour: number) => `\x1b[${colour}m${text.padEnd(20)}\x1b[m\r\n`;
    const window = row("Choose", 47) + row("  one", 47) + row("  two", 41) + row("  three", 47);
    assert.deepEqual(highlights(`${window}\x1b[H`), ["0:0 cursor Choose", "2:2 background two"]);
  });

  it("is found by columns where characters are wide", () => {
    assert.deepEqual(highlights("漢字 \x1b[7m😀 x\x1b[m\x1b[3;1H"), ["0:5 inverse 😀 x"]);
  });

  it("is no more than 32, the cursor's row among them", () => {
    const many = Array.from({ length: 40 }, (_, at) => `\x1b[7m${at}\x1b[m\r\n`).join("");
    const found = highlights(`${many}end`, { cols: 20, rows: 60 });
    assert.deepEqual(
      [found.length, found[0], found[30], found[31]],
      [32, "0:0 inverse 0", "30:0 inverse 30", "40:0 cursor end"],
    );
  });
});
