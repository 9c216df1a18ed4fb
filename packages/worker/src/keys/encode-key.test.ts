// What keys send, against the tables of xterm's control sequences ("PC-Style Function Keys", "VT220-Style Function Keys",
// "Alt and Meta Keys") and of its modifyOtherKeys.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeKey, type KeyModes } from "./encode-key.ts";
import { NAMED_KEYS, readKey } from "./key.ts";

const normal: KeyModes = { applicationCursor: false, newLine: false, otherKeys: 0 };

function sends(text: string, modes: Partial<KeyModes> = {}): string {
  return encodeKey(readKey(text), { ...normal, ...modes });
}

/** Names, and what they send: alone, in application cursor mode, and with Shift, Alt, Ctrl and all three. */
const table: Readonly<Record<string, readonly [string, string, string, string, string, string]>> = {
  Up: ["\x1b[A", "\x1bOA", "\x1b[1;2A", "\x1b[1;3A", "\x1b[1;5A", "\x1b[1;8A"],
  Down: ["\x1b[B", "\x1bOB", "\x1b[1;2B", "\x1b[1;3B", "\x1b[1;5B", "\x1b[1;8B"],
  Right: ["\x1b[C", "\x1bOC", "\x1b[1;2C", "\x1b[1;3C", "\x1b[1;5C", "\x1b[1;8C"],
  Left: ["\x1b[D", "\x1bOD", "\x1b[1;2D", "\x1b[1;3D", "\x1b[1;5D", "\x1b[1;8D"],
  Home: ["\x1b[H", "\x1bOH", "\x1b[1;2H", "\x1b[1;3H", "\x1b[1;5H", "\x1b[1;8H"],
  End: ["\x1b[F", "\x1bOF", "\x1b[1;2F", "\x1b[1;3F", "\x1b[1;5F", "\x1b[1;8F"],
  Insert: ["\x1b[2~", "\x1b[2~", "\x1b[2;2~", "\x1b[2;3~", "\x1b[2;5~", "\x1b[2;8~"],
  Delete: ["\x1b[3~", "\x1b[3~", "\x1b[3;2~", "\x1b[3;3~", "\x1b[3;5~", "\x1b[3;8~"],
  PageUp: ["\x1b[5~", "\x1b[5~", "\x1b[5;2~", "\x1b[5;3~", "\x1b[5;5~", "\x1b[5;8~"],
  PageDown: ["\x1b[6~", "\x1b[6~", "\x1b[6;2~", "\x1b[6;3~", "\x1b[6;5~", "\x1b[6;8~"],
  F1: ["\x1bOP", "\x1bOP", "\x1b[1;2P", "\x1b[1;3P", "\x1b[1;5P", "\x1b[1;8P"],
  F2: ["\x1bOQ", "\x1bOQ", "\x1b[1;2Q", "\x1b[1;3Q", "\x1b[1;5Q", "\x1b[1;8Q"],
  F3: ["\x1bOR", "\x1bOR", "\x1b[1;2R", "\x1b[1;3R", "\x1b[1;5R", "\x1b[1;8R"],
  F4: ["\x1bOS", "\x1bOS", "\x1b[1;2S", "\x1b[1;3S", "\x1b[1;5S", "\x1b[1;8S"],
  ...Object.fromEntries(
    Object.entries({
      ...{ F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24, F13: 25, F14: 26 },
      ...{ F15: 28, F16: 29, F17: 31, F18: 32, F19: 33, F20: 34 },
    }).map(([name, n]) => [
      name,
      [`\x1b[${n}~`, `\x1b[${n}~`, `\x1b[${n};2~`, `\x1b[${n};3~`, `\x1b[${n};5~`, `\x1b[${n};8~`],
    ]),
  ),
  Enter: ["\r", "\r", "\r", "\x1b\r", "\r", "\x1b\r"],
  Tab: ["\t", "\t", "\x1b[Z", "\x1b\t", "\t", "\x1b\x1b[Z"],
  Escape: ["\x1b", "\x1b", "\x1b", "\x1b\x1b", "\x1b", "\x1b\x1b"],
  Backspace: ["\x7f", "\x7f", "\x7f", "\x1b\x7f", "\b", "\x1b\b"],
  Space: [" ", " ", " ", "\x1b ", "\0", "\x1b\0"],
};

describe("a key", () => {
  it("sends what xterm's tables say, in normal and in application cursor mode, and with modifiers", () => {
    for (const name of NAMED_KEYS) {
      const sent = ["", "Shift+", "Alt+", "Ctrl+", "Ctrl+Alt+Shift+"].map((held) => sends(held + name));
      const [alone, ...modified] = sent;
      assert.deepEqual([alone, sends(name, { applicationCursor: true }), ...modified], table[name], name);
    }
  });

  it("tells two modifiers by their sum", () => {
    assert.deepEqual(
      ["Shift+Alt+Up", "Shift+Ctrl+F5", "Alt+Ctrl+Delete"].map((key) => sends(key)),
      ["\x1b[1;4A", "\x1b[15;6~", "\x1b[3;7~"],
    );
  });

  it("with a modifier does not change in application cursor mode", () => {
    assert.equal(sends("Ctrl+Left", { applicationCursor: true }), "\x1b[1;5D");
  });

  it("sends the control character with Ctrl, where there is one, and itself elsewhere", () => {
    const controls: Record<string, string> = {
      a: "\x01",
      z: "\x1a",
      A: "\x01",
      "[": "\x1b",
      "\\": "\x1c",
      "]": "\x1d",
    };
    const others = { "^": "\x1e", _: "\x1f", "@": "\0", " ": "\0", "?": "\x7f", "/": "\x1f", "`": "\0", "{": "\x1b" };
    const digits = {
      "1": "1",
      "2": "\0",
      "3": "\x1b",
      "4": "\x1c",
      "5": "\x1d",
      "6": "\x1e",
      "7": "\x1f",
      "8": "\x7f",
    };
    const plain = { "9": "9", "0": "0", ";": ";", "+": "+", "-": "-", é: "é" };
    for (const [key, sent] of Object.entries({ ...controls, ...others, ...digits, ...plain })) {
      assert.equal(sends(`C-${key}`), sent, key);
    }
  });

  it("sends Escape before it with Alt, and a letter in upper case with Shift", () => {
    const expected: Record<string, string> = {
      "M-x": "\x1bx",
      "Alt+é": "\x1bé",
      "M-C-x": "\x1b\x18",
      "S-a": "A",
      "S-é": "É",
      "S-ß": "ß",
      "S-1": "1",
      "M-S-x": "\x1bX",
      漢: "漢",
      "😀": "😀",
    };
    for (const [key, sent] of Object.entries(expected)) assert.equal(sends(key), sent, key);
  });

  it("is Enter with a line feed in new line mode", () => {
    assert.deepEqual([sends("Enter", { newLine: true }), sends("M-Enter", { newLine: true })], ["\r\n", "\x1b\r\n"]);
  });

  it("is told with its modifiers as far as the program asked for it", () => {
    /** At levels 1 and 2. */
    const told: Record<string, readonly [string, string]> = {
      a: ["a", "a"],
      "S-a": ["A", "A"],
      "C-a": ["\x01", "\x1b[27;5;97~"],
      "C-S-a": ["\x01", "\x1b[27;6;65~"],
      "M-a": ["\x1ba", "\x1b[27;3;97~"],
      "C-1": ["\x1b[27;5;49~", "\x1b[27;5;49~"],
      "C-;": ["\x1b[27;5;59~", "\x1b[27;5;59~"],
      "C-Enter": ["\x1b[27;5;13~", "\x1b[27;5;13~"],
      "S-Enter": ["\x1b[27;2;13~", "\x1b[27;2;13~"],
      "C-Tab": ["\x1b[27;5;9~", "\x1b[27;5;9~"],
      "S-Tab": ["\x1b[Z", "\x1b[Z"],
      "C-Space": ["\0", "\x1b[27;5;32~"],
      "S-Space": [" ", "\x1b[27;2;32~"],
      "C-Escape": ["\x1b[27;5;27~", "\x1b[27;5;27~"],
      "C-Backspace": ["\b", "\b"],
      "C-Up": ["\x1b[1;5A", "\x1b[1;5A"],
      Enter: ["\r", "\r"],
    };
    for (const [key, sent] of Object.entries(told)) {
      assert.deepEqual([sends(key, { otherKeys: 1 }), sends(key, { otherKeys: 2 })], sent, key);
    }
  });
});

describe("the name of a key", () => {
  it("has other forms", () => {
    const aliases = {
      ArrowUp: "Up",
      ArrowDown: "Down",
      ArrowLeft: "Left",
      ArrowRight: "Right",
      Esc: "Escape",
      Return: "Enter",
      BS: "Backspace",
      PgUp: "PageUp",
      PgDn: "PageDown",
      " ": "Space",
    };
    for (const [alias, name] of Object.entries(aliases)) assert.deepEqual(readKey(alias), readKey(name));
    for (const [short, long] of [
      ["C-M-S-Up", "Ctrl+Alt+Shift+Up"],
      ["S-C-x", "Ctrl+Shift+x"],
    ] as const) {
      assert.deepEqual(readKey(short), readKey(long));
    }
  });

  it("may be the character that modifiers are written with", () => {
    assert.deepEqual(readKey("Ctrl++"), { character: "+", ctrl: true, alt: false, shift: false });
    assert.deepEqual(readKey("C--"), { character: "-", ctrl: true, alt: false, shift: false });
    assert.deepEqual(readKey("C"), { character: "C", ctrl: false, alt: false, shift: false });
  });

  it("is refused with those that are known when there is no such key", () => {
    for (const text of [
      "",
      "Dwon",
      "enter",
      "F0",
      "F21",
      "C-",
      "Ctrl+",
      "Hyper+x",
      "ab",
      "\n",
      "\x1b",
      "\ud800",
      "C-C-",
    ]) {
      assert.throws(
        () => readKey(text),
        ({ code, details }) => {
          assert.deepEqual([code, details.field], ["invalid_key", "keys"], JSON.stringify(text));
          for (const known of ["Enter", "F20", "ArrowUp", "Ctrl+", "M-"]) assert.ok(details.known.includes(known));
          return true;
        },
        JSON.stringify(text),
      );
    }
  });
});
