// Holds what one session's marks have told so far: reads its output once, and hands each mark and the output between
// marks to its commands in their order. Knows neither kernel nor clock; the caller brings both.
import type { Nonces } from "../session/nonces.ts";
import { Commands, type CommandsOptions } from "./commands.ts";
import { type Found, MarkScanner } from "./mark-scanner.ts";

export class SessionMarks {
  readonly commands: Commands;
  readonly #scanner: MarkScanner;
  #genuine = 0;

  constructor(nonces: Nonces, options: CommandsOptions) {
    this.#scanner = new MarkScanner(nonces);
    this.commands = new Commands(options);
  }

  /** Whether a genuine mark has come: the shell has read its integration. */
  get isActive(): boolean {
    return this.#genuine > 0;
  }

  /** Takes output as it comes, in order; returns what is in it. */
  read(bytes: Uint8Array, offset: number, nowMs: number): readonly Found[] {
    const found = this.#scanner.feed(bytes, offset);
    let at = offset;
    for (const one of found) {
      if (one.type !== "mark") continue;
      this.#printed(bytes, offset, { from: at, to: one.mark.from }, nowMs);
      this.commands.mark(one.mark, nowMs);
      this.#genuine += 1;
      at = one.mark.to;
    }
    this.#printed(bytes, offset, { from: at, to: offset + bytes.length }, nowMs);
    return found;
  }

  /** Line by line: each may begin a command, or the next line. */
  #printed(bytes: Uint8Array, offset: number, range: { from: number; to: number }, nowMs: number): void {
    let from = Math.max(range.from, offset);
    while (this.commands.readsLines && from < range.to) {
      const piece = bytes.subarray(from - offset, range.to - offset);
      const lineEnd = piece.indexOf(0x0a);
      const line = lineEnd < 0 ? piece : piece.subarray(0, lineEnd + 1);
      this.commands.printed(line, from, nowMs);
      from += line.length;
    }
  }
}
