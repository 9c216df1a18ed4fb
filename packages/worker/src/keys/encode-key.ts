// Decides what a key sends, as xterm does with its usual settings: by the modes that the program has set (ctlseqs, "PC-Style
// Function Keys", "Alt and Meta Keys", "modifyOtherKeys"). None of the keys with a name is on the keypad, so application
// keypad mode changes nothing here. Knows no session.
import type { ScreenModes } from "../screen/screen.ts";
import type { Key, NamedKey } from "./key.ts";

export type KeyModes = Pick<ScreenModes, "applicationCursor" | "newLine" | "otherKeys">;

const ESC = "\x1b";
const CSI = "\x1b[";
const SS3 = "\x1bO";
const BACK_TAB = `${CSI}Z`;

/** Keys of which the final letter tells: CSI letter, or SS3 letter in application cursor mode. */
const CURSOR_KEYS = { Up: "A", Down: "B", Right: "C", Left: "D", Home: "H", End: "F" } as const;
/** SS3 letter in every mode. */
const PF_KEYS = { F1: "P", F2: "Q", F3: "R", F4: "S" } as const;
/** CSI number ~, as the VT220 numbered them. */
const NUMBERED_KEYS = {
  ...{ Insert: 2, Delete: 3, PageUp: 5, PageDown: 6 },
  ...{ F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24 },
  ...{ F13: 25, F14: 26, F15: 28, F16: 29, F17: 31, F18: 32, F19: 33, F20: 34 },
} as const;
/** Keys that a control character stands for. */
const CONTROL_KEYS = { Enter: "\r", Tab: "\t", Escape: ESC, Backspace: "\x7f", Space: " " } as const;

/** Ctrl with these sends what stands here (X11's XkbToControl); `?` by the usual notation of DEL. */
const CONTROL_OF: Readonly<Record<string, string>> = {
  ...{ "2": "\x00", "3": "\x1b", "4": "\x1c", "5": "\x1d", "6": "\x1e", "7": "\x1f", "8": "\x7f" },
  ...{ " ": "\x00", "/": "\x1f", "?": "\x7f" },
};
const FIRST_CONTROLLED = "@";
const LAST_CONTROLLED = "~";
const CONTROL_BITS = 0x1f;

/** The text that the key sends, to be encoded as UTF-8. */
export function encodeKey(key: Key, modes: KeyModes): string {
  const name = "name" in key ? key.name : undefined;
  if (isOf(CURSOR_KEYS, name)) return lettered(modes.applicationCursor ? SS3 : CSI, CURSOR_KEYS[name], key);
  if (isOf(PF_KEYS, name)) return lettered(SS3, PF_KEYS[name], key);
  if (isOf(NUMBERED_KEYS, name)) return numbered(NUMBERED_KEYS[name], key);
  const character = isOf(CONTROL_KEYS, name) ? CONTROL_KEYS[name] : shifted(key);
  if (isToldInFull(key, character, modes)) return `${CSI}27;${modifiersOf(key)};${character.codePointAt(0)}~`;
  return (key.alt ? ESC : "") + plain(name, character, key, modes);
}

function isOf<Table extends object>(table: Table, name: NamedKey | undefined): name is NamedKey & keyof Table {
  return name !== undefined && Object.hasOwn(table, name);
}

function lettered(introducer: string, letter: string, key: Key): string {
  const modifiers = modifiersOf(key);
  return modifiers === 1 ? introducer + letter : `${CSI}1;${modifiers}${letter}`;
}

function numbered(number: number, key: Key): string {
  const modifiers = modifiersOf(key);
  return modifiers === 1 ? `${CSI}${number}~` : `${CSI}${number};${modifiers}~`;
}

/** 1 for none; Shift adds 1, Alt 2, Ctrl 4. */
function modifiersOf({ shift, alt, ctrl }: Key): number {
  return 1 + (shift ? 1 : 0) + (alt ? 2 : 0) + (ctrl ? 4 : 0);
}

/** The character of a letter with Shift; what Shift makes of others is for a keyboard to say. */
function shifted(key: Key): string {
  const character = "character" in key ? key.character : "";
  const upper = key.shift ? character.toUpperCase() : character;
  return [...upper].length === 1 ? upper : character;
}

/** Without modifyOtherKeys: modifiers that the character cannot carry are lost. */
function plain(name: NamedKey | undefined, character: string, { ctrl, shift }: Key, modes: KeyModes): string {
  if (name === "Enter") return modes.newLine ? "\r\n" : "\r";
  if (name === "Tab") return shift ? BACK_TAB : character;
  if (name === "Backspace") return ctrl ? "\b" : character;
  return ctrl ? (controlOf(character) ?? character) : character;
}

function controlOf(character: string): string | undefined {
  const isControlled = character >= FIRST_CONTROLLED && character <= LAST_CONTROLLED;
  if (!isControlled) return CONTROL_OF[character];
  return String.fromCharCode((character.codePointAt(0) as number) & CONTROL_BITS);
}

/** Whether modifyOtherKeys has this one told with all its modifiers (xterm's input.c, ModifyOtherKeys). */
function isToldInFull(key: Key, character: string, { otherKeys }: KeyModes): boolean {
  const { shift, alt, ctrl } = key;
  const name = "name" in key ? key.name : undefined;
  const isShiftAlone = shift && !alt && !ctrl;
  if (otherKeys === 0 || modifiersOf(key) === 1 || name === "Backspace") return false;
  if (name === "Tab") return !isShiftAlone;
  if (name === "Enter") return true;
  if (otherKeys === 2) return !isShiftAlone || name === "Space";
  return ctrl && controlOf(character) === undefined;
}
