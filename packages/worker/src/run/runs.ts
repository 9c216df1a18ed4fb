// Runs commands in the session's shell for those who ask by request: types each once it is at its prompt, and knows of each
// whether it runs still, where its output begins and ends, and what it gave. By the shell's marks; where it makes none, by
// what it is made to print around the command. One at a time has the shell.
import { randomBytes } from "node:crypto";
import { FleettyError } from "@fleetty/protocol/errors";
import { makeId } from "@fleetty/protocol/ids";
import type { Position } from "@fleetty/protocol/schemas/common";
import type { Certainty } from "../attention/verdict.ts";
import { encodePaste } from "../keys/encode-paste.ts";
import { lineModeOf } from "../pty/line-mode.ts";
import { isPromptClean, shellOf } from "../session/prompt.ts";
import type { Session } from "../session/session.ts";
import { SentinelWatch, sentinelLine, takesSentinel } from "./sentinel.ts";

/** A command as it is known now. */
export interface RunState {
  readonly id: string;
  /** Offset of the first byte of output; where the command was typed, as long as it has not begun. */
  readonly from: number;
  /** Offset after the last byte of output; null while it runs. */
  readonly to: number | null;
  readonly exitCode: number | null;
  readonly durationMs: number;
  readonly cwd: string | null;
  readonly confidence: Certainty;
  /** Where it was typed; what it asks for comes after that. */
  readonly typedAt: Position;
}

interface Typed {
  readonly typedAt: Position;
  readonly atMs: number;
  /** Null: the shell's marks tell. */
  readonly sentinel: SentinelWatch | null;
  endedAtMs: number | null;
}

/** Remembered per session (public limits). */
const RUNS_MAX = 1000;

export class Runs {
  readonly #session: Session;
  readonly #typed = new Map<string, Typed>();
  /** The newest, until it is known to have ended. */
  #current: string | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Throws `session_exited` and `not_a_shell`. */
  requireShell(): void {
    this.#session.running();
    this.#shell();
  }

  /** What is to be typed for a command. Throws `session_busy`, `not_a_shell` or `line_too_long`. */
  begin(command: string): { bytes: Uint8Array; id: string } {
    const { shell: place } = this.#session;
    const shell = this.#shell();
    this.#requireFree();
    const id = makeId("cmd");
    const isMarked = place.isActive;
    const word = randomBytes(8).toString("hex");
    const line = isMarked ? command : sentinelLine(command, { word, shell });
    const modes = this.#session.caughtUp().modes();
    const { bytes } = encodePaste(
      { text: line, enter: true },
      { ...modes, line: lineModeOf(this.#session.running().heldSlaveFd) },
    );
    const typedAt = this.#session.position();
    const sentinel = isMarked ? null : new SentinelWatch(word, typedAt.offset);
    if (isMarked) place.commands.expect(id, command);
    this.#remember(id, { typedAt, atMs: performance.now(), sentinel, endedAtMs: null });
    return { bytes, id };
  }

  /** Throws `command_not_found`. */
  state(id: string): RunState {
    const typed = this.#typed.get(id);
    const marked = typed?.sentinel ? null : this.#marked(id, typed);
    if (marked) return marked;
    if (!typed?.sentinel) throw commandNotFound(id);
    const { from, to, exitCode } = typed.sentinel.look(this.#session.ring);
    if (to !== null) typed.endedAtMs ??= performance.now();
    const { typedAt, atMs, endedAtMs } = typed;
    const durationMs = Math.round((endedAtMs ?? performance.now()) - atMs);
    return { id, from: from ?? typedAt.offset, to, exitCode, durationMs, cwd: null, confidence: "strong", typedAt };
  }

  /** The shell is at a prompt: a command that it was given and has not begun was given up there. */
  atPrompt(): void {
    const id = this.#current;
    const typed = id === null ? undefined : this.#typed.get(id);
    if (id === null || !typed || typed.sentinel || this.#marked(id, typed)?.to !== null) return;
    if (this.#session.shell.commands.open !== null) return;
    this.#session.shell.commands.expect(null);
    typed.endedAtMs ??= performance.now();
  }

  /** Where its output lies; up to now, while it runs. Throws `command_not_found`. */
  range(id: string): { from: number; to: number } {
    const { from, to } = this.state(id);
    return { from, to: to ?? this.#session.ring.end };
  }

  /** Throws `command_not_found`. */
  ended(id: string): { id: string; exit_code: number | null; confidence: Certainty } | null {
    const { to, exitCode, confidence } = this.state(id);
    return to === null ? null : { id, exit_code: exitCode, confidence };
  }

  /** The first command that ended at or after that offset; null: none that is remembered. */
  endedSince(offset: number): { id: string; exit_code: number | null; confidence: Certainty } | null {
    const [marked] = this.#session.shell.commands.endedAfter(offset);
    if (marked) return { id: marked.id, exit_code: marked.exit_code, confidence: "exact" };
    const run = this.#current === null ? undefined : this.#typed.get(this.#current);
    if (this.#current === null || !run?.sentinel) return null;
    const { to } = run.sentinel.look(this.#session.ring);
    return to !== null && to >= offset ? this.ended(this.#current) : null;
  }

  #marked(id: string, typed: Typed | undefined): RunState | null {
    const { open, ...commands } = {
      open: this.#session.shell.commands.open,
      ended: this.#session.shell.commands.get(id),
    };
    const common = { id, confidence: "exact" as const };
    const beganAt = (from: number) => typed?.typedAt ?? { generation: 0, offset: from };
    if (commands.ended) {
      const { from, to, exit_code: exitCode, duration_ms: durationMs, cwd } = commands.ended;
      return { ...common, from, to, exitCode, durationMs, cwd, typedAt: beganAt(from) };
    }
    const runs = { ...common, to: null, exitCode: null, cwd: null };
    if (open?.id === id) {
      const durationMs = Math.round(performance.now() - open.startedAtMs);
      return { ...runs, from: open.from, durationMs, typedAt: beganAt(open.from) };
    }
    if (!typed) return null;
    const durationMs = Math.round((typed.endedAtMs ?? performance.now()) - typed.atMs);
    const from = typed.typedAt.offset;
    return { ...runs, from, to: typed.endedAtMs === null ? null : from, durationMs, typedAt: typed.typedAt };
  }

  #shell(): string {
    const { attention, shell: place } = this.#session;
    // What it was at the last look it may be no more.
    if (!place.isActive || !attention.leader) attention.look();
    const shell = shellOf(this.#session);
    if (shell && (place.isActive || takesSentinel(shell))) return shell;
    const message = "the program of this session is no shell that is known; type with input, and wait";
    throw new FleettyError("not_a_shell", message);
  }

  #requireFree(): void {
    const { attention, shell } = this.#session;
    const isBusy = attention.current.attention !== "ready" || (this.#current !== null && !this.#isOver(this.#current));
    if (isBusy) throw this.#busy("another command has the shell; wait until it is ready, or resume that one");
    if (shell.isActive && !isPromptClean(this.#session))
      throw this.#busy("something has been typed at the prompt and not entered; look at the screen");
  }

  #isOver(id: string): boolean {
    return this.state(id).to !== null;
  }

  #busy(message: string): FleettyError {
    const { attention } = this.#session;
    return new FleettyError("session_busy", message, { attention: attention.current.attention });
  }

  #remember(id: string, typed: Typed): void {
    this.#typed.set(id, typed);
    this.#current = id;
    const [oldest] = this.#typed.keys();
    if (this.#typed.size > RUNS_MAX) this.#typed.delete(oldest as string);
  }
}

export function commandNotFound(id: string): FleettyError {
  return new FleettyError("command_not_found", `command ${id} is not known to this session; it may be long ago`);
}
