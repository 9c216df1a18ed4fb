// Knows processes by pid and start time, so that a test ends only what it started, and sees what it left behind.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Known {
  readonly pid: number;
  readonly startTime: string;
}

/** The process as it is now, or null. */
export function know(pid: number): Known | null {
  const stat = statOf(pid);
  return stat && stat.state !== "Z" ? { pid, startTime: stat.startTime } : null;
}

export function isAlive(known: Known): boolean {
  const stat = statOf(known.pid);
  return stat !== null && stat.startTime === known.startTime && stat.state !== "Z";
}

export function kill(known: Known, signal: NodeJS.Signals): void {
  if (isAlive(known)) process.kill(known.pid, signal);
}

/** Processes whose command line names `text`: everything of fleetty's names its folder. */
export function naming(text: string): Known[] {
  return pids().flatMap((pid) => {
    const known = pid !== process.pid && commandOf(pid).includes(text) ? know(pid) : null;
    return known ? [known] : [];
  });
}

/** Pid of whoever started it, or adopted it. */
export function parentOf({ pid }: Known): number {
  return statOf(pid)?.parent ?? 0;
}

/** Pids of those that it started or adopted, dead ones that it has not taken notice of among them. */
export function childrenOf({ pid }: Known): number[] {
  return pids().filter((one) => statOf(one)?.parent === pid);
}

/** The network namespace that it lives in, as the kernel names it; null when it has gone. */
export function networkOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

/** Processes in that network namespace. */
export function livingIn(network: string): Known[] {
  return pids()
    .filter((pid) => networkOf(pid) === network)
    .flatMap((pid) => know(pid) ?? []);
}

/** Files, sockets and terminals that it has open. */
export function descriptorsOf({ pid }: Known): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Memory of a process in KiB; what it shares counts by its share. */
export function pssKib({ pid }: Known): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1]);
}

/** Of all processes that there are. */
function pids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function statOf(pid: number): { state: string; parent: number; startTime: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] as string, parent: Number(fields[1]), startTime: fields[19] as string };
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
