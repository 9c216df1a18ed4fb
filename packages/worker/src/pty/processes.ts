// Reads from /proc what processes are: identity, state, and which of them belong to a session. Decides nothing about
// them and signals nobody. Linux; elsewhere every question that cannot be answered is refused as `unsupported`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";

/** One process, beyond doubt: pids are used again, but not with the same start time within one boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (`/proc/<pid>/stat`, field 22). 0: it was gone before it could be read; matches nothing. */
  readonly startTime: number;
  readonly bootId: string;
}

/** What `/proc/<pid>/stat` says (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  /** Name of the program, at most 15 bytes; set by the process itself, so evidence of nothing. */
  readonly comm: string;
  /** One letter: R running, S and D asleep, T stopped, Z ended but not collected. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly sid: number;
  /** Device number of its controlling terminal, as stat(2) has it in `rdev`; 0 without one. */
  readonly tty: number;
  /** Process group in the foreground of its terminal; -1 without a terminal. */
  readonly foreground: number;
  readonly flags: number;
  readonly threadCount: number;
  readonly startTime: number;
  /** Where its stack begins: another one after each exec, as a rule. 0 where this user may not know it. */
  readonly stackStart: number;
}

/** How many points more than its parent a started program is preferred by the out-of-memory killer (of 1000). */
const OOM_SCORE_RAISE = 300;
const OOM_SCORE_MAX = 1000;

/** Reads the identity of a living or uncollected process; throws `not_found` when there is none. */
export function processIdentity(pid: number): ProcessIdentity {
  const stat = readStat(pid);
  if (!stat) throw new FleettyError("not_found", `process ${pid} does not exist`);
  return { pid, startTime: stat.startTime, bootId: readBootId() };
}

/** Whether that very process exists, zombies included. False after a reboot and when its pid is another's by now. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  if (identity.startTime === 0 || identity.bootId !== readBootId()) return false;
  return readStat(identity.pid)?.startTime === identity.startTime;
}

/** Whether that very process still does something: a zombie that nobody collects does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  const stat = isSameProcess(identity) ? readStat(identity.pid) : null;
  return stat?.startTime === identity.startTime && isAlive(stat);
}

let bootId: string | null = null;

/** The kernel's random id of this boot. */
export function readBootId(): string {
  requireProc();
  bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return bootId;
}

/** Null when there is no such process, or it is hidden from this user. */
export function readStat(pid: number): ProcessStat | null {
  requireProc();
  const text = readProc(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** The name may hold blanks and parentheses, so the fields are counted from the last `)`. */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number(text.slice(0, open)),
    comm: text.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: field(4),
    pgrp: field(5),
    sid: field(6),
    tty: field(7),
    foreground: field(8),
    flags: field(9),
    threadCount: field(20),
    startTime: field(22),
    stackStart: field(28),
  };
}

/**
 * Whether the process still does anything. A zombie is over, unless it is only the first thread of a program whose other
 * threads go on (pthread_exit(3) in main).
 */
export function isAlive(stat: ProcessStat): boolean {
  if (stat.state !== "Z" && stat.state !== "X") return true;
  return listNumbers(`/proc/${stat.pid}/task`).some((tid) => {
    const thread = readProc(`/proc/${stat.pid}/task/${tid}/stat`);
    return thread !== null && !"ZX".includes(parseStat(thread).state);
  });
}

/** All processes that this user can see; a process that ends meanwhile is left out. */
export function listProcesses(): ProcessStat[] {
  requireProc();
  return listNumbers("/proc")
    .map(readStat)
    .filter((stat) => stat !== null);
}

/** Processes by their pid. */
export type ProcessTable = ReadonlyMap<number, ProcessStat>;

let seenThisTurn: ProcessTable | null = null;

/**
 * As `listProcesses`, read once for all who ask within one turn of the event loop: whoever ends 200 sessions at once
 * looks at the table as often as whoever ends one. What began or ended later in the turn is not seen.
 */
export function processesThisTurn(): ProcessTable {
  return seenThisTurn ?? processesNow();
}

/** Read now, for whoever looks for what may have begun in this turn. */
export function processesNow(): ProcessTable {
  if (!seenThisTurn) {
    setImmediate(() => {
      seenThisTurn = null;
    });
  }
  seenThisTurn = new Map(listProcesses().map((stat) => [stat.pid, stat]));
  return seenThisTurn;
}

/** Direct children of all its threads. */
export function childrenOf(pid: number): number[] {
  requireProc();
  return listNumbers(`/proc/${pid}/task`).flatMap((tid) => {
    const text = readProc(`/proc/${pid}/task/${tid}/children`);
    return text ? text.trim().split(" ").filter(Boolean).map(Number) : [];
  });
}

/** Program and arguments, joined by blanks, at most 200 characters; the name in brackets where there are none. */
export function commandOf(stat: ProcessStat): string {
  const line = readProc(`/proc/${stat.pid}/cmdline`);
  return line ? line.replaceAll("\0", " ").trim().slice(0, 200) : `[${stat.comm}]`;
}

/**
 * Lets the kernel end this program, and what it starts, before its session host when memory runs out. Best effort: a
 * program of another user, or a kernel that refuses, keeps its own score.
 */
export function preferForOomKill(pid: number): void {
  try {
    const path = `/proc/${pid}/oom_score_adj`;
    const score = Number(readFileSync(path, "latin1"));
    writeFileSync(path, String(Math.min(score + OOM_SCORE_RAISE, OOM_SCORE_MAX)));
  } catch {
    // Only a preference.
  }
}

function requireProc(): void {
  if (process.platform === "linux") return;
  throw new FleettyError("unsupported", `processes cannot be told apart on ${process.platform}: it has no /proc`);
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // gone (ENOENT, ESRCH) or hidden: the same to this user
  }
}

function listNumbers(directory: string): number[] {
  try {
    return readdirSync(directory).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
