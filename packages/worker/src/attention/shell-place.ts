// Follows where a session's shell is by its marks: at a prompt, in a command, or asking for the rest of one. Decides when the
// kernel is to be asked whether it agrees. Knows no kernel and no clock.
import type { Commands, CommandsOptions } from "../marks/commands.ts";
import type { Found } from "../marks/mark-scanner.ts";
import { SessionMarks } from "../marks/session-marks.ts";
import type { Nonces } from "../session/nonces.ts";
import { Echoes } from "./echoes.ts";

/** `off`: the shell makes no marks, or none yet. */
export type Place = "off" | "prompt" | "command" | "continuation";

export class ShellPlace {
  readonly #marks: SessionMarks;
  /** What is typed at its prompts. */
  readonly echoes = new Echoes();
  /** Offset after the newest prompt; null: there has been none. */
  #inputAt: number | null = null;
  #typedAt = -1;
  #isPrompted = false;
  /** Of the program that made the marks. */
  #fingerprint: string | null = null;
  #isLeft = false;

  constructor(nonces: Nonces, options: CommandsOptions) {
    this.#marks = new SessionMarks(nonces, options);
  }

  get commands(): Commands {
    return this.#marks.commands;
  }

  /** Whether the shell makes marks, and is there still. */
  get isActive(): boolean {
    return this.#marks.isActive && !this.#isLeft;
  }

  get place(): Place {
    if (!this.isActive) return "off";
    const { state, open } = this.commands;
    if (state === "continuation") return "continuation";
    return open === null && state === "at_prompt" ? "prompt" : state === "none" ? "off" : "command";
  }

  /** A prompt is whole, and nobody has seen the shell read behind it. */
  get awaitsKernel(): boolean {
    return this.#isPrompted;
  }

  get inputAt(): number | null {
    return this.#inputAt;
  }

  /** Whether anything was typed since the newest prompt. */
  get isTypedSince(): boolean {
    return this.#inputAt !== null && this.#typedAt >= this.#inputAt;
  }

  /** Whether what was printed there was printed while a command had the shell. */
  isOfCommand(offset: number): boolean {
    if (!this.isActive) return false;
    const { open } = this.commands;
    if (open && offset >= open.from) return true;
    const [ended] = this.commands.endedAfter(offset);
    return ended !== undefined && ended.from <= offset;
  }

  read(bytes: Uint8Array, offset: number, nowMs: number): readonly Found[] {
    const found = this.#marks.read(bytes, offset, nowMs);
    for (const one of found) {
      if (one.type !== "mark") continue;
      const { kind, from, to } = one.mark;
      // The last that a shell printed may be read after another program has been seen in its place.
      if (kind === "prompt" || kind === "input") this.#isLeft = false;
      if (kind === "prompt" || kind === "end") this.echoes.end(from);
      if (kind === "input" || kind === "continuation") this.#prompted(to);
      if (kind === "command") this.#isPrompted = false;
    }
    if (this.#isLeft) this.commands.forget(offset + bytes.byteLength, nowMs);
    const { open } = this.commands;
    if (open && this.echoes.isOpen) this.echoes.end(open.from);
    return found;
  }

  /** When so much had been printed. */
  typed(offset: number): void {
    this.#typedAt = offset;
    if (this.place === "prompt" || this.place === "continuation") this.echoes.begin(offset);
  }

  /** The kernel has seen the shell read. */
  agree(): void {
    this.#isPrompted = false;
    this.commands.agree();
  }

  /** Which program leads the session now: marks of one that is gone (exec) say nothing of another. */
  led(fingerprint: string, offset: number, nowMs: number): void {
    const isOther = this.isActive && this.#fingerprint !== null && this.#fingerprint !== fingerprint;
    this.#fingerprint = fingerprint;
    if (!isOther) return;
    this.#isLeft = true;
    this.#isPrompted = false;
    this.#inputAt = null;
    this.echoes.end(offset);
    this.commands.forget(offset, nowMs);
  }

  #prompted(at: number): void {
    this.#inputAt = at;
    this.#isPrompted = true;
  }
}
