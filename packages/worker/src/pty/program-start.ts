// Starts a program on a terminal of its own by posix_spawn(3): the child borrows this process's memory until it executes
// the program, so nothing is copied however large a session host is, and the kernel's refusal is an answer and not a
// guess. Blocks until then: it runs in the start thread. Leaves no process and no descriptor behind when it throws.
import { closeSync, constants as fsConstants, openSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { FleettyError } from "@fleetty/protocol/errors";
import type { BirthRecord } from "./birth-record.ts";
import { type LibC, memory, OPAQUE_BYTES, stringVector } from "./libc.ts";
import { preferForOomKill, readStat } from "./processes.ts";
import type { StartScript } from "./start-scripts.ts";

export interface ProgramSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Written before the program is started, and once it is. */
  readonly record?: BirthRecord | undefined;
  /** Written before the program is started. */
  readonly scripts?: readonly StartScript[] | undefined;
}

/** A program that has been executed. Whoever gets it closes the descriptors and collects the process. */
export interface StartedProgram {
  readonly pid: number;
  /** 0: it was gone before it could be read. */
  readonly startTime: number;
  /** Non-blocking; like all of ours closed at exec. */
  readonly masterFd: number;
  readonly heldSlaveFd: number;
  /** Such as `/dev/pts/7`. */
  readonly slavePath: string;
}

type OpenTerminal = Pick<StartedProgram, "masterFd" | "heldSlaveFd" | "slavePath">;

/** What execvp(3) runs a text without `#!` by. */
const SHELL = "/bin/sh";
/** fcntl.h of Linux on x64 and arm64; Node has no name for it. */
const O_CLOEXEC = 0o2000000;
/** <spawn.h>: all signals as they are by default, none blocked, a session of its own. */
const SPAWN_FLAGS = 0x04 | 0x08 | 0x80;
const ALL_SIGNALS = 0xff;
/** asm-generic/ioctls.h; its `winsize` is rows, columns and two sizes in pixels, 16 bits each. */
const TIOCSWINSZ = 0x5414n;
/** asm-generic/termbits.h: a break interrupts, any key restarts output, a full line rings, an erase takes a whole character. */
const INPUT_FLAGS = 0x0002 | 0x0800 | 0x2000 | 0x4000;
const TCSANOW = 0;

/** `file` is what is executed, an absolute path. Throws `session_create_failed`; steps are `terminal` and `exec`. */
export function startProgram(libC: LibC, file: string, spec: ProgramSpec): StartedProgram {
  const terminal = openTerminal(libC, spec);
  try {
    const pid = spawn(libC, { file, spec, slavePath: terminal.slavePath });
    // At once: whatever the program starts inherits the score.
    preferForOomKill(pid);
    return { ...terminal, pid, startTime: readStat(pid)?.startTime ?? 0 };
  } catch (thrown) {
    closeSync(terminal.heldSlaveFd);
    closeSync(terminal.masterFd);
    throw thrown;
  }
}

function openTerminal(libC: LibC, size: { cols: number; rows: number }): OpenTerminal {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fsConstants;
  const masterFd = libC.posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (masterFd < 0) {
    throw refusal("terminal", "none_left", "the kernel gave no terminal; end sessions or raise kernel.pty.max");
  }
  try {
    const path = memory(64);
    if (libC.unlockpt(masterFd) !== 0 || libC.ptsname_r(masterFd, path, BigInt(path.byteLength)) !== 0) {
      throw new Error("it has no other side");
    }
    const slavePath = path.toString("latin1", 0, path.indexOf(0));
    const heldSlaveFd = openSync(slavePath, O_RDWR | O_NOCTTY);
    prepare(libC, heldSlaveFd, size);
    return { masterFd, heldSlaveFd, slavePath };
  } catch (cause) {
    closeSync(masterFd);
    const message = "the terminal that the kernel gave cannot be opened; is /dev/pts mounted for this user?";
    throw refusal("terminal", "not_openable", message, cause);
  }
}

/** Size and input modes; all else is as the kernel makes it. */
function prepare(libC: LibC, fd: number, { cols, rows }: { cols: number; rows: number }): void {
  const size = memory(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(cols, 2);
  libC.ioctl(fd, TIOCSWINSZ, size);
  const modes = memory(OPAQUE_BYTES);
  libC.tcgetattr(fd, modes);
  modes.writeUInt32LE(modes.readUInt32LE(0) | INPUT_FLAGS, 0);
  libC.tcsetattr(fd, TCSANOW, modes);
}

interface Spawn {
  readonly file: string;
  readonly spec: ProgramSpec;
  readonly slavePath: string;
}

/** The child opens the terminal as the leader of a new session, which makes it the controlling one. */
function spawn(libC: LibC, { file, spec, slavePath }: Spawn): number {
  const actions = memory(OPAQUE_BYTES);
  libC.posix_spawn_file_actions_init(actions);
  try {
    libC.posix_spawn_file_actions_addopen(actions, 0, slavePath, fsConstants.O_RDWR, 0);
    libC.posix_spawn_file_actions_adddup2(actions, 0, 1);
    libC.posix_spawn_file_actions_adddup2(actions, 0, 2);
    libC.posix_spawn_file_actions_addchdir_np(actions, spec.cwd);
    const env = stringVector(Object.entries(spec.env).map(([name, value]) => `${name}=${value}`));
    const execute = (path: string, argv: readonly string[]) =>
      spawned(libC, { path, actions, argv: stringVector(argv), env });
    const outcome = execute(file, spec.argv);
    if (outcome.errno !== osConstants.errno.ENOEXEC) return pidOf(outcome, spec);
    return pidOf(execute(SHELL, [SHELL, file, ...spec.argv.slice(1)]), spec);
  } finally {
    libC.posix_spawn_file_actions_destroy(actions);
  }
}

interface Executed {
  readonly path: string;
  readonly actions: Buffer;
  /** String vectors. */
  readonly argv: Buffer;
  readonly env: Buffer;
}

interface Outcome {
  /** 0: the program was executed. */
  readonly errno: number;
  readonly pid: number;
}

function spawned(libC: LibC, { path, actions, argv, env }: Executed): Outcome {
  const pid = memory(4);
  const errno = libC.posix_spawn(pid, path, actions, attributes(libC), argv, env);
  return { errno, pid: pid.readInt32LE() };
}

let made: Buffer | null = null;

function attributes(libC: LibC): Buffer {
  if (made) return made;
  made = memory(OPAQUE_BYTES);
  libC.posix_spawnattr_init(made);
  libC.posix_spawnattr_setsigdefault(made, memory(OPAQUE_BYTES).fill(ALL_SIGNALS));
  libC.posix_spawnattr_setsigmask(made, memory(OPAQUE_BYTES));
  libC.posix_spawnattr_setflags(made, SPAWN_FLAGS);
  return made;
}

function pidOf({ errno, pid }: Outcome, { argv }: ProgramSpec): number {
  if (errno === 0) return pid;
  if (errno === osConstants.errno.EAGAIN || errno === osConstants.errno.ENOMEM) {
    throw refusal(
      "terminal",
      "fork_failed",
      "the kernel gave no process; end sessions or raise the limits of this user",
    );
  }
  const program = JSON.stringify(argv[0]);
  const fact = `program ${program} was refused by the kernel when it was to be executed (${errnoName(errno)})`;
  throw refusal("exec", "failed", `${fact}; look at the file and its interpreter`);
}

function errnoName(errno: number): string {
  return Object.entries(osConstants.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`;
}

function refusal(step: string, reason: string, message: string, cause?: unknown): FleettyError {
  return new FleettyError("session_create_failed", message, { step, reason }, cause === undefined ? {} : { cause });
}
