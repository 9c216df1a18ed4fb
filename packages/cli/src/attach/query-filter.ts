// Decides what of a session's output reaches the viewer's own terminal: everything but what would make it answer. The
// session's emulator has answered already, once; a second answer from here would be typed into the program.
//
// Kept from the terminal: device attributes, status and position reports, mode and settings queries, colour and clipboard
// queries, window reports, terminal name and capabilities, keyboard protocol and graphics queries, ENQ.
import { type Piece, SequenceCutter } from "./sequences.ts";

const ENQ = "\x05";

/** CSI sequences that are answered, without their introducer (xterm control sequences; kitty's protocols). */
const CSI_QUERY =
  /^(?:[>=?]?[\d;]*c|\??[\d;]*n|\??[\d;]*\$p|>[\d;]*q|\?u|[\d;]*x|(?:1[1345689]|2[01])(?:;[\d;]*)?t|\?[\d;]*S|[\d;]*\*y|[\d;]*\$[uw]|&u|\?[\d;]*m)$/;
/** OSC: a `?` in place of a value, of those that have one to tell. DCS: request of settings or capabilities. APC G: graphics, which the session lacks. */
const OSC_QUERY =
  /^(?:(?:[45]|1\d|2[12]|5[02]|6[01]);(?:.*;)?\?|99;.*p=\?|1337;(?:Report|RequestUpload)|5522;type=read)/s;
const DCS_QUERY = /^[\d;]*(?:\$q|\+q)/;
const GRAPHICS = /^G/;
const IDENTIFY = new Set(["\x1bZ", "\xc2\x9a"]);

export class QueryFilter {
  readonly #cutter = new SequenceCutter();

  /** What may be written to the terminal. */
  filter(bytes: Uint8Array): Buffer {
    const kept = this.#cutter.cut(bytes).map(withoutQueries);
    return Buffer.from(kept.join(""), "latin1");
  }
}

function withoutQueries({ kind, latin1 }: Piece): string {
  if (kind === "text") return latin1.replaceAll(ENQ, "");
  return kind === "sequence" && isQuery(latin1) ? "" : latin1;
}

/** Whether a terminal would answer this whole sequence. */
export function isQuery(sequence: string): boolean {
  if (IDENTIFY.has(sequence)) return true;
  const body = sequence.slice(2);
  switch (introducer(sequence)) {
    case "[":
      return CSI_QUERY.test(body.replace(/[\x00-\x1f\x7f]/g, ""));
    case "]":
      return OSC_QUERY.test(body);
    case "P":
      return DCS_QUERY.test(body);
    case "_":
      return GRAPHICS.test(body);
    default:
      return false;
  }
}

/** The character after ESC of the 7-bit form, also for the 8-bit one. */
function introducer(sequence: string): string {
  const second = sequence.charCodeAt(1);
  return sequence.startsWith("\x1b") ? sequence.charAt(1) : String.fromCharCode(second - 0x40);
}
