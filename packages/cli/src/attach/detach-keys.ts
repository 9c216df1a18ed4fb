// Decides which typed bytes go to the session and when Ctrl-\ has been pressed twice in time. Pure: the caller brings the
// clock. The first Ctrl-\ is held back until the time for a second one is over; then it goes out by itself, which is how the
// session knows it: it captures the keys, or lets them go (public contract, raw stream). In a paste it is a byte like any other.

/** Time for the second one (public contract, command line). */
export const DETACH_WITHIN_MS = 500;
/** A paste that brings nothing for so long will not be ended any more: nobody is kept from leaving by one. */
const PASTE_PATIENCE_MS = 2_000;

/**
 * Ctrl-\ as a terminal in raw mode sends it: one byte, or a sequence when a program has asked for modifyOtherKeys (xterm) or
 * for the keyboard protocol of kitty, in which a release (event 3) may follow.
 */
const KEY = /\x1c|\x1b\[(?:27;(\d+);92~|92(?::\d*)*;(\d+)(?::([123]))?u)/y;
/** Modifiers are 1 and a sum of bits: Ctrl is 4; Caps Lock (64) and Num Lock (128) change nothing. */
const CTRL = 4;
const LOCKS = 64 | 128;
const RELEASE = "3";
/** The form that the session knows, whatever the terminal has sent. */
const ALONE = "\x1c";
/** Around a paste, if the program has asked for that (xterm, bracketed paste). Both have the same length. */
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** What is forwarded goes out in as many pieces, each by itself. */
export type Typed = { readonly detach: true } | { readonly detach: false; readonly forward: readonly Uint8Array[] };

/** Whether this piece is the Ctrl-\ that went out by itself. */
export function isCaptureKey(piece: Uint8Array): boolean {
  return piece.byteLength === 1 && piece[0] === ALONE.charCodeAt(0);
}

interface Key {
  readonly length: number;
  readonly isPress: boolean;
}

export class DetachKeys {
  #heldAtMs: number | undefined;
  #readAtMs = 0;
  #isPasting = false;
  /** The newest characters, as many as the sequences around a paste have. */
  #recent = "";

  /** Whether a Ctrl-\ is held back, so that `lapse` has to be asked after DETACH_WITHIN_MS. */
  get isHolding(): boolean {
    return this.#heldAtMs !== undefined;
  }

  type(bytes: Uint8Array, nowMs: number): Typed {
    // Bytes as characters of the same code.
    const text = Buffer.from(bytes).toString("latin1");
    if (nowMs - this.#readAtMs > PASTE_PATIENCE_MS) this.#isPasting = false;
    this.#readAtMs = nowMs;
    const forward: Uint8Array[] = [];
    let plain = "";
    for (let at = 0; at < text.length; ) {
      const key = this.#isPasting ? null : keyAt(text, at);
      if (key?.isPress && this.#isInTime(nowMs)) return { detach: true };
      if (!key) {
        forward.push(...this.#letGo());
        plain += this.#seen(text.charAt(at));
      } else if (key.isPress) {
        // A release is that of a press of which the program does not know.
        if (plain !== "") forward.push(Buffer.from(plain, "latin1"));
        plain = "";
        forward.push(...this.#letGo());
        this.#heldAtMs = nowMs;
      }
      at += key?.length ?? 1;
    }
    if (plain !== "") forward.push(Buffer.from(plain, "latin1"));
    return { detach: false, forward };
  }

  /** What was held back and no second press can claim any more. */
  lapse(nowMs: number): readonly Uint8Array[] {
    return this.#isInTime(nowMs) ? [] : this.#letGo();
  }

  #letGo(): Uint8Array[] {
    const isHeld = this.#heldAtMs !== undefined;
    this.#heldAtMs = undefined;
    return isHeld ? [Buffer.from(ALONE, "latin1")] : [];
  }

  #isInTime(nowMs: number): boolean {
    return this.#heldAtMs !== undefined && nowMs - this.#heldAtMs < DETACH_WITHIN_MS;
  }

  #seen(character: string): string {
    this.#recent = (this.#recent + character).slice(-PASTE_BEGINS.length);
    if (this.#recent === PASTE_BEGINS) this.#isPasting = true;
    if (this.#recent === PASTE_ENDS) this.#isPasting = false;
    return character;
  }
}

function keyAt(text: string, at: number): Key | null {
  KEY.lastIndex = at;
  const [whole, xterm, kitty, event] = KEY.exec(text) ?? [];
  if (whole === undefined) return null;
  const modifiers = Number(xterm ?? kitty ?? CTRL + 1) - 1;
  return (modifiers & ~LOCKS) === CTRL ? { length: whole.length, isPress: event !== RELEASE } : null;
}
