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
import { halfTyped, occupied } from "./busy.ts";
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
  readonly id: string;
  readonly typedAt: Position;
  readonly atMs: number;
  /** Null: the shell's marks tell. */
  readonly sentinel: SentinelWatch | null;
  /** It is over, and nothing says how it ended: given up before it began, or the shell is at its prompt again. */
  lost: { readonly to: number; readonly atMs: number } | null;
  endedAtMs: number | null;
}

/** A shell without marks that is at its prompt, and has printed nothing for so long, has ended a command that never said so. */
export const LOST_AFTER_MS = 1_000;

/** Remembered per session (public limits). */
const RUNS_MAX = 1000;

export class Runs {
  readonly #session: Session;
  readonly #typed = new Map<string, Typed>();
  /** The newest. */
  #current: Typed | null = null;

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
    this.#remember({ id, typedAt, atMs: performance.now(), sentinel, lost: null, endedAtMs: null });
    return { bytes, id };
  }

  /** Throws `command_not_found`. */
  state(id: string): RunState {
    const typed = this.#typed.get(id);
    const known = typed?.sentinel ? this.#bySentinel(typed, typed.sentinel) : this.#byMarks(id, typed);
    if (known) return known;
    throw commandNotFound(id);
  }

  /** The shell is at a prompt: a command that it was given and has not begun was given up there. */
  atPrompt(): void {
    const typed = this.#current;
    if (!typed || typed.sentinel || this.#isOver(typed) || this.#session.shell.commands.open) return;
    this.#session.shell.commands.expect(null);
    typed.lost = { to: typed.typedAt.offset, atMs: performance.now() };
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
    if (marked) return this.ended(marked.id);
    if (!this.#current?.sentinel) return null;
    const { id, to } = this.state(this.#current.id);
    return to !== null && to >= offset ? this.ended(id) : null;
  }

  #byMarks(id: string, typed: Typed | undefined): RunState | null {
    const { commands } = this.#session.shell;
    const ended = commands.get(id);
    const open = commands.open?.id === id ? commands.open : null;
    const typedAt = typed?.typedAt ?? { generation: 0, offset: ended?.from ?? open?.from ?? 0 };
    if (ended) {
      const { from, to, exit_code: exitCode, duration_ms: durationMs, cwd } = ended;
      // Its shell went without a word (exec).
      const confidence = exitCode === null ? "strong" : "exact";
      return { id, from, to, exitCode, durationMs, cwd, confidence, typedAt };
    }
    if (!open && !typed) return null;
    const sinceMs = open?.startedAtMs ?? typed?.atMs ?? 0;
    const durationMs = Math.round((typed?.lost?.atMs ?? performance.now()) - sinceMs);
    const common = { id, exitCode: null, durationMs, cwd: null, typedAt };
    return { ...common, from: open?.from ?? typedAt.offset, to: typed?.lost?.to ?? null, confidence: "exact" };
  }

  #bySentinel(typed: Typed, sentinel: SentinelWatch): RunState {
    const { id, typedAt, atMs } = typed;
    const { from, to, exitCode } = sentinel.look(this.#session.ring);
    if (to === null && this.#isBackAtPrompt(typed)) {
      typed.lost ??= { to: this.#session.ring.end, atMs: performance.now() };
    }
    if (to !== null) typed.endedAtMs ??= performance.now();
    const durationMs = Math.round((typed.endedAtMs ?? typed.lost?.atMs ?? performance.now()) - atMs);
    const confidence = to === null && typed.lost ? "heuristic" : "strong";
    const common = { id, exitCode, durationMs, cwd: null, confidence, typedAt } as const;
    return { ...common, from: from ?? typedAt.offset, to: to ?? typed.lost?.to ?? null };
  }

  /** An interrupt ends the whole line in which the command was typed, and what it would have said with it. */
  #isBackAtPrompt({ typedAt }: Typed): boolean {
    const { attention } = this.#session;
    const { attention: is, generation } = attention.current;
    return is === "ready" && generation > typedAt.generation && this.#session.quietMs() >= LOST_AFTER_MS;
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
    const isAtWork = this.#current !== null && !this.#isOver(this.#current);
    if (attention.current.attention !== "ready" || isAtWork) {
      const own = isAtWork ? (this.#current?.id ?? null) : null;
      throw occupied(this.#session, shell.commands.open?.id ?? own);
    }
    if (shell.isActive && !isPromptClean(this.#session)) throw halfTyped(this.#session);
  }

  #isOver({ id }: Typed): boolean {
    return this.state(id).to !== null;
  }

  #remember(typed: Typed): void {
    this.#typed.set(typed.id, typed);
    this.#current = typed;
    const [oldest] = this.#typed.keys();
    if (this.#typed.size > RUNS_MAX) this.#typed.delete(oldest as string);
  }
}

export function commandNotFound(id: string): FleettyError {
  return new FleettyError("command_not_found", `command ${id} is not known to this session; it may be long ago`);
}
