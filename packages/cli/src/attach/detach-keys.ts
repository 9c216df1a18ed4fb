// Decides which typed bytes go to the session and when Ctrl-\ has been pressed twice in time. Pure: the caller brings the
// clock. The first Ctrl-\ is held back until the time for a second one is over, as it ends most programs.

/** Ctrl-\, as a terminal in raw mode sends it. */
const CTRL_BACKSLASH = 0x1c;
/** Time for the second one (public contract, command line). */
export const DETACH_WITHIN_MS = 500;

export type Typed = { readonly detach: true } | { readonly detach: false; readonly forward: Uint8Array };

export class DetachKeys {
  #heldAtMs: number | undefined;

  /** Whether a Ctrl-\ is held back, so that `lapse` has to be asked after DETACH_WITHIN_MS. */
  get isHolding(): boolean {
    return this.#heldAtMs !== undefined;
  }

  type(bytes: Uint8Array, nowMs: number): Typed {
    const forward: number[] = [];
    for (const byte of bytes) {
      if (byte === CTRL_BACKSLASH && this.#isInTime(nowMs)) return { detach: true };
      if (this.#heldAtMs !== undefined) forward.push(CTRL_BACKSLASH);
      this.#heldAtMs = byte === CTRL_BACKSLASH ? nowMs : undefined;
      if (byte !== CTRL_BACKSLASH) forward.push(byte);
    }
    return { detach: false, forward: Uint8Array.from(forward) };
  }

  /** What was held back and no second press can claim any more. */
  lapse(nowMs: number): Uint8Array {
    if (this.#heldAtMs === undefined || this.#isInTime(nowMs)) return new Uint8Array();
    this.#heldAtMs = undefined;
    return Uint8Array.of(CTRL_BACKSLASH);
  }

  #isInTime(nowMs: number): boolean {
    return this.#heldAtMs !== undefined && nowMs - this.#heldAtMs < DETACH_WITHIN_MS;
  }
}
