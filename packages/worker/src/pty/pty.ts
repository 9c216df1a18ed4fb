// The seam between a session and its terminal: what a terminal can do, and how one with a program in it comes to be.
// Everything is checked before a process is made; a refusal leaves none behind. Knows no session.
import { closeSync } from "node:fs";
import type { BirthRecord } from "./birth-record.ts";
import { closeInheritedOnExec } from "./close-on-exec.ts";
import { forkProgram } from "./forked-program.ts";
import { libC } from "./libc.ts";
import { type ProcessIdentity, readBootId } from "./processes.ts";
import type { StartedProgram } from "./program-start.ts";
import { ProgramStarter } from "./program-starter.ts";
import { Reaper } from "./reaper.ts";
import type { StartScript } from "./start-scripts.ts";
import { type PtyExit, ptyExit, Terminal } from "./terminal.ts";

export type { PtyExit } from "./terminal.ts";

export interface PtySpec {
  /** Program and arguments; a name without `/` is looked up in `env.PATH`. */
  readonly argv: readonly string[];
  /** Absolute. The program also gets it as PWD. */
  readonly cwd: string;
  /** All of its environment; nothing is added but PWD. */
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Written before the program is started, and once it is; a session without one leaves no trace. */
  readonly record?: BirthRecord | undefined;
  /** Written before the program is started; whoever has them written takes them away. */
  readonly scripts?: readonly StartScript[];
  /** `bytes` are valid during the call only: the buffer is shared by all terminals. Never called before `spawnPty` resolved. */
  onData(bytes: Buffer): void;
  /** Called once, after the last byte, when the leader has ended; also if children of it live on. */
  onExit(exit: PtyExit): void;
}

/** A terminal and the program that leads its session. The identity is that of the program. */
export interface Pty extends ProcessIdentity {
  /** False: it ended (status 1 or a signal) before it could be seen whether it was ever executed. */
  readonly isExecConfirmed: boolean;
  /** Path of the slave side, such as `/dev/pts/7`. */
  readonly slavePath: string;
  /** The slave side held open, for asking the kernel (termios, FIONREAD); null once the program is gone. Not for reading. */
  readonly heldSlaveFd: number | null;
  /**
   * Resolves when the kernel took all bytes, in the order of calls. Rejects with `input_send_failed {written}` when the
   * terminal ended or took longer than 5 s: `written` bytes are in it then, the others never will be.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** As `write`, but before this returns: what the kernel does not take in this step never follows. */
  writeNow(bytes: Uint8Array): Promise<void>;
  /** Nothing happens once the program is gone. */
  resize(size: { readonly cols: number; readonly rows: number }): void;
  /** Stops reading; the program blocks when the kernel's buffer (≈ 12 KiB) is full. Void once the program is gone. */
  pause(): void;
  resume(): void;
}

/**
 * Starts a program on a terminal of its own. Rejects, with no process left, with `invalid_request {field: "cwd"}` or
 * `session_create_failed {step, reason}`; steps are `program`, `record`, `scripts`, `terminal` and `exec`.
 */
export async function spawnPty(spec: PtySpec): Promise<Pty> {
  const { argv, cwd, cols, rows, record, scripts, onData, onExit } = spec;
  const program = { argv, cwd, cols, rows, record, scripts, env: { ...spec.env, PWD: cwd } };
  const leader = spawned(await terminals().starter.start(program)) ?? (await forkProgram(program));
  const { masterFd, heldSlaveFd } = leader;
  const terminal = new Terminal({ masterFd, heldSlaveFd, onData, onExit });
  void leader.reaped.then((exit) => terminal.leaderGone(exit));
  // The caller has what it needs before the first callback.
  setImmediate(() => terminal.start());
  return ptyOf(leader, terminal);
}

/** Has what the first session of this process would wait for made ready. */
export function warmPty(): void {
  terminals().starter.warm();
}

interface Leader extends StartedProgram {
  readonly isExecConfirmed: boolean;
  readonly reaped: Promise<PtyExit>;
}

interface Terminals {
  readonly starter: ProgramStarter;
  readonly reaper: Reaper | null;
}

let made: Terminals | null = null;

function terminals(): Terminals {
  made ??= makeTerminals();
  return made;
}

function makeTerminals(): Terminals {
  closeInheritedOnExec();
  const calls = libC();
  const thread = new URL("./start-thread.ts", import.meta.url);
  return { starter: new ProgramStarter({ thread, onUnwanted: end }), reaper: calls && new Reaper(calls) };
}

function spawned(program: StartedProgram | null): Leader | null {
  return program && { ...program, isExecConfirmed: true, reaped: whenReaped(program.pid) };
}

function whenReaped(pid: number): Promise<PtyExit> {
  return new Promise((resolve) => {
    terminals().reaper?.watch(pid, (code, signal) => resolve(ptyExit(code, signal)));
  });
}

function end({ pid, heldSlaveFd, masterFd }: StartedProgram): void {
  process.kill(pid, "SIGKILL");
  closeSync(heldSlaveFd);
  closeSync(masterFd);
  void whenReaped(pid);
}

function ptyOf({ pid, startTime, slavePath, isExecConfirmed }: Leader, terminal: Terminal): Pty {
  return {
    pid,
    startTime,
    bootId: process.platform === "linux" ? readBootId() : "",
    isExecConfirmed,
    slavePath,
    get heldSlaveFd() {
      return terminal.heldSlaveFd;
    },
    write: (bytes) => terminal.write(bytes),
    writeNow: (bytes) => terminal.writeNow(bytes),
    resize: (size) => terminal.resize(size),
    pause: () => terminal.pause(),
    resume: () => terminal.resume(),
  };
}
