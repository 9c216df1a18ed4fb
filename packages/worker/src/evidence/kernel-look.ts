// Holds what the kernel says of a session's terminal at one moment, as `look` gives it and the rules of attention take it.
// Types alone. What could not be asked is null or said as unreadable; nothing is guessed.
import type { ProcessIdentity } from "../pty/processes.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Program } from "./program.ts";

/** Whose terminal is looked at; a `Pty` is one. */
export interface LookTarget extends Pick<ProcessIdentity, "pid" | "startTime"> {
  /** The slave side that the host holds; null once the program is gone. */
  readonly heldSlaveFd: number | null;
}

export interface KernelLook {
  /** Null where it cannot be asked, or there is no terminal any more. */
  readonly terminal: { readonly isLineMode: boolean; readonly echoes: boolean } | null;
  /** Input that nobody has read yet; in line mode only complete lines count. */
  readonly unreadBytes: number | null;
  /** Who leads the terminal's session. Null: gone, or not to be seen. */
  readonly leader: LeaderLook | null;
  readonly foreground: ForegroundLook | null;
  /**
   * Who reads this terminal, or may, without being of the group: those below it without a terminal of their own (`su -c`,
   * `setsid`), and when that was asked and the group waits for others, all of this user's (pinentry, a tmux server).
   */
  readonly elsewhere: readonly ProcessLook[];
  /**
   * What lies behind a program that reads this terminal and writes to one of its own: the look at that one. `lost`: it
   * cannot be followed, or there are several.
   */
  readonly inner: KernelLook | "lost" | null;
}

export interface LeaderLook extends Program {
  readonly pid: number;
  readonly processGroup: number;
  readonly leadsForeground: boolean;
  /** What it is as a program that takes commands; null when it takes none. */
  readonly interpreter: Interpreter | null;
}

export interface ForegroundLook {
  readonly processGroup: number;
  /** All that live. Empty: none of them could be found. */
  readonly processes: readonly ProcessLook[];
  /** False: there are more than were looked at. */
  readonly isWhole: boolean;
  /** Nobody lives in it, and nobody is hidden: the shell is between two commands. */
  readonly isGone: boolean;
}

export interface ProcessLook extends Program {
  readonly pid: number;
  readonly waitingOn: WaitingOn;
  /** Whether it is woken by something else too: a socket, a pipe or another terminal's program. */
  readonly waitsForOthersToo: boolean;
  /** Whether it reads the terminal as one of many (epoll): it asked once to be told of input, and may not want it any more. */
  readonly isRegistered: boolean;
  /** Whether one of its threads waits for the program of a terminal that the process itself made. */
  readonly servesInnerTerminal: boolean;
  /** Whether all its threads wait for sockets, signals or each other: somebody else may ask in its name. */
  readonly waitsForPeers: boolean;
  /** False: known from the name of a kernel function alone. */
  readonly isCertain: boolean;
}

/**
 * What a process waits for; of several threads, the first in this order. `terminal_with_timeout`: it goes on by itself
 * within a second, as what draws a spinner does. `stopped`: by a signal. `unreadable`: this user may not know.
 */
export const WAITING_ON = [
  "terminal",
  "terminal_with_timeout",
  "unreadable",
  "running",
  "inner_terminal",
  "pipe",
  "socket",
  "child",
  "sleep",
  "signal",
  "lock",
  "other",
  "stopped",
] as const;
export type WaitingOn = (typeof WAITING_ON)[number];
