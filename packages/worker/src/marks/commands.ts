// Holds the commands of one session, as genuine marks tell them: the open one, and the last thousand that have ended.
// Pure: the caller brings time and positions, and says when the kernel agrees that the shell reads its terminal again.
//
//   none ──B──► at_prompt ──C──► command ──D──► pending_end ──B, agree──► at_prompt
//               │      ▲          ▲                 │   └──B, C──► command: another one, typed before its prompt was there
//               P      B          └────────C────────┘    the end was false: a shell's hooks ran in the middle of the command
//               ▼      │
//             continuation ──C──► command                forget: ──► none
//
// A shell without a hook before commands (`sh`) prints no C. There a command begins after the line feed that ends a line
// on which something was typed.
import { makeId } from "@fleetty/protocol/ids";
import type { Mark } from "./mark.ts";
import { TypedLine } from "./typed-line.ts";

/** So many are found by id and offset; whoever asks for an older one hears that there is none. */
const KEPT_MAX = 1000;
/** Nobody types more lines ahead; output has more, and is not to be counted for ever. */
const AHEAD_MAX = 1000;
const LINE_FEED = 0x0a;

export type CommandState = "none" | "at_prompt" | "command" | "pending_end" | "continuation";

export interface OpenCommand {
  readonly id: string;
  /** As typed; null where nobody said. */
  readonly text: string | null;
  /** Offset of the first byte of its output. */
  readonly from: number;
  readonly startedAtMs: number;
}

export interface EndedCommand {
  readonly id: string;
  readonly text: string | null;
  readonly from: number;
  /** Offset of the byte after its output. */
  readonly to: number;
  /** Null: the shell did not say, or is gone. */
  readonly exit_code: number | null;
  readonly duration_ms: number;
  /** The folder of the shell after it; null where no prompt said. */
  readonly cwd: string | null;
}

/** A command that has begun or ended, as it is told. */
export type CommandNews =
  | { readonly phase: "started"; readonly id: string; readonly from: number }
  | { readonly phase: "ended"; readonly command: EndedCommand };

interface PendingEnd {
  readonly to: number;
  readonly exitCode: number | null;
  readonly atMs: number;
  /** Whether the prompt after it is whole. */
  readonly isPrompted: boolean;
}

interface Expected {
  readonly id: string;
  readonly text: string | null;
}

export interface CommandsOptions {
  /** False: the shell says when commands end, not when they begin. It is believed to be wrong when a C comes after all. */
  readonly hasCommandMarks: boolean;
  /** Where the output within these offsets ends, without what the shell itself adds to it (output-end.ts); absent: there. */
  readonly outputEnd?: (from: number, to: number) => number;
}

export class Commands {
  readonly #ended = new Map<string, EndedCommand>();
  readonly #line = new TypedLine();
  #untold: CommandNews[] = [];
  /** Of the newest command that was told to have begun. */
  #begunId: string | null = null;
  readonly #outputEnd: NonNullable<CommandsOptions["outputEnd"]>;
  #hasCommandMarks: boolean;
  #state: CommandState = "none";
  #open: OpenCommand | null = null;
  #pending: PendingEnd | null = null;
  #expected: Expected | null = null;
  /** What a command was that turned out to be unfinished; its rest, or the next prompt, decides. */
  #unfinished: Expected | null = null;
  #last: EndedCommand | null = null;
  #cwd: string | null = null;
  /**
   * Lines that came after the one that seemed to be the whole command. If the shell asks for the rest then, nothing has
   * run, so they are the echo of a rest that was typed ahead.
   */
  #ahead = 0;

  constructor(options: CommandsOptions) {
    this.#hasCommandMarks = options.hasCommandMarks;
    this.#outputEnd = options.outputEnd ?? ((_, to) => to);
  }

  get state(): CommandState {
    return this.#state;
  }

  /** The command that runs, or whose end is not yet believed. */
  get open(): OpenCommand | null {
    return this.#open;
  }

  /** The folder at the last prompt; null where that did not say. */
  get cwd(): string | null {
    return this.#cwd;
  }

  get last(): EndedCommand | null {
    return this.#last;
  }

  /** Whether an end, and a whole prompt after it, wait for `agree`. */
  get awaitsAgreement(): boolean {
    return this.#pending?.isPrompted ?? false;
  }

  /** Whether `printed` wants to see what is printed now. */
  get readsLines(): boolean {
    if (this.#hasCommandMarks) return false;
    return this.#line.isRead || (this.#state === "command" && this.#ahead < AHEAD_MAX);
  }

  get(id: string): EndedCommand | null {
    return this.#ended.get(id) ?? null;
  }

  /** Oldest first: those whose output ended at this offset or later. */
  endedAfter(offset: number): EndedCommand[] {
    return [...this.#ended.values()].filter(({ to }) => to >= offset);
  }

  /** Whoever types a command says which id, and text, the next one to begin has; null takes that back. */
  expect(id: string | null, text: string | null = null): void {
    this.#expected = id === null ? null : { id, text };
  }

  mark(mark: Mark, nowMs: number): void {
    if (mark.kind === "prompt") this.#cwd = mark.cwd ?? null;
    else if (mark.kind === "input") this.#prompted();
    else if (mark.kind === "command") this.#begin(mark, nowMs);
    else if (mark.kind === "end") this.#end(mark, nowMs);
    else this.#continue(mark);
  }

  /** Output between marks, at most a line at once; needed while `readsLines`. */
  printed(bytes: Uint8Array, offset: number, nowMs: number): void {
    if (!this.readsLines) return;
    if (!this.#line.isRead) {
      this.#ahead += bytes.includes(LINE_FEED) ? 1 : 0;
      return;
    }
    const lineEnd = this.#line.read(bytes);
    if (lineEnd === null) return;
    if (this.#line.isTyped) this.#start(offset + lineEnd, null, nowMs);
    else this.#line.begin();
  }

  /** The kernel has seen the shell read its terminal: a pending end is one. */
  agree(): void {
    if (!this.awaitsAgreement) return;
    this.#state = "at_prompt";
    this.#close();
  }

  /** What has begun and ended since this was asked last, in order. One that begins again after all is told once. */
  takeNews(): readonly CommandNews[] {
    return this.#untold.splice(0);
  }

  /** The shell is gone, or another program in its place: what is open ends, with what is known of its end. */
  forget(offset: number, nowMs: number): void {
    this.#state = "none";
    this.#expected = null;
    this.#line.end();
    this.#pending ??= { to: offset, exitCode: null, atMs: nowMs, isPrompted: false };
    this.#close();
  }

  #prompted(): void {
    if (this.#pending) this.#pending = { ...this.#pending, isPrompted: true };
    else if (this.#state !== "command") this.#state = "at_prompt";
    if (this.#state !== "command") this.#line.begin();
    this.#ahead = 0;
    this.#unfinished = null;
  }

  #begin(mark: Mark, nowMs: number): void {
    if (!this.#hasCommandMarks && !this.#pending) {
      // Begun by its line: the mark knows better.
      this.#open = this.#open && { ...this.#open, from: mark.to };
    }
    this.#hasCommandMarks = true;
    this.#start(mark.to, mark.text ?? null, nowMs);
  }

  #start(from: number, text: string | null, nowMs: number): void {
    this.#line.end();
    this.#state = "command";
    // A shell that has shown its prompt and reads the next command has ended the one before.
    if (this.awaitsAgreement) this.#close();
    this.#pending = null;
    if (this.#open) return;
    const expected = this.#unfinished ?? this.#expected;
    if (!this.#unfinished) this.#expected = null;
    this.#unfinished = null;
    const id = expected?.id ?? makeId("cmd");
    this.#open = { id, text: text ?? expected?.text ?? null, from, startedAtMs: nowMs };
    if (this.#begunId !== id) this.#untold.push({ phase: "started", id, from });
    this.#begunId = id;
  }

  #end(mark: Mark, nowMs: number): void {
    this.#line.end();
    if (!this.#open) return;
    this.#state = "pending_end";
    this.#pending = { to: mark.from, exitCode: mark.exitCode ?? null, atMs: nowMs, isPrompted: false };
  }

  #continue(mark: Mark): void {
    if (this.#pending) return;
    if (this.#hasCommandMarks && this.#state === "command") return;
    if (this.#open && this.#ahead > 0) {
      this.#ahead -= 1;
      this.#open = { ...this.#open, from: mark.to };
      return;
    }
    this.#takeBack();
    this.#state = "continuation";
    this.#line.go();
  }

  /** The line was not the whole command: it begins after a later one. */
  #takeBack(): void {
    const open = this.#open;
    if (open) this.#unfinished = { id: open.id, text: open.text };
    this.#open = null;
  }

  #close(): void {
    const open = this.#open;
    const pending = this.#pending;
    this.#open = null;
    this.#pending = null;
    if (!open || !pending) return;
    const { id, text, from, startedAtMs } = open;
    const duration_ms = Math.max(0, Math.round(pending.atMs - startedAtMs));
    const to = this.#outputEnd(from, Math.max(from, pending.to));
    const ended = { id, text, from, to, exit_code: pending.exitCode, duration_ms, cwd: this.#cwd };
    this.#keep(ended);
    this.#untold.push({ phase: "ended", command: ended });
  }

  #keep(ended: EndedCommand): void {
    this.#last = ended;
    this.#ended.set(ended.id, ended);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > KEPT_MAX) this.#ended.delete(oldest as string);
  }
}
