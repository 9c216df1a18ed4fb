// Decides whether what was typed last may still stand in the line that is being printed: the terminal shows what is typed, and as
// many line ends as it had. Keeps none of it. Pure.

const LF = 0x0a;
const CR = 0x0d;
/** What is looked through for line ends; more output than this after an input is taken to have one. */
const LOOK_BYTES = 16 * 1024;

interface Output {
  readonly end: number;
  readonly oldest: number;
  read(from: number, maxBytes: number): Uint8Array | null;
}

export class LastTyped {
  #offset = 0;
  /** Line ends that are to be printed before the line is another one. */
  #lineEnds = 0;

  /** When so much had been printed. */
  typed(bytes: Uint8Array, offset: number): void {
    this.#offset = offset;
    const ends = bytes.reduce((count, byte) => count + (byte === LF || byte === CR ? 1 : 0), 0);
    const last = bytes.at(-1);
    this.#lineEnds = ends + (last === LF || last === CR ? 0 : 1);
  }

  mayStandIn(output: Output): boolean {
    let left = this.#lineEnds;
    const from = Math.max(this.#offset, output.oldest);
    if (from > this.#offset || output.end - from > LOOK_BYTES) return false;
    for (let at = from; at < output.end && left > 0; ) {
      const part = output.read(at, output.end - at);
      if (part === null || part.byteLength === 0) break;
      for (const byte of part) if (byte === LF) left -= 1;
      at += part.byteLength;
    }
    return left > 0;
  }
}
