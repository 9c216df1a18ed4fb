// Looks at one terminal at one moment: what the kernel says of its input, of who is in its foreground, and of what each of
// them waits for. Synchronous, and cheap enough to be asked for every session again and again. Judges nothing
// (attention/judge.ts does) and remembers nothing.
import type { ProcessStat } from "../pty/processes.ts";
import { readersElsewhere, waitForPeers } from "./elsewhere.ts";
import { foregroundMembers, statOf } from "./foreground.ts";
import { innerTerminal, passesTerminalOn } from "./inner-terminal.ts";
import { interpreterOf } from "./interpreter.ts";
import { type FileIdentity, type Kernel, linuxKernel } from "./kernel.ts";
import type { KernelLook, LeaderLook, LookTarget, ProcessLook } from "./kernel-look.ts";
import { ProcessView } from "./process-look.ts";
import { programOf } from "./program.ts";

export interface LookOptions {
  /** Also look for readers outside of the foreground group, where that waits for peers only. Costs milliseconds. */
  readonly elsewhere?: boolean;
  readonly kernel?: Kernel;
}

/** A terminal within a terminal within … is followed this far. */
const DEPTH_MAX = 4;

const NOTHING: KernelLook = {
  terminal: null,
  unreadBytes: null,
  leader: null,
  foreground: null,
  elsewhere: [],
  inner: null,
};

/** Nothing but nulls where the kernel cannot be asked, and for a program that is gone. */
export function look(target: LookTarget, options: LookOptions = {}): KernelLook {
  const kernel = options.kernel ?? linuxKernel;
  if (target.heldSlaveFd === null) return NOTHING;
  const terminal = kernel.openFile(target.heldSlaveFd);
  if (!terminal) return NOTHING;
  const looker = new Looker(kernel, options.elsewhere ?? false);
  return looker.look({ fd: target.heldSlaveFd, terminal, leader: () => leaderOf(kernel, target) }, 0);
}

function leaderOf(kernel: Kernel, target: LookTarget): ProcessStat | null {
  const stat = statOf(kernel, target.pid);
  return stat && (target.startTime === 0 || stat.startTime === target.startTime) ? stat : null;
}

interface Side {
  readonly fd: number;
  readonly terminal: FileIdentity;
  leader(): ProcessStat | null;
}

interface Seen {
  readonly stat: ProcessStat;
  readonly look: ProcessLook;
}

function reads({ look }: Seen): boolean {
  return look.waitingOn === "terminal" || look.waitingOn === "terminal_with_timeout";
}

class Looker {
  readonly #kernel: Kernel;
  readonly #elsewhere: boolean;

  constructor(kernel: Kernel, elsewhere: boolean) {
    this.#kernel = kernel;
    this.#elsewhere = elsewhere;
  }

  /**
   * Unread input first: the question hands over what was written, so whoever still waits afterwards has taken all before
   * it. The mode last: while they wait, nobody changes it.
   */
  look({ fd, terminal, leader: ask }: Side, depth: number): KernelLook {
    const unreadBytes = this.#kernel.unreadBytes(fd);
    const leader = ask();
    const processes = leader && this.#lookAtProcesses({ terminal, leader, depth });
    const mode = this.#kernel.lineMode(fd);
    return { ...NOTHING, ...processes, unreadBytes, terminal: mode && { isLineMode: mode.isOn, echoes: mode.echoes } };
  }

  #lookAtProcesses({ terminal, leader, depth }: { terminal: FileIdentity; leader: ProcessStat; depth: number }) {
    const { processes, detached, isWhole } = foregroundMembers(this.#kernel, leader);
    const group = processes.map((stat) => this.#view(terminal, stat));
    const isGone = group.length === 0 && isWhole && leader.foreground > 0 && !this.#kernel.hasOthers(leader.foreground);
    const elsewhere = group.some(reads) ? [] : this.#lookElsewhere(terminal, { group, detached });
    return {
      leader: this.#leader(leader),
      foreground: { processGroup: leader.foreground, processes: group.map((one) => one.look), isWhole, isGone },
      elsewhere: elsewhere.map((one) => one.look),
      inner: this.#inner({ terminal, depth, seen: [...group, ...elsewhere] }),
    };
  }

  #leader(stat: ProcessStat): LeaderLook {
    const program = programOf(this.#kernel, stat);
    const leadsForeground = stat.pgrp === stat.foreground;
    const interpreter = interpreterOf(program);
    return { ...program, pid: stat.pid, processGroup: stat.pgrp, leadsForeground, interpreter };
  }

  #view(terminal: FileIdentity, stat: ProcessStat): Seen {
    return { stat, look: new ProcessView(this.#kernel, terminal, stat).look() };
  }

  #lookElsewhere(
    terminal: FileIdentity,
    { group, detached }: { group: readonly Seen[]; detached: readonly ProcessStat[] },
  ): readonly Seen[] {
    const below = detached.map((stat) => this.#view(terminal, stat));
    const isAsked = this.#elsewhere && waitForPeers(group.map(({ look }) => look));
    const known = new Set([...group, ...below].map(({ stat }) => stat.pid));
    const others = isAsked ? readersElsewhere(this.#kernel, terminal, known) : [];
    return [...below.filter((one) => reads(one) || one.look.waitingOn === "unreadable"), ...others];
  }

  /** Whoever only waits for a program that it runs in a terminal (expect) keeps the outer one for itself. */
  #inner({ terminal, depth, seen }: { terminal: FileIdentity; depth: number; seen: readonly Seen[] }) {
    const holders = seen.filter(({ look }) => look.servesInnerTerminal && passesTerminalOn(look.program));
    if (holders.length === 0 || !seen.some(reads)) return null;
    const masters = holders.map(({ stat }) => ({
      stat,
      masters: new ProcessView(this.#kernel, terminal, stat).innerDescriptors(),
    }));
    const inner = depth < DEPTH_MAX ? innerTerminal(this.#kernel, masters) : null;
    return inner ? this.#lookInside(inner, depth + 1) : "lost";
  }

  #lookInside({ leader, path }: { leader: ProcessStat; path: string }, depth: number): KernelLook | "lost" {
    const fd = this.#kernel.openTerminal(path);
    const terminal = fd === null ? null : this.#kernel.openFile(fd);
    if (fd === null || !terminal) return "lost";
    try {
      return this.look({ fd, terminal, leader: () => statOf(this.#kernel, leader.pid) }, depth);
    } finally {
      this.#kernel.close(fd);
    }
  }
}
