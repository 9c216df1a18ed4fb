// Decides what becomes of what an attach client types: whether it goes on to the program, and whether those who follow the
// session hear of it. What is typed while the terminal hides it is a secret, and nobody hears of it.
import { decodeKey } from "../keys/decode-key.ts";
import { lineModeOf } from "../pty/line-mode.ts";
import type { Session } from "./session.ts";

/** Ctrl+\, alone: capture begins, or ends. */
const TOGGLE = 0x1c;
/** Of one notice; what is longer, a paste, is told in pieces. */
const TOLD_MAX_BYTES = 4096;
/** What ends a line or gives it up: Enter, line feed, Ctrl+C, Ctrl+D. */
const LINE_ENDS = [0x0d, 0x0a, 0x03, 0x04];

export class Keystrokes {
  readonly #session: Session;
  /** The line that is being typed has been hidden at some time. */
  #isSecret = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Takes what is not for the program, and says whether it has. */
  capture(bytes: Uint8Array): boolean {
    const { elements } = this.#session;
    const isCapturing = elements.inputMode === "capture";
    if (bytes.byteLength === 1 && bytes[0] === TOGGLE) {
      if (isCapturing) elements.release();
      else elements.setInputMode("capture");
      return true;
    }
    if (isCapturing) this.#tell(bytes);
    return isCapturing;
  }

  /** They are about to go to the program. */
  passed(bytes: Uint8Array): void {
    if (!this.#session.notices.isFollowed("input")) return;
    if (!this.#isHidden(bytes)) this.#tell(bytes);
  }

  /** Where the kernel cannot be asked, all that goes to the program may be a secret. */
  #isHidden(bytes: Uint8Array): boolean {
    const line = lineModeOf(this.#session.running().heldSlaveFd);
    this.#isSecret ||= line === null || (line.isOn && !line.echoes);
    this.#isSecret ||= this.#session.attention.current.attention === "needs_secret";
    const isHidden = this.#isSecret;
    if (LINE_ENDS.some((end) => bytes.includes(end))) this.#isSecret = false;
    return isHidden;
  }

  #tell(bytes: Uint8Array): void {
    const { notices, elements } = this.#session;
    if (!notices.isFollowed("input")) return;
    const target = elements.focused;
    for (let at = 0; at < bytes.byteLength; at += TOLD_MAX_BYTES) {
      const piece = bytes.subarray(at, at + TOLD_MAX_BYTES);
      const said = { mode: elements.inputMode, raw: Buffer.from(piece).toString("base64"), parsed: decodeKey(piece) };
      notices.add({ kind: "input", ...said, ...(target !== null && { target }) });
    }
  }
}
