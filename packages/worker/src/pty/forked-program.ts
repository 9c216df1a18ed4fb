// Starts a program on a terminal of its own by node-pty's fork, where posix_spawn is not to be had: the child is a copy of
// this process until it executes the program, and whether it did is found out afterwards.
import { closeSync, constants as fsConstants, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FleettyError } from "@fleetty/protocol/errors";
import { recordProcess } from "./birth-record.ts";
import { confirmExec, type ExecVerdict } from "./exec-confirmation.ts";
import { type ForkedTerminal, forkTerminal } from "./native-binding.ts";
import { isSameProcess, preferForOomKill, readBootId, readStat } from "./processes.ts";
import type { ProgramSpec, StartedProgram } from "./program-start.ts";
import { type PtyExit, ptyExit } from "./terminal.ts";

export interface ForkedProgram extends StartedProgram {
  /** False: it ended (status 1 or a signal) before it could be seen whether it was ever executed. */
  readonly isExecConfirmed: boolean;
  /** Resolves when it has been collected. */
  readonly reaped: Promise<PtyExit>;
}

/** A program that hangs in the kernel (exec from a dead network file system) takes KILL when it comes out of there. */
const KILL_LIMIT_MS = 2_000;

/** Rejects, with no process left, with `session_create_failed`; steps are `terminal` and `exec`. */
export async function forkProgram(spec: ProgramSpec): Promise<ForkedProgram> {
  let exit: PtyExit | null = null;
  const whenReaped = Promise.withResolvers<PtyExit>();
  const forked = fork(spec, (told) => {
    exit = told;
    whenReaped.resolve(told);
  });
  const { pid, fd: masterFd, slavePath } = forked;
  // At once: whatever the program starts inherits the score.
  preferForOomKill(pid);
  const heldSlaveFd = holdSlave(forked);
  // The pid of an unreaped child is its own, so what is read here is certain.
  const startTime = process.platform === "linux" ? (readStat(pid)?.startTime ?? 0) : 0;
  const verdict = await confirmExec(pid, () => exit);
  const program = { pid, startTime, masterFd, heldSlaveFd, slavePath };
  if (verdict !== "failed" && verdict !== "late") {
    if (spec.record) recordProcess(spec.record, program);
    return { ...program, isExecConfirmed: verdict === "executed", reaped: whenReaped.promise };
  }
  if (verdict === "late" && isSameProcess({ ...program, bootId: readBootId() })) process.kill(pid, "SIGKILL");
  await Promise.race([whenReaped.promise, sleep(KILL_LIMIT_MS, undefined, { ref: false })]);
  closeSync(heldSlaveFd);
  closeSync(masterFd);
  throw notExecuted(spec, verdict, exit ? {} : { survivor: pid });
}

function fork(spec: ProgramSpec, onReaped: (exit: PtyExit) => void): ForkedTerminal {
  try {
    return forkTerminal({ ...spec, onReaped: (code, signal) => onReaped(ptyExit(code, signal)) });
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

/** `survivor` names a process that even KILL does not end at once. */
function notExecuted({ argv }: ProgramSpec, verdict: ExecVerdict, survivor: { survivor?: number }): FleettyError {
  const fact =
    verdict === "failed" ? "was refused by the kernel when it was to be executed" : "was not executed in 5 s";
  const message = `program ${JSON.stringify(argv[0])} ${fact}; look at the file and its interpreter`;
  return new FleettyError("session_create_failed", message, { step: "exec", reason: verdict, ...survivor });
}
