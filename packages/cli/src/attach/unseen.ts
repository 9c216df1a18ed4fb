// Keeps of a session's output what changes no cell of a screen: how keys and the mouse are told, the bell, the title, the cursor's
// shape, the clipboard. For a terminal that shows the session's screen drawn from elsewhere, and is its terminal all the same.
import { isQuery } from "./query-filter.ts";
import { type Piece, SequenceCutter } from "./sequences.ts";

const PRIVATE_MODES = /^\x1b\[\?([\d;]*)([hl])$/;
/**
 * Cursor keys, bracketed paste, focus, mouse, and the forms of its reports that `mouse.ts` knows (xterm control sequences). Not
 * those in pixels, which would be taken for cells.
 */
const MODES = new Set(["1", "9", "1000", "1002", "1003", "1004", "1006", "1015", "2004"]);
/** Keypad, modifyOtherKeys, cursor's shape (DECSCUSR). */
const OTHERS = /^\x1b(?:[=>]|\[>4(?:;\d*)?m|\[\d* q)$/;
/** Names, place, notes, pointer and clipboard, colours and their return. Not links and marks, which are of cells. */
const STRINGS = /^(?:\x1b\]|\xc2\x9d)(?:[012457]|9|1[012]|22|52|10[45]|11[012]|777)(?:;|\x07|\x1b|\xc2)/;
const BELL = "\x07";

export class Unseen {
  readonly #cutter = new SequenceCutter();

  filter(bytes: Uint8Array): Buffer {
    return Buffer.from(this.#cutter.cut(bytes).map(unseenOf).join(""), "latin1");
  }
}

function unseenOf({ kind, latin1 }: Piece): string {
  if (kind === "text") return latin1.includes(BELL) ? BELL : "";
  if (kind === "long" || isQuery(latin1)) return "";
  if (OTHERS.test(latin1) || STRINGS.test(latin1)) return latin1;
  const [, modes = "", end] = PRIVATE_MODES.exec(latin1) ?? [];
  const kept = modes.split(";").filter((mode) => MODES.has(mode));
  return kept.length === 0 ? "" : `\x1b[?${kept.join(";")}${end}`;
}
