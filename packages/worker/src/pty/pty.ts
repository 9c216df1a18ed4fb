// The seam between a session and its terminal: what a terminal can do, and how one with a program in it comes to be.
// Everything is checked before the fork; a refusal leaves no process behind. Knows no session.
import { closeSync, constants as fsConstants, openSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { FleettyError } from "@fleetty/protocol/errors";
import { confirmExec, type ExecVerdict } from "./exec-confirmation.ts";
import { type ForkedTerminal, forkTerminal } from "./native-binding.ts";
import { isSameProcess, type ProcessIdentity, preferForOomKill, readBootId, readStat } from "./processes.ts";
import { checkStartable } from "./program-lookup.ts";
import { type PtyExit, Terminal } from "./terminal.ts";

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
  /** Nothing happens once the program is gone. */
  resize(size: { readonly cols: number; readonly rows: number }): void;
  /** Stops reading; the program blocks when the kernel's buffer (≈ 12 KiB) is full. Void once the program is gone. */
  pause(): void;
  resume(): void;
}

/** A program that hangs in the kernel (exec from a dead network file system) takes KILL when it comes out of there. */
const KILL_LIMIT_MS = 2_000;

/**
 * Starts a program on a terminal of its own. Rejects, with no process left, with `invalid_request {field: "cwd"}` or
 * `session_create_failed {step, reason}`; steps are `program`, `terminal` and `exec`.
 */
export async function spawnPty(spec: PtySpec): Promise<Pty> {
  const env = { ...spec.env, PWD: spec.cwd };
  await checkStartable({ ...spec, env });
  const child = new Child(spec, env);
  const verdict = await child.confirm();
  if (verdict === "failed" || verdict === "late") throw await child.giveUp(verdict);
  // The caller has what it needs before the first callback.
  setImmediate(() => child.terminal.start());
  return child.asPty(verdict === "executed");
}

/** The fork, from the moment the process exists. */
class Child {
  readonly terminal: Terminal;
  readonly #program: string;
  readonly #forked: ForkedTerminal;
  readonly #identity: ProcessIdentity;
  #exit: PtyExit | null = null;
  readonly #whenReaped = Promise.withResolvers<void>();

  constructor(spec: PtySpec, env: Record<string, string>) {
    this.#program = spec.argv[0] ?? "";
    this.#forked = fork(spec, env, (exit) => this.#reaped(exit));
    const { pid, fd: masterFd } = this.#forked;
    // At once: whatever the program starts inherits the score.
    preferForOomKill(pid);
    this.#identity = identityOf(pid);
    const { onData, onExit } = spec;
    this.terminal = new Terminal({ masterFd, heldSlaveFd: holdSlave(this.#forked), onData, onExit });
  }

  confirm(): Promise<ExecVerdict> {
    return confirmExec(this.#forked.pid, () => this.#exit);
  }

  /** Resolves with the refusal once the process is gone; `survivor` names one that even KILL does not end at once. */
  async giveUp(verdict: "failed" | "late"): Promise<FleettyError> {
    if (verdict === "late" && isSameProcess(this.#identity)) process.kill(this.#forked.pid, "SIGKILL");
    await Promise.race([this.#whenReaped.promise, sleep(KILL_LIMIT_MS, undefined, { ref: false })]);
    this.terminal.discard();
    const fact =
      verdict === "failed" ? "was refused by the kernel when it was to be executed" : "was not executed in 5 s";
    const message = `program ${JSON.stringify(this.#program)} ${fact}; look at the file and its interpreter`;
    const survivor = this.#exit ? {} : { survivor: this.#forked.pid };
    return new FleettyError("session_create_failed", message, { step: "exec", reason: verdict, ...survivor });
  }

  asPty(isExecConfirmed: boolean): Pty {
    const { terminal } = this;
    return {
      ...this.#identity,
      isExecConfirmed,
      slavePath: this.#forked.slavePath,
      get heldSlaveFd() {
        return terminal.heldSlaveFd;
      },
      write: (bytes) => terminal.write(bytes),
      resize: (size) => terminal.resize(size),
      pause: () => terminal.pause(),
      resume: () => terminal.resume(),
    };
  }

  #reaped(exit: PtyExit): void {
    this.#exit = exit;
    this.#whenReaped.resolve();
    // A slave that could not be opened leaves a child without a terminal.
    (this.terminal as Terminal | undefined)?.leaderGone(exit);
  }
}

function fork(spec: PtySpec, env: Record<string, string>, onReaped: (exit: PtyExit) => void): ForkedTerminal {
  try {
    return forkTerminal({
      ...spec,
      env,
      onReaped: (code, signal) => onReaped(signal === 0 ? { code } : { signal: signalName(signal) }),
    });
  } catch (cause) {
    if (cause instanceof FleettyError) throw cause;
    const message = "the kernel gave no terminal or no process; end sessions or raise the limits of this user";
    throw new FleettyError("session_create_failed", message, { step: "terminal", reason: "fork_failed" }, { cause });
  }
}

/** Node opens everything O_CLOEXEC. A terminal that cannot be held is given up: its last bytes could be lost. */
function holdSlave({ fd, pid, slavePath }: ForkedTerminal): number {
  try {
    return openSync(slavePath, fsConstants.O_RDWR | fsConstants.O_NOCTTY);
  } catch (cause) {
    process.kill(pid, "SIGKILL");
    closeSync(fd);
    const message = `the terminal ${slavePath} cannot be opened; is /dev/pts mounted for this user?`;
    throw new FleettyError("session_create_failed", message, { step: "terminal", reason: "not_openable" }, { cause });
  }
}

/** The pid of an unreaped child is its own, so what is read here is certain; a child already reaped has start time 0. */
function identityOf(pid: number): ProcessIdentity {
  if (process.platform !== "linux") return { pid, startTime: 0, bootId: "" };
  return { pid, startTime: readStat(pid)?.startTime ?? 0, bootId: readBootId() };
}

function signalName(number: number): string {
  const entry = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return entry?.[0] ?? `SIG${number}`;
}
