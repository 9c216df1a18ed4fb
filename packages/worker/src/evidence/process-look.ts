// Summarises what the threads of one process wait for, seen from one terminal: whether one of them reads it. Decides what
// a descriptor is by the file behind it, never by its name.
import type { ProcessStat } from "../pty/processes.ts";
import type { FileIdentity, Kernel } from "./kernel.ts";
import { type ProcessLook, WAITING_ON, type WaitingOn } from "./kernel-look.ts";
import { programOf } from "./program.ts";
import { type ThreadWait, threadWait } from "./thread-wait.ts";

/** <linux/major.h>, <linux/devices.txt>: 5:0 is whatever terminal the process has, 5:2 makes terminals. */
const CONTROLLING_TERMINAL = 0x500;
const TERMINAL_MAKER = 0x502;
/** Who goes on by itself within this does something else than waiting for an answer. */
const EVENT_LOOP_MS = 1000;
/** More threads and descriptors are not looked at. A program that asks has few. */
const THREADS_MAX = 64;
const DESCRIPTORS_MAX = 256;

export type DescriptorKind = "terminal" | "inner_terminal" | "socket" | "pipe" | "other";

export class ProcessView {
  readonly #kernel: Kernel;
  readonly #terminal: FileIdentity;
  readonly #stat: ProcessStat;

  constructor(kernel: Kernel, terminal: FileIdentity, stat: ProcessStat) {
    this.#kernel = kernel;
    this.#terminal = terminal;
    this.#stat = stat;
  }

  look(): ProcessLook {
    const threads = this.#isStopped() ? [STOPPED] : this.#waits().map((wait) => this.#seen(wait));
    const [first = UNREADABLE] = threads.toSorted((one, other) => rank(one) - rank(other));
    const kinds = new Set(threads.flatMap(({ kinds }) => kinds));
    return {
      ...programOf(this.#kernel, this.#stat),
      pid: this.#stat.pid,
      waitingOn: first.waitingOn,
      waitsForOthersToo: kinds.has("socket") || kinds.has("pipe") || kinds.has("inner_terminal"),
      isRegistered: first.isRegistered,
      servesInnerTerminal: kinds.has("inner_terminal"),
      waitsForPeers: threads.every(waitsForPeer) && threads.some(({ waitingOn }) => waitingOn !== "lock"),
      isCertain: first.isCertain,
    };
  }

  /** Of its first thread alone, which is where shells read; null: hidden. */
  firstThreadReads(): boolean | null {
    if (this.#isStopped()) return false;
    const { pid } = this.#stat;
    const { waitingOn } = this.#seen(threadWait(this.#kernel, { pid, folder: `/proc/${pid}/task/${pid}` }));
    return waitingOn === "unreadable" ? null : waitingOn === "terminal" || waitingOn === "terminal_with_timeout";
  }

  /** Descriptors of its own terminals' masters that its threads wait for. */
  innerDescriptors(): number[] {
    const descriptors = this.#waits().flatMap((wait) => wait.descriptors);
    return [...new Set(descriptors)].filter((fd) => this.#kindOf(fd) === "inner_terminal");
  }

  /** Whether it could read the terminal: it has it open. For programs whose calls are hidden, only the usual places. */
  #hasTerminalAsInput(): boolean {
    return this.#kindOf(0) === "terminal";
  }

  #isStopped(): boolean {
    return this.#stat.state === "T" || this.#stat.state === "t";
  }

  #waits(): ThreadWait[] {
    const { pid, threadCount } = this.#stat;
    if (threadCount <= 1) return [threadWait(this.#kernel, { pid, folder: `/proc/${pid}` })];
    const threads = (this.#kernel.list(`/proc/${pid}/task`) ?? []).slice(0, THREADS_MAX);
    return threads.map((tid) => threadWait(this.#kernel, { pid, folder: `/proc/${pid}/task/${tid}` }));
  }

  #seen(wait: ThreadWait): ThreadSeen {
    if (wait.kind === "descriptors") return this.#seenOnDescriptors(wait);
    if (wait.kind === "terminal_read") return this.#hasTerminalAsInput() ? GUESSED_READER : UNREADABLE;
    // Who is on a processor waits for nothing, whatever else is hidden.
    if (wait.kind === "unreadable" && this.#stat.state === "R" && this.#stat.threadCount <= 1) return RUNNING;
    return { waitingOn: wait.kind, kinds: kindsOf(wait.kind), isRegistered: false, isCertain: wait.isCertain };
  }

  #seenOnDescriptors({ descriptors, timeoutMs, isRegistered }: ThreadWait): ThreadSeen {
    const kinds = descriptors.slice(0, DESCRIPTORS_MAX).map((fd) => this.#kindOf(fd));
    const open = kinds.filter((kind) => kind !== null);
    return { waitingOn: waitingOn(open, timeoutMs), kinds: open, isRegistered, isCertain: true };
  }

  /** Null: closed meanwhile, since whose calls may be seen, has no hidden descriptors. */
  #kindOf(fd: number): DescriptorKind | null {
    const file = this.#kernel.file(`/proc/${this.#stat.pid}/fd/${fd}`);
    if (file?.kind !== "character_device") return file?.kind ?? null;
    if (file.number === TERMINAL_MAKER) return "inner_terminal";
    return this.#isTerminal(file) ? "terminal" : "other";
  }

  #isTerminal({ number, device }: FileIdentity): boolean {
    if (number === CONTROLLING_TERMINAL) return this.#stat.tty === this.#terminal.number;
    return number === this.#terminal.number && device === this.#terminal.device;
  }
}

interface ThreadSeen {
  readonly waitingOn: WaitingOn;
  readonly kinds: readonly DescriptorKind[];
  readonly isRegistered: boolean;
  readonly isCertain: boolean;
}

const STOPPED: ThreadSeen = { waitingOn: "stopped", kinds: [], isRegistered: false, isCertain: true };
const RUNNING: ThreadSeen = { waitingOn: "running", kinds: [], isRegistered: false, isCertain: true };
const UNREADABLE: ThreadSeen = { waitingOn: "unreadable", kinds: [], isRegistered: false, isCertain: true };
const GUESSED_READER: ThreadSeen = {
  waitingOn: "terminal",
  kinds: ["terminal"],
  isRegistered: false,
  isCertain: false,
};

function waitingOn(kinds: readonly DescriptorKind[], timeoutMs: number): WaitingOn {
  if (kinds.includes("terminal")) return timeoutMs < EVENT_LOOP_MS ? "terminal_with_timeout" : "terminal";
  const first = (["inner_terminal", "pipe", "socket"] as const).find((kind) => kinds.includes(kind));
  return first ?? (timeoutMs === Number.POSITIVE_INFINITY ? "other" : "sleep");
}

function kindsOf(kind: ThreadWait["kind"]): readonly DescriptorKind[] {
  return kind === "socket" || kind === "pipe" ? [kind] : [];
}

function waitsForPeer({ waitingOn, kinds }: ThreadSeen): boolean {
  return ["socket", "signal", "lock"].includes(waitingOn) || (waitingOn === "pipe" && kinds.includes("socket"));
}

function rank({ waitingOn }: ThreadSeen): number {
  return WAITING_ON.indexOf(waitingOn);
}
