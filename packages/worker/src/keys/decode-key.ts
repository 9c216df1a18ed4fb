// Reads what a terminal sent as one key and what was held with it: the inverse of encoding, in names that it knows, for the modes
// that a terminal may be in (xterm's ctlseqs; Home and End also as VT220, rxvt and the Linux console send them). Knows no session.
import type { ParsedKey } from "@fleetty/protocol/schemas/notices";
import type { NamedKey } from "./key.ts";

const ESC = "\x1b";

/** Arrows by the names under which programs of the older public API know them. */
const LETTERED: Readonly<Record<string, NamedKey | `Arrow${string}`>> = {
  ...{ A: "ArrowUp", B: "ArrowDown", C: "ArrowRight", D: "ArrowLeft", H: "Home", F: "End" },
  ...{ P: "F1", Q: "F2", R: "F3", S: "F4" },
};
const NUMBERED: Readonly<Record<string, NamedKey>> = {
  ...{ "1": "Home", "2": "Insert", "3": "Delete", "4": "End", "5": "PageUp", "6": "PageDown", "7": "Home", "8": "End" },
  ...{ "11": "F1", "12": "F2", "13": "F3", "14": "F4", "15": "F5", "17": "F6", "18": "F7", "19": "F8", "20": "F9" },
  ...{ "21": "F10", "23": "F11", "24": "F12", "25": "F13", "26": "F14", "28": "F15", "29": "F16", "31": "F17" },
  ...{ "32": "F18", "33": "F19", "34": "F20" },
};
/** Characters that a key with a name sends. */
const NAMED: Readonly<Record<string, NamedKey>> = {
  ...{ "\r": "Enter", "\r\n": "Enter", "\t": "Tab", [ESC]: "Escape", "\x7f": "Backspace", " ": "Space" },
};
/** Control characters that no letter makes. */
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ "\0": "Space", "\x1c": "\\", "\x1d": "]", "\x1e": "^", "\x1f": "_" },
};

const CSI_LETTER = /^\x1b\[(?:1;([2-8]))?([ABCDHFPQRS])$/;
const SS3_LETTER = /^\x1bO([ABCDHFPQRS])$/;
const CSI_NUMBER = /^\x1b\[(\d{1,2})(?:;([2-8]))?~$/;
/** With modifyOtherKeys: the modifiers, and the character. */
const OTHER_KEY = /^\x1b\[27;([2-8]);(\d{1,7})~$/;
const BACK_TAB = `${ESC}[Z`;
/** One character that is neither a control nor half of one. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]$/u;
/** The longest that any key sends. */
const KEY_MAX_BYTES = 16;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Null when it is no single key: a text, a paste, an answer of the terminal, a mouse. */
export function decodeKey(bytes: Uint8Array): ParsedKey | null {
  if (bytes.byteLength === 0 || bytes.byteLength > KEY_MAX_BYTES) return null;
  try {
    return keyOf(strict.decode(bytes));
  } catch {
    return null;
  }
}

function keyOf(text: string): ParsedKey | null {
  const sent = sequenceOf(text) ?? characterOf(text);
  if (sent || !text.startsWith(ESC)) return sent;
  const behind = text.slice(1);
  const held = behind === BACK_TAB ? sequenceOf(behind) : characterOf(behind);
  return held && withModifiers(held.key, ["alt", ...held.modifiers]);
}

function sequenceOf(text: string): ParsedKey | null {
  if (text === BACK_TAB) return withModifiers("Tab", ["shift"]);
  const [, ss3] = SS3_LETTER.exec(text) ?? [];
  if (ss3 !== undefined) return withModifiers(LETTERED[ss3], []);
  const [, lettered, letter = ""] = CSI_LETTER.exec(text) ?? [];
  if (letter !== "") return withModifiers(LETTERED[letter], modifiersOf(lettered));
  const [, number = "", numbered] = CSI_NUMBER.exec(text) ?? [];
  if (number !== "") return withModifiers(NUMBERED[number], modifiersOf(numbered));
  const [, other, code] = OTHER_KEY.exec(text) ?? [];
  return code === undefined ? null : toldInFull(Number(code), modifiersOf(other));
}

function toldInFull(code: number, modifiers: readonly string[]): ParsedKey | null {
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : "";
  const key = NAMED[character] ?? (PRINTABLE.test(character) ? character : undefined);
  return withModifiers(key, modifiers);
}

function characterOf(text: string): ParsedKey | null {
  const named = NAMED[text];
  if (named !== undefined) return withModifiers(named, []);
  const control = CONTROLS[text] ?? letterOf(text);
  if (control !== undefined) return withModifiers(control, ["ctrl"]);
  return PRINTABLE.test(text) ? withModifiers(text, []) : null;
}

/** The letter that makes this control character with Ctrl. */
function letterOf(text: string): string | undefined {
  const code = text.length === 1 ? text.charCodeAt(0) : 0;
  return code >= 1 && code <= 26 ? String.fromCharCode(code + 0x60) : undefined;
}

/** From xterm's sum: 1 for none, and 1 for Shift, 2 for Alt, 4 for Ctrl. */
function modifiersOf(sum: string | undefined): string[] {
  const bits = Number(sum ?? 1) - 1;
  const held = [bits & 4 && "ctrl", bits & 2 && "alt", bits & 1 && "shift"];
  return held.filter((one) => typeof one === "string");
}

/** In one order, whoever told them. */
function withModifiers(key: string | undefined, held: readonly string[]): ParsedKey | null {
  if (key === undefined) return null;
  return { key, modifiers: ["ctrl", "alt", "shift"].filter((one) => held.includes(one)) };
}
