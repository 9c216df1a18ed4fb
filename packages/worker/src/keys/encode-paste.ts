// Decides what a paste sends, and which one is not sent: in which mode the program and its terminal are by then. Knows no
// session.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { LineMode } from "../pty/line-mode.ts";
import type { ScreenModes } from "../screen/screen.ts";
import { encodeKey, type KeyModes } from "./encode-key.ts";
import { readKey } from "./key.ts";

export type PasteRequest = Pick<OperationInput<"sessions.paste">, "text" | "bracketed" | "enter">;

export interface PasteModes extends KeyModes, Pick<ScreenModes, "bracketedPaste"> {
  /** Null where the kernel cannot be asked: then nothing is refused for its sake. */
  readonly line: LineMode | null;
}

/** Around a paste, for programs that asked for it (xterm, "Bracketed Paste Mode"). */
const BEGIN = "\x1b[200~";
const END = "\x1b[201~";
/** With either introducer, ESC [ or the single character CSI: it would end the paste early, and type the rest. */
const ENDS = /(?:\x1b\[|\x9b)201~/g;
const LINE_ENDS = /\r?\n/g;
/** All but tab and return. */
const CONTROLS = /(?![\t\r])\p{Cc}/gu;

/** What the kernel keeps of a line in line mode, its end not counted: N_TTY_BUF_SIZE less one. The rest is lost. */
const LINE_MAX_BYTES = 4095;

/** Throws `secret_prompt`, `paste_not_bracketed` or `line_too_long`. */
export function encodePaste(request: PasteRequest, modes: PasteModes): { bytes: Uint8Array; isBracketed: boolean } {
  const { text, bracketed = "auto", enter = false } = request;
  if (modes.line?.isOn && !modes.line.echoes) throw secretPrompt();
  if (bracketed === "require" && !modes.bracketedPaste) throw notBracketed();
  const isBracketed = bracketed !== "never" && modes.bracketedPaste;
  const pasted = isBracketed ? BEGIN + clean(text) + END : clean(text);
  const bytes = Buffer.from(enter ? pasted + encodeKey(readKey("Enter"), modes) : pasted);
  if (modes.line?.isOn) checkLines(bytes);
  return { bytes, isBracketed };
}

/** Lines as Enter ends them, and nothing that could act as a key or end the paste. */
function clean(text: string): string {
  return text.replace(ENDS, "").replace(LINE_ENDS, "\r").replace(CONTROLS, "");
}

function checkLines(bytes: Buffer): void {
  let line = 1;
  for (let at = 0; at < bytes.byteLength; line += 1) {
    const found = bytes.indexOf("\r", at);
    const end = found < 0 ? bytes.byteLength : found;
    if (end - at > LINE_MAX_BYTES) throw tooLong(line);
    at = end + 1;
  }
}

function secretPrompt(): FleettyError {
  const message =
    "the terminal reads a secret just now (its echo is off), where a paste does not belong; look at its screen";
  return new FleettyError("secret_prompt", message);
}

function notBracketed(): FleettyError {
  const message =
    "the program has not asked for bracketed paste, so lines would run as they come; paste with auto or never";
  return new FleettyError("paste_not_bracketed", message);
}

function tooLong(line: number): FleettyError {
  const message = `line ${line} is over ${LINE_MAX_BYTES} bytes, and the terminal, in line mode, would cut it; nothing was pasted`;
  return new FleettyError("line_too_long", message, { line, max: LINE_MAX_BYTES });
}
