// Decides what is typed into a shell that makes no marks so that it says itself where a command's output begins, where it
// ends and with which code; and finds that in what was printed. What is said so is told from the echo of what was typed by the
// escape character, which the typed text only describes. Pure.
//
// The command is one argument of eval: no prompt comes between, whatever lines it has, and its own `exit`, `cd` and variables
// mean what they always do. A syntax error in it ends some shells' line, so that its end is never said.

/** Shells that understand the line, each in its way. */
const POSIX = ["bash", "zsh", "dash", "sh", "ash", "busybox", "ksh", "ksh93", "mksh", "yash"];

/** Whether a shell can be given such a line. */
export function takesSentinel(shell: string): boolean {
  return shell === "fish" || POSIX.includes(shell);
}

/** The escape sequence is an OSC 133 of no shell: terminals leave it out. `word` is random, so that nothing else prints it. */
const BEGIN = (word: string) => `\x1b]133;run=${word};begin\x07`;
const END = (word: string) => `\x1b]133;run=${word};end;`;
/** A code of up to three digits and the BEL. */
const CODE_MAX_BYTES = 8;

/** The line to type, without Enter. The blank before it keeps it out of histories that leave such lines out. */
export function sentinelLine(command: string, { word, shell }: { word: string; shell: string }): string {
  const print = (text: string, value = "") => `printf '\\033]133;run=${word};${text}\\007'${value}`;
  const status = shell === "fish" ? " $status" : ' "$?"';
  return ` ${print("begin")}; eval ${quoted(command, shell)}; ${print("end;%s", status)}`;
}

/** POSIX: nothing means anything between single quotes. fish: a backslash does, before a quote or another one. */
function quoted(text: string, shell: string): string {
  if (shell === "fish") return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface SentinelSight {
  /** Offset of the first byte of output; null: not begun. */
  readonly from: number | null;
  /** Offset after the last byte of output; null: not ended. */
  readonly to: number | null;
  readonly exitCode: number | null;
}

/** What is newest of the output, by offset. */
interface Output {
  readonly end: number;
  readonly oldest: number;
  read(from: number, maxBytes: number): Uint8Array | null;
}

/** Goes through the output once, from where the line was typed. */
export class SentinelWatch {
  readonly #begin: Buffer;
  readonly #end: Buffer;
  #at: number;
  #sight: SentinelSight = { from: null, to: null, exitCode: null };

  constructor(word: string, from: number) {
    this.#begin = Buffer.from(BEGIN(word), "latin1");
    this.#end = Buffer.from(END(word), "latin1");
    this.#at = from;
  }

  look(output: Output): SentinelSight {
    while (this.#sight.to === null && this.#step(output));
    return this.#sight;
  }

  /** Returns whether there may be more to find. What is gone has been printed without an end in it, or was never seen. */
  #step(output: Output): boolean {
    this.#at = Math.max(this.#at, output.oldest);
    const wanted = this.#sight.from === null ? this.#begin : this.#end;
    const bytes = piece(output, this.#at);
    const index = bytes.indexOf(wanted);
    if (index < 0) {
      this.#at += Math.max(0, bytes.byteLength - wanted.byteLength + 1);
      return false;
    }
    const after = index + wanted.byteLength;
    if (wanted === this.#begin) {
      this.#sight = { ...this.#sight, from: this.#at + after };
      this.#at += after;
      return true;
    }
    const code = /^(\d{1,5})\x07/.exec(bytes.toString("latin1", after, after + CODE_MAX_BYTES));
    if (code) this.#sight = { ...this.#sight, to: this.#at + index, exitCode: Number(code[1]) };
    else this.#at += index;
    return false;
  }
}

/** All from `from` on, in one piece. */
function piece(output: Output, from: number): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = from; at < output.end; ) {
    const part = output.read(at, output.end - at);
    if (part === null || part.byteLength === 0) break;
    parts.push(part);
    at += part.byteLength;
  }
  return Buffer.concat(parts);
}
