// Finds the living members of a terminal's foreground process group, from the leader of the terminal's session downwards.
// Reads as little of /proc as will do: the group's own leader and its kin first, all below the session's leader only where
// that finds none, and the whole table where the kernel does not tell children.
import { type ProcessStat, parseStat, processesThisTurn } from "../pty/processes.ts";
import type { Kernel } from "./kernel.ts";

export interface Members {
  readonly processes: readonly ProcessStat[];
  /** Those below them without a terminal: the kernel lets them read what they were started with (`su -c`, `setsid`). */
  readonly detached: readonly ProcessStat[];
  readonly isWhole: boolean;
}

/** A build may have thousands below one shell; what asks is among the first. */
const LOOKED_AT_MAX = 256;

export function statOf(kernel: Kernel, pid: number): ProcessStat | null {
  const text = kernel.text(`/proc/${pid}/stat`);
  return text ? parseStat(text) : null;
}

/** Null where the kernel does not tell them (CONFIG_PROC_CHILDREN), or there is no such process. */
export function childrenOf(kernel: Kernel, { pid, threadCount }: ProcessStat): number[] | null {
  const threads = threadCount <= 1 ? [pid] : (kernel.list(`/proc/${pid}/task`) ?? []);
  const texts = threads.map((tid) => kernel.text(`/proc/${pid}/task/${tid}/children`));
  if (texts.every((text) => text === null)) return null;
  return texts.flatMap((text) => (text ? text.trim().split(" ").filter(Boolean).map(Number) : []));
}

export function foregroundMembers(kernel: Kernel, leader: ProcessStat): Members {
  if (!tellsChildren(kernel)) return membersInTable(leader);
  const near = new Walk(kernel, leader);
  near.take(leader.pgrp === leader.foreground ? [leader] : kin(kernel, leader));
  if (near.hasMembers) return near.members();
  const far = new Walk(kernel, leader, { throughStrangers: true });
  far.take([leader]);
  return far.members();
}

const telling = new WeakMap<Kernel, boolean>();

/** Whether this kernel was built with CONFIG_PROC_CHILDREN. */
function tellsChildren(kernel: Kernel): boolean {
  const known = telling.get(kernel);
  if (known !== undefined) return known;
  const tells = kernel.text(`/proc/self/task/${process.pid}/children`) !== null;
  telling.set(kernel, tells);
  return tells;
}

function membersInTable({ sid, foreground }: ProcessStat): Members {
  if (process.platform !== "linux") return { processes: [], detached: [], isWhole: false };
  const members = [...processesThisTurn().values()].filter((stat) => stat.sid === sid && stat.pgrp === foreground);
  return { processes: members.filter(isLiving), detached: [], isWhole: true };
}

/** One whose first thread has ended may go on with its others. */
function isLiving({ state, threadCount }: ProcessStat): boolean {
  return state !== "X" && (state !== "Z" || threadCount > 1);
}

/** The group's leader and its siblings, such as the other parts of a pipeline. */
function kin(kernel: Kernel, leader: ProcessStat): ProcessStat[] {
  const first = statOf(kernel, leader.foreground);
  if (!first) return [];
  const parent = first.ppid === leader.pid ? leader : statOf(kernel, first.ppid);
  const siblings = parent && parent.sid === leader.sid ? (childrenOf(kernel, parent) ?? []) : [];
  const others = siblings.filter((pid) => pid !== first.pid).map((pid) => statOf(kernel, pid));
  return [first, ...others.filter((stat) => stat !== null)];
}

class Walk {
  readonly #kernel: Kernel;
  readonly #leader: ProcessStat;
  readonly #throughStrangers: boolean;
  readonly #seen = new Set<number>();
  readonly #members: ProcessStat[] = [];
  readonly #detached: ProcessStat[] = [];
  #isWhole = true;

  constructor(kernel: Kernel, leader: ProcessStat, how: { throughStrangers?: boolean } = {}) {
    this.#kernel = kernel;
    this.#leader = leader;
    this.#throughStrangers = how.throughStrangers ?? false;
  }

  get hasMembers(): boolean {
    return this.#members.length > 0;
  }

  members(): Members {
    return { processes: this.#members, detached: this.#detached, isWhole: this.#isWhole };
  }

  take(stats: readonly ProcessStat[]): void {
    const left = [...stats];
    for (let stat = left.shift(); stat; stat = left.shift()) {
      if (this.#seen.has(stat.pid)) continue;
      if (this.#seen.size >= LOOKED_AT_MAX) {
        this.#isWhole = false;
        return;
      }
      this.#seen.add(stat.pid);
      const [isOfGroup, isDetached] = [this.#isOfGroup(stat), stat.tty === 0];
      if (isOfGroup && isLiving(stat)) this.#members.push(stat);
      if (isDetached && isLiving(stat)) this.#detached.push(stat);
      if (this.#throughStrangers || isOfGroup || isDetached) left.push(...this.#below(stat));
    }
  }

  #below(stat: ProcessStat): ProcessStat[] {
    const children = (childrenOf(this.#kernel, stat) ?? []).map((pid) => statOf(this.#kernel, pid));
    return children.filter((child) => child !== null);
  }

  #isOfGroup({ pgrp, sid }: ProcessStat): boolean {
    return pgrp === this.#leader.foreground && sid === this.#leader.sid;
  }
}
