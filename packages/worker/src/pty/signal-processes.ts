// Sends one signal to processes of a session: those in the foreground of its terminal, or all of them. Each is identified by
// pid and start time again just before, so that a number which is another's by now is never signalled.
import { isAlive, listProcesses, type ProcessIdentity, type ProcessStat, readStat } from "./processes.ts";
import { SessionProcesses } from "./session-processes.ts";

export type SignalTarget = "foreground" | "session";

/** Returns the pids that the kernel took it for. Throws `unsupported` where there is no /proc. */
export function signalProcesses(leader: ProcessIdentity, name: NodeJS.Signals, to: SignalTarget): number[] {
  const processes = to === "session" ? new SessionProcesses(leader).look() : foregroundOf(leader);
  return processes.filter((stat) => signalProcess(stat, name)).map(({ pid }) => pid);
}

/** False: it is gone, its pid is another's by now, or it belongs to another user. */
export function signalProcess(stat: Pick<ProcessStat, "pid" | "startTime">, name: NodeJS.Signals): boolean {
  if (readStat(stat.pid)?.startTime !== stat.startTime) return false;
  try {
    process.kill(stat.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Members of the process group that the terminal's keys reach; none when there is no such group any more. */
function foregroundOf(leader: ProcessIdentity): ProcessStat[] {
  const stat = readStat(leader.pid);
  if (stat?.startTime !== leader.startTime || stat.foreground <= 0) return [];
  const members = listProcesses().filter(({ pgrp, sid }) => pgrp === stat.foreground && sid === stat.sid);
  return members.filter(isAlive);
}
