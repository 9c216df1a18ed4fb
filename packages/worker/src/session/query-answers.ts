// Writes what the screen answers to a program's queries into its terminal. Decides how much of it may wait there: a program
// that asks and never reads gets no more once its terminal is full.
import type { Pty } from "../pty/pty.ts";

const WAITING_MAX_BYTES = 64 * 1024;

export class QueryAnswers {
  /** Bytes that the terminal has not taken. */
  #waiting = 0;

  write(bytes: Uint8Array, pty: Pty | null): void {
    if (this.#waiting > WAITING_MAX_BYTES) return;
    this.#waiting += bytes.byteLength;
    const settle = () => {
      this.#waiting -= bytes.byteLength;
    };
    void pty?.write(bytes).then(settle, settle);
  }
}
