// Decides whether a forked child has become its program, from what the kernel says of it. Knows no text: a failed exec
// writes its complaint into the terminal, where any program could write the same.
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { parseStat } from "./processes.ts";
import type { PtyExit } from "./terminal.ts";

/**
 * executed: the kernel replaced the child by the program. failed: the child ended as itself. late: neither within 5 s.
 * unknown: it ended with status 1 or by a signal before it was seen as either, or the platform does not tell. A program
 * that lives shorter than one look and a failed exec end alike then.
 */
export type ExecVerdict = "executed" | "failed" | "late" | "unknown";

/** PF_FORKNOEXEC of include/linux/sched.h, "forked but didn't exec": set by fork, cleared by exec, kept by a zombie. */
const FORKED_NOT_EXECUTED = 0x40;
/** What the forked child exits with when chdir or exec fails (node-pty, pty.cc); no program has run yet at that point. */
const FAILED_EXEC_CODE = 1;
/** An exec takes about 0.5 ms. Looking without a break that long tells even the shortest program from a failure. */
const CLOSE_LOOK_MS = 2;
/** After that looks come between other work, and from here on once in a while: the program lies on a slow disk. */
const SLOW_EXEC_MS = 50;
const SLOW_LOOK_MS = 5;
const EXEC_LIMIT_MS = 5_000;

/** Resolves as soon as it is known. `exitOf` is null until the child has been reaped. */
export async function confirmExec(pid: number, exitOf: () => PtyExit | null): Promise<ExecVerdict> {
  if (process.platform !== "linux") return "unknown";
  const look = new ExecLook(pid);
  const beganMs = performance.now();
  try {
    for (;;) {
      const seen = look.take();
      if (seen === "executed" || seen === "failed") return seen;
      const exit = exitOf();
      if (exit) return verdictFromExit(exit);
      const waitedMs = performance.now() - beganMs;
      if (waitedMs > EXEC_LIMIT_MS) return "late";
      if (waitedMs > SLOW_EXEC_MS) await sleep(SLOW_LOOK_MS);
      else if (waitedMs > CLOSE_LOOK_MS || seen === "gone") await nextTurn();
    }
  } finally {
    look.close();
  }
}

function verdictFromExit(exit: PtyExit): ExecVerdict {
  return "code" in exit && exit.code !== FAILED_EXEC_CODE ? "executed" : "unknown";
}

/** Reads `/proc/<pid>/stat` again and again through one descriptor, which stays with this very process. */
class ExecLook {
  readonly #fd: number | null;
  readonly #buffer = Buffer.allocUnsafe(1024);

  constructor(pid: number) {
    this.#fd = openOrNull(`/proc/${pid}/stat`);
  }

  take(): "executed" | "failed" | "pending" | "gone" {
    const stat = this.#read();
    if (!stat) return "gone";
    if ((stat.flags & FORKED_NOT_EXECUTED) === 0) return "executed";
    return stat.state === "Z" || stat.state === "X" ? "failed" : "pending";
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #read() {
    if (this.#fd === null) return null;
    try {
      const length = readSync(this.#fd, this.#buffer, 0, this.#buffer.byteLength, 0);
      return parseStat(this.#buffer.toString("latin1", 0, length));
    } catch {
      return null; // ESRCH: reaped
    }
  }
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}
