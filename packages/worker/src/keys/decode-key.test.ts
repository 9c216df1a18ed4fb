// What is read from the bytes of a terminal: every key that encoding knows, in every mode, and nothing that is no single key.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeKey } from "./decode-key.ts";
import { encodeKey, type KeyModes } from "./encode-key.ts";
import { NAMED_KEYS, readKey } from "./key.ts";

/** Of all modes but that of new lines, in which Enter sends what Ctrl+M and Ctrl+J do. */
const modesOfAll: readonly KeyModes[] = ([0, 1, 2] as const).flatMap((otherKeys) =>
  [false, true].map((applicationCursor) => ({ applicationCursor, newLine: false, otherKeys })),
);
const HELD = ["", "Ctrl+", "Alt+", "Shift+", "Ctrl+Alt+", "Ctrl+Shift+", "Alt+Shift+", "Ctrl+Alt+Shift+"];
const CHARACTERS = [...Array.from({ length: 94 }, (_, n) => String.fromCharCode(0x21 + n)), "é", "漢", "😀"];

function read(text: string): string | null {
  const parsed = decodeKey(Buffer.from(text));
  return parsed && [...parsed.modifiers, parsed.key].join(" ");
}

describe("what a key sent", () => {
  it("is read as a key that sends the same, in whatever mode, held with whatever", () => {
    for (const modes of modesOfAll)
      for (const held of HELD)
        for (const name of [...NAMED_KEYS, ...CHARACTERS]) {
          const sent = encodeKey(readKey(held + name), modes);
          const parsed = decodeKey(Buffer.from(sent));
          assert.ok(parsed, `${held}${name} sends ${JSON.stringify(sent)}`);
          const names = { ctrl: "Ctrl+", alt: "Alt+", shift: "Shift+" } as Readonly<Record<string, string>>;
          const again = `${parsed.modifiers.map((one) => names[one]).join("")}${parsed.key}`;
          // A key that is not told in full sends what it does without that mode.
          const sends = [modes, { ...modes, otherKeys: 0 as const }].map((one) => encodeKey(readKey(again), one));
          assert.ok(sends.includes(sent), `${held}${name} is read as ${again}`);
        }
  });

  it("has its name, and what was held", () => {
    const told: Readonly<Record<string, string>> = {
      ...{ a: "a", A: "A", é: "é", " ": "Space", "\r": "Enter", "\t": "Tab", "\x7f": "Backspace", "\x1b": "Escape" },
      ...{ "\x03": "ctrl c", "\x08": "ctrl h", "\x1c": "ctrl \\", "\0": "ctrl Space", "\x1bx": "alt x" },
      ...{
        "\x1b[A": "ArrowUp",
        "\x1bOA": "ArrowUp",
        "\x1b[1;5D": "ctrl ArrowLeft",
        "\x1b[Z": "shift Tab",
        "\x1b\x1b": "alt Escape",
      },
      ...{
        "\x1b[3~": "Delete",
        "\x1b[1~": "Home",
        "\x1b[5;3~": "alt PageUp",
        "\x1bOP": "F1",
        "\x1b[15;2~": "shift F5",
      },
      ...{ "\r\n": "Enter", "\x1b\r\n": "alt Enter", "\x1b[27;6;65~": "ctrl shift A", "\x1b\x03": "ctrl alt c" },
    };
    for (const [sent, key] of Object.entries(told)) assert.equal(read(sent), key, JSON.stringify(sent));
  });

  it("is none where it is a text, a paste, an answer, a mouse, or no UTF-8", () => {
    const others = ["", "ab", "\x1b[200~", "\x1b[I", "\x1b[?1;2c", "\x1b[5;3R", "\x1b[<0;1;1M", "\x1b[99~", "a\u0301"];
    for (const text of others) assert.equal(read(text), null, JSON.stringify(text));
    assert.equal(decodeKey(Buffer.of(0xc3)), null);
    assert.equal(read("\x1b[27;5;9999999~"), null);
  });
});
