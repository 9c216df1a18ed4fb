// Reads the echo of what is typed at a prompt of a shell that does not say when a command begins, and decides whether the
// line, when it ends, has something on it: Enter on an empty line runs nothing, and neither does a line that Ctrl-C gave
// up (the kernel shows ^C, and the shell ends the line). Knows lines of a terminal, no marks.

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BACKSPACE = 0x08;
const SPACE = 0x20;
const ESC = 0x1b;
/** More of a line than this says nothing new about whether it is empty. */
const LINE_MAX_BYTES = 4096;
/** CSI with its parameters, or a two-byte sequence. */
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[^[])/g;

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

/** What a line shows in the end, with what backspaces and returns overwrote. */
function visible(line: readonly number[]): string {
  const shown: number[] = [];
  let column = 0;
  for (const byte of Buffer.from(line).toString("latin1").replace(SEQUENCE, "")) {
    const code = byte.charCodeAt(0);
    if (code === BACKSPACE) column = Math.max(0, column - 1);
    else if (code === CARRIAGE_RETURN) column = 0;
    else if (code >= SPACE && code !== ESC) shown[column++] = code;
  }
  return String.fromCharCode(...Array.from(shown, (code) => code ?? SPACE));
}
