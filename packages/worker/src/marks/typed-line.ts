// Reads the echo of what is typed at a prompt of a shell that does not say when a command begins, and decides whether the
// line, when it ends, has something on it: Enter on an empty line runs nothing, and neither does a line that Ctrl-C gave
// up (the kernel shows ^C, and the shell ends the line). Knows lines of a terminal, no marks.

const LINE_FEED = 0x0a;
/** More of a line than this says nothing new about whether it is empty. */
const LINE_MAX_BYTES = 4096;
/** CSI with its first parameter and last byte, another sequence, or one byte. */
const TOKEN = /\x1b(?:\[([0-9]*)[0-?]*[ -/]*([@-~])|[^[])|[^\x1b]/g;

export class TypedLine {
  #isRead = false;
  #wasTyped = false;
  #line: number[] = [];

  /** Whether a line is being read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Of the lines read since the prompt: whether anything was typed. */
  get isTyped(): boolean {
    return this.#wasTyped;
  }

  /** The prompt is whole: a command is typed from here on. */
  begin(): void {
    this.#wasTyped = false;
    this.go();
  }

  /** The rest of a command is typed from here on. */
  go(): void {
    this.#isRead = true;
    this.#line = [];
  }

  end(): void {
    this.#isRead = false;
    this.#line = [];
  }

  /** Index of the byte after the line feed, once that has come; then nothing is read until `begin` or `go`. */
  read(bytes: Uint8Array): number | null {
    const feedAt = bytes.indexOf(LINE_FEED);
    const part = bytes.subarray(0, feedAt < 0 ? bytes.length : feedAt);
    this.#line.push(...part.subarray(0, LINE_MAX_BYTES - this.#line.length));
    if (feedAt < 0) return null;
    const seen = visible(this.#line);
    this.#wasTyped = !seen.endsWith("^C") && (this.#wasTyped || seen.trim() !== "");
    this.end();
    return feedAt + 1;
  }
}

/** What a line shows in the end, with what was erased or written over. */
function visible(line: readonly number[]): string {
  const shown: string[] = [];
  let column = 0;
  for (const [token, count, final] of Buffer.from(line).toString("latin1").matchAll(TOKEN)) {
    if (final === "J" || final === "K") shown.length = Math.min(shown.length, column);
    else if (token === "\b" || final === "D") column = Math.max(0, column - Number(count || 1));
    else if (final === "C") column = Math.min(LINE_MAX_BYTES, column + Number(count || 1));
    else if (token === "\r") column = 0;
    else if (token >= " ") shown[column++] = token;
  }
  return Array.from(shown, (character) => character ?? " ").join("");
}
