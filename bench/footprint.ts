// What processes cost while nothing happens: their share of memory and their time on a processor, as Linux counts them.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 1_000;
/** V8 gives memory back some seconds after the last work; it has settled when nothing was given back for so long. */
const SETTLED_AFTER_MS = 9_000;
const SETTLE_MAX_MS = 60_000;
const QUIET_MS = 10_000;
/** The kernel counts processor time in ticks of 1/100 s for user space, whatever its own are. */
const TICK_MS = 10;

/** Proportional set sizes in KiB, in order: pages shared with other processes, the bench among them, count by their share. */
export async function settledPssKib(pids: readonly number[]): Promise<number[]> {
  let lowest = pids.map(() => Number.POSITIVE_INFINITY);
  let lowestAtMs = performance.now();
  const deadlineMs = lowestAtMs + SETTLE_MAX_MS;
  for (let nowMs = lowestAtMs; nowMs < deadlineMs; nowMs = performance.now()) {
    const seen = pids.map(pssKib);
    if (sum(seen) < sum(lowest) * 0.995) lowestAtMs = nowMs;
    lowest = lowest.map((kib, i) => Math.min(kib, seen[i] ?? kib));
    if (nowMs - lowestAtMs >= SETTLED_AFTER_MS) break;
    await pause(LOOK_EVERY_MS);
  }
  return lowest;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** Percent of one processor over 10 s. */
export async function quietCpuPercent(pids: readonly number[]): Promise<number> {
  const before = sum(pids.map(cpuMs));
  await pause(QUIET_MS);
  const after = sum(pids.map(cpuMs));
  return ((after - before) / QUIET_MS) * 100;
}

/** As `settledPssKib`, of one process at this moment. */
export function pssKib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss: +(\d+) kB$/m.exec(rollup)?.[1]);
}

/** Time on a processor since the start of the process. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
