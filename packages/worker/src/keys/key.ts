// Reads the names of keys: which key, and what is held down with it. Knows no terminal.
import { FleettyError } from "@fleetty/protocol/errors";

/** Keys that no character stands for, by the one name that the rest of the code uses. */
export const NAMED_KEYS = [
  "Enter",
  "Tab",
  "Escape",
  "Backspace",
  "Delete",
  "Insert",
  "Space",
  "Up",
  "Down",
  "Left",
  "Right",
  "Home",
  "End",
  "PageUp",
  "PageDown",
  ...Array.from({ length: 20 }, (_, n) => `F${n + 1}` as `F${number}`),
] as const;

export type NamedKey = (typeof NAMED_KEYS)[number];

/** Other names of some of them. */
const ALIASES: Readonly<Record<string, NamedKey>> = {
  ArrowUp: "Up",
  ArrowDown: "Down",
  ArrowLeft: "Left",
  ArrowRight: "Right",
  Esc: "Escape",
  Return: "Enter",
  BS: "Backspace",
  PgUp: "PageUp",
  PgDn: "PageDown",
};

const MODIFIERS = {
  "Ctrl+": "ctrl",
  "C-": "ctrl",
  "Alt+": "alt",
  "M-": "alt",
  "Shift+": "shift",
  "S-": "shift",
} as const;
type Prefix = keyof typeof MODIFIERS;
/** A modifier with something behind it: `Ctrl++` is Ctrl and the plus, `C-` alone is nothing. */
const MODIFIED = /^(Ctrl\+|C-|Alt\+|M-|Shift\+|S-)(.+)$/su;
/** One character that is neither a control nor half of one. */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]$/u;

/** A key with its modifiers. `character` is one code point; Space is a named key. */
export type Key = ({ readonly name: NamedKey } | { readonly character: string }) & Held;

interface Held {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** Throws `invalid_key` with the names that are known. */
export function readKey(text: string): Key {
  const held = { ctrl: false, alt: false, shift: false };
  let rest = text;
  for (let found = MODIFIED.exec(rest); found; found = MODIFIED.exec(rest)) {
    held[MODIFIERS[found[1] as Prefix]] = true;
    rest = found[2] as string;
  }
  const name = nameOf(rest);
  if (name) return { name, ...held };
  if (PRINTABLE.test(rest)) return { character: rest, ...held };
  throw unknown(text);
}

function nameOf(text: string): NamedKey | undefined {
  if (text === " ") return "Space";
  return NAMED_KEYS.find((name) => name === text) ?? (Object.hasOwn(ALIASES, text) ? ALIASES[text] : undefined);
}

function unknown(text: string): FleettyError {
  const known = [...NAMED_KEYS, ...Object.keys(ALIASES), ...Object.keys(MODIFIERS)];
  const shown = JSON.stringify(text.slice(0, 80));
  const message = `there is no key ${shown}; a key is one character or a name such as Enter, and text goes in {"text": …}`;
  return new FleettyError("invalid_key", message, { field: "keys", known });
}
