// Follows a program that stands between its terminal and one that it made itself (script, socat, a tmux server, sudo) to
// whoever leads the session on the other side. Knows processes and descriptors; judges nothing.
import type { ProcessStat } from "../pty/processes.ts";
import { childrenOf, statOf } from "./foreground.ts";
import type { Kernel } from "./kernel.ts";

export interface InnerTerminal {
  readonly leader: ProcessStat;
  /** A descriptor that its leader has on it: the way to it that holds in every mount namespace. */
  readonly path: string;
}

/** How a terminal numbers itself, for `tty_nr` and `rdev`: majors from 136 on, one for all (Documentation/admin-guide/devices). */
const SLAVE_MAJOR = 136;

function deviceNumber(index: number): number {
  return ((index & 0xff) | (SLAVE_MAJOR << 8) | ((index & ~0xff) << 12)) >>> 0;
}

/** The number of the terminal whose master this is; null where it cannot be told. */
function terminalOf(kernel: Kernel, master: { pid: number; fd: number }): number | null {
  const info = kernel.text(`/proc/${master.pid}/fdinfo/${master.fd}`);
  const index = info && /^tty-index:\s*(\d+)/m.exec(info)?.[1];
  return index ? deviceNumber(Number(index)) : null;
}

/** Between the master's holder and the program may be one process more (sudo's monitor). */
const GENERATIONS_MAX = 2;
const CHILDREN_MAX = 64;

/** Null: there are several, or none can be found. */
export function innerTerminal(
  kernel: Kernel,
  holders: readonly { readonly stat: ProcessStat; readonly masters: readonly number[] }[],
): InnerTerminal | null {
  const numbers = holders.flatMap(({ stat, masters }) =>
    masters.map((fd) => terminalOf(kernel, { pid: stat.pid, fd })),
  );
  const [number = null, ...others] = new Set(numbers);
  if (number === null || others.length > 0) return null;
  const member = holders.map(({ stat }) => below(kernel, { stat, number, generations: GENERATIONS_MAX })).find(Boolean);
  return member ? ledFrom(kernel, member) : null;
}

function below(
  kernel: Kernel,
  from: { stat: ProcessStat; number: number; generations: number },
): ProcessStat | undefined {
  const children = (childrenOf(kernel, from.stat) ?? []).slice(0, CHILDREN_MAX);
  const stats = children.map((pid) => statOf(kernel, pid)).filter((stat) => stat !== null);
  const found = stats.find((stat) => stat.tty === from.number && stat.state !== "Z");
  if (found || from.generations <= 1) return found;
  return stats
    .map((stat) => below(kernel, { ...from, stat, generations: from.generations - 1 }))
    .find((stat) => stat !== undefined);
}

const USUAL_DESCRIPTORS = [0, 1, 2, 10, 255];

/** Editors and file managers show a terminal as a part of what they draw: their own keys come first. */
const KEEPS_ITS_OWN = /^(vim?|rvim|view|nvim|emacs|mc|mcedit|kak)([.-].*)?$/;

export const passesTerminalOn = (program: string): boolean => !KEEPS_ITS_OWN.test(program);

function ledFrom(kernel: Kernel, member: ProcessStat): InnerTerminal | null {
  const leader = (member.sid !== member.pid && statOf(kernel, member.sid)) || member;
  const paths = [leader.pid, member.pid, leader.foreground].flatMap((pid) =>
    USUAL_DESCRIPTORS.map((fd) => `/proc/${pid}/fd/${fd}`),
  );
  const path = paths.find((path) => kernel.file(path)?.number === member.tty);
  return path === undefined ? null : { leader, path };
}
