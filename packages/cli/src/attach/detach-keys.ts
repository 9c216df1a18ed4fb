// Decides which typed bytes go to the session and when Ctrl-\ has been pressed twice in time. Pure: the caller brings the
// clock. The first Ctrl-\ is held back until the time for a second one is over, as it ends most programs.

/** Time for the second one (public contract, command line). */
export const DETACH_WITHIN_MS = 500;

/**
 * Ctrl-\ as a terminal in raw mode sends it: one byte, or a sequence when a program has asked for modifyOtherKeys (xterm) or
 * for the keyboard protocol of kitty, in which a release (event 3) may follow.
 */
const KEY = /\x1c|\x1b\[(?:27;(\d+);92~|92(?::\d*)*;(\d+)(?::([123]))?u)/y;
/** Modifiers are 1 and a sum of bits: Ctrl is 4; Caps Lock (64) and Num Lock (128) change nothing. */
const CTRL = 4;
const LOCKS = 64 | 128;
const RELEASE = "3";

export type Typed = { readonly detach: true } | { readonly detach: false; readonly forward: Uint8Array };

interface Key {
  readonly text: string;
  readonly isPress: boolean;
}

export class DetachKeys {
  /** Bytes as characters of the same code (latin1). */
  #held: { text: string; readonly atMs: number } | undefined;

  /** Whether a Ctrl-\ is held back, so that `lapse` has to be asked after DETACH_WITHIN_MS. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  type(bytes: Uint8Array, nowMs: number): Typed {
    const text = Buffer.from(bytes).toString("latin1");
    let forward = "";
    for (let at = 0; at < text.length; ) {
      const key = keyAt(text, at);
      if (key?.isPress && this.#isInTime(nowMs)) return { detach: true };
      if (key && !key.isPress && this.#held) this.#held.text += key.text;
      else {
        forward += this.#letGo();
        if (key?.isPress) this.#held = { text: key.text, atMs: nowMs };
        else forward += key?.text ?? text.charAt(at);
      }
      at += key?.text.length ?? 1;
    }
    return { detach: false, forward: Buffer.from(forward, "latin1") };
  }

  /** What was held back and no second press can claim any more. */
  lapse(nowMs: number): Uint8Array {
    return Buffer.from(this.#isInTime(nowMs) ? "" : this.#letGo(), "latin1");
  }

  #letGo(): string {
    const { text = "" } = this.#held ?? {};
    this.#held = undefined;
    return text;
  }

  #isInTime(nowMs: number): boolean {
    return this.#held !== undefined && nowMs - this.#held.atMs < DETACH_WITHIN_MS;
  }
}

function keyAt(text: string, at: number): Key | null {
  KEY.lastIndex = at;
  const [whole, xterm, kitty, event] = KEY.exec(text) ?? [];
  if (whole === undefined) return null;
  const modifiers = Number(xterm ?? kitty ?? CTRL + 1) - 1;
  return (modifiers & ~LOCKS) === CTRL ? { text: whole, isPress: event !== RELEASE } : null;
}
