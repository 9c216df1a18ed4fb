// Asks the kernel single questions about processes and terminals, each answered at once and as cheaply as Node can: files
// of /proc, what a descriptor is, memory of a program, the input side of a terminal. What is gone and what this user may
// not see answer alike: null. Understands nothing of the answers.
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { type LibC, libC, memory } from "../pty/libc.ts";
import { type LineMode, lineModeOf } from "../pty/line-mode.ts";

/** What can be asked; tests put another one in its place where they want a kernel that hides something. */
export interface Kernel {
  /** A file of /proc, to its end or 64 KiB. */
  text(path: string): string | null;
  link(path: string): string | null;
  list(path: string): readonly string[] | null;
  /** What a path leads to, links followed: `/proc/<pid>/fd/<n>` too. */
  file(path: string): FileIdentity | null;
  /** Of the file that is open here. */
  openFile(fd: number): FileIdentity | null;
  /** Bytes of a program, valid until the next question. */
  memory(pid: number, address: number, byteCount: number): Buffer | null;
  /** Bytes that a program could read now; in line mode those of complete lines only. */
  unreadBytes(slaveFd: number): number | null;
  lineMode(slaveFd: number): LineMode | null;
  /** Whether processes of others are in this group, who may be hidden (hidepid in proc(5)). */
  hasOthers(processGroup: number): boolean;
  /** Opens a terminal without taking it as one's own; the caller closes it. */
  openTerminal(path: string): number | null;
  close(fd: number): void;
}

export interface FileIdentity {
  readonly kind: "character_device" | "socket" | "pipe" | "other";
  /** Number of the file system it lies on. */
  readonly device: number;
  /** Of a device: its number, as `tty_nr` has it. */
  readonly number: number;
}

const buffer = memory(64 * 1024);

function attempt<Value>(ask: () => Value): Value | null {
  try {
    return ask();
  } catch {
    return null; // gone (ENOENT, ESRCH) or hidden (EACCES, EPERM)
  }
}

function readInto(path: string, byteCount: number, position: number | null): number {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    return readSync(fd, buffer, 0, byteCount, position);
  } finally {
    closeSync(fd);
  }
}

function identityOf(stats: { mode: number; dev: number; rdev: number }): FileIdentity {
  return { kind: KINDS.get(stats.mode & constants.S_IFMT) ?? "other", device: stats.dev, number: stats.rdev };
}

const KINDS: ReadonlyMap<number, FileIdentity["kind"]> = new Map([
  [constants.S_IFCHR, "character_device"],
  [constants.S_IFSOCK, "socket"],
  [constants.S_IFIFO, "pipe"],
]);

/** <poll.h> and <asm-generic/ioctls.h>, which x64 and arm64 share. */
const POLLIN = 1;
const FIONREAD = 0x541b;
const pollBytes = memory(8);
const countBytes = memory(4);

/**
 * poll(2) first: with nothing to read it has the kernel hand over what was written to the master a moment ago
 * (n_tty_poll, tty_buffer_flush_work). Without it, what is still on its way looks like what was read.
 */
function unreadBytesOf(calls: LibC | null, slaveFd: number): number | null {
  if (!calls) return null;
  pollBytes.writeInt32LE(slaveFd, 0);
  pollBytes.writeInt16LE(POLLIN, 4);
  if (calls.poll(pollBytes, 1n, 0) < 0) return null;
  return calls.ioctl(slaveFd, BigInt(FIONREAD), countBytes) === 0 ? countBytes.readInt32LE(0) : null;
}

/** This machine's. On a platform without /proc everything is null. */
export const linuxKernel: Kernel = {
  text: (path) => attempt(() => buffer.toString("latin1", 0, readInto(path, buffer.byteLength, null))),
  link: (path) => attempt(() => readlinkSync(path)),
  list: (path) => attempt(() => readdirSync(path)),
  file: (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? identityOf(stats) : null;
  },
  openFile: (fd) => attempt(() => identityOf(fstatSync(fd))),
  memory: (pid, address, byteCount) =>
    attempt(() => buffer.subarray(0, readInto(`/proc/${pid}/mem`, Math.min(byteCount, buffer.byteLength), address))),
  unreadBytes: (slaveFd) => unreadBytesOf(libC(), slaveFd),
  lineMode: lineModeOf,
  hasOthers: (processGroup) => {
    try {
      process.kill(-processGroup, 0);
    } catch (thrown) {
      return (thrown as NodeJS.ErrnoException).code === "EPERM";
    }
    return false;
  },
  openTerminal: (path) => attempt(() => openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK)),
  close: (fd) => closeSync(fd),
};
