// Finds the terminal that a report goes to. Agents start their hooks without one (Claude Code since 2.1.139: "hooks now run
// without terminal access"), so where there is no controlling terminal, that of the nearest process above serves that has one,
// and else that of any process of the same session. Looks at processes of Linux; elsewhere only at the terminal itself.
import { openSync, readdirSync, readFileSync } from "node:fs";

/** Of the first side of pseudo terminals (Documentation/admin-guide/devices.txt): 136 to 143, 256 terminals each. */
const PTS_MAJOR = { first: 136, last: 143 };
/** Nobody has so many above him, unless a pid was taken again while we looked. */
const ANCESTORS_MAX = 64;

/** Open for writing; null: there is none. `nonce` is that of reports, which every program of the session has. */
export function openTerminal(nonce: string): number | null {
  return open("/dev/tty") ?? ofAncestor(process.ppid) ?? ofSession(nonce);
}

function open(path: string): number | null {
  try {
    return openSync(path, "w");
  } catch {
    return null;
  }
}

function ofAncestor(parent: number): number | null {
  for (let pid = parent, above = 0; pid > 1 && above < ANCESTORS_MAX; above += 1) {
    const stat = statOf(pid);
    if (!stat) return null;
    const terminal = stat.terminal === null ? null : open(stat.terminal);
    if (terminal !== null) return terminal;
    pid = stat.parent;
  }
  return null;
}

/** Of a hook whose parent has left it. */
function ofSession(nonce: string): number | null {
  const pids = entriesOf("/proc").filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number).sort((one, other) => one - other)) {
    const variables = textOf(`/proc/${pid}/environ`)?.split("\0");
    if (!variables?.includes(`FLEETTY_REPORT=${nonce}`)) continue;
    const path = statOf(pid)?.terminal;
    const terminal = path ? open(path) : null;
    if (terminal !== null) return terminal;
  }
  return null;
}

/** Its parent, and the path of its controlling terminal; null: it is gone (proc(5), /proc/pid/stat, fields 4 and 7). */
function statOf(pid: number): { parent: number; terminal: string | null } | null {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === null) return null;
  // Behind the name, which may hold anything.
  const [, parent, , , device] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(parent), terminal: pathOf(Number(device)) };
}

/** Null for what is no pseudo terminal. Numbers as makedev(3) has them: 12 bits of the minor above the major's. */
function pathOf(device: number): string | null {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major < PTS_MAJOR.first || major > PTS_MAJOR.last) return null;
  return `/dev/pts/${(major - PTS_MAJOR.first) * 256 + minor}`;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
