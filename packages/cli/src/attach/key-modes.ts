// Keeps of a session's output only what decides how keys are sent: cursor keys, keypad, bracketed paste. For a terminal
// that shows the session's screen drawn from elsewhere, but types into it all the same.
import { SequenceCutter } from "./sequences.ts";

/** DECCKM and bracketed paste, alone or among others; keypad application and numeric mode (xterm control sequences). */
const PRIVATE_MODES = /^\x1b\[\?([\d;]*)([hl])$/;
const KEY_MODES = new Set(["1", "2004"]);
const KEYPAD = new Set(["\x1b=", "\x1b>"]);

export class KeyModes {
  readonly #cutter = new SequenceCutter();

  filter(bytes: Uint8Array): string {
    return this.#cutter
      .cut(bytes)
      .map(({ kind, latin1 }) => (kind === "sequence" ? keyModesOf(latin1) : ""))
      .join("");
  }
}

function keyModesOf(sequence: string): string {
  if (KEYPAD.has(sequence)) return sequence;
  const [, modes = "", end] = PRIVATE_MODES.exec(sequence) ?? [];
  const kept = modes.split(";").filter((mode) => KEY_MODES.has(mode));
  return kept.length === 0 ? "" : `\x1b[?${kept.join(";")}${end}`;
}
