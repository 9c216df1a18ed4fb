// Finds who reads a terminal without being in its foreground group: a program that another asked to ask (pinentry for
// gpg), or that was handed the terminal (a tmux server). Looks at every process of this user, so it is asked seldom.
import type { ProcessStat } from "../pty/processes.ts";
import { statOf } from "./foreground.ts";
import type { FileIdentity, Kernel } from "./kernel.ts";
import type { ProcessLook } from "./kernel-look.ts";
import { ProcessView } from "./process-look.ts";

export interface ElsewhereReader {
  readonly stat: ProcessStat;
  readonly look: ProcessLook;
}

/** Whether somebody else may ask in the name of a group: all of it waits for peers, or for a child that does. */
export function waitForPeers(group: readonly ProcessLook[]): boolean {
  const isPart = ({ waitsForPeers, waitingOn }: ProcessLook) => waitsForPeers || waitingOn === "child";
  return group.some(({ waitsForPeers }) => waitsForPeers) && group.every(isPart);
}

/** More processes than this are not looked at. */
const PROCESSES_MAX = 4096;
/** Who has more threads is no program that asks in another's name; and it is the first that reads. */
const THREADS_MAX = 4;

/** `known`: processes that have been looked at already. Programs whose calls this user may not see are left out. */
export function readersElsewhere(
  kernel: Kernel,
  terminal: FileIdentity,
  known: ReadonlySet<number>,
): readonly ElsewhereReader[] {
  const pids = (kernel.list("/proc") ?? []).map(Number).filter((pid) => pid > 0 && !known.has(pid));
  return pids.slice(0, PROCESSES_MAX).flatMap((pid) => {
    const stat = pid === process.pid ? null : statOf(kernel, pid);
    if (!stat || !mayRead(stat, terminal)) return [];
    const view = new ProcessView(kernel, terminal, stat);
    const look = view.firstThreadReads() ? view.look() : null;
    return look?.isCertain ? [{ stat, look }] : [];
  });
}

/** One of its background groups that reads is stopped by the kernel (SIGTTIN) or gets nothing. */
function mayRead(stat: ProcessStat, terminal: FileIdentity): boolean {
  if (stat.state !== "S" || stat.threadCount > THREADS_MAX) return false;
  return stat.tty !== terminal.number || stat.pgrp === stat.foreground;
}
