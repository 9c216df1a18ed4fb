// Reads what one thread is blocked in, from the system call that it is in and the sets in its memory that this names; where
// the call is hidden, from the kernel function it sleeps in. Knows descriptors by number, not what they are.
import type { Kernel } from "./kernel.ts";
import { type CallMeaning, knowsCalls, meaningOf } from "./system-calls.ts";

export interface ThreadWait {
  readonly kind:
    | "descriptors"
    | "terminal_read"
    | "child"
    | "sleep"
    | "lock"
    | "signal"
    | "socket"
    | "pipe"
    | "running"
    | "other"
    | "unreadable";
  /** With `descriptors`: those whose input ends the wait. Empty when it waits for output to be taken. */
  readonly descriptors: readonly number[];
  /** It goes on by itself after this; Infinity when it does not. */
  readonly timeoutMs: number;
  /** The descriptors are those of an epoll set: it asked once to be told of their input, and may not want it any more. */
  readonly isRegistered: boolean;
  /** False: taken from the name of a kernel function, which does not say which file it is about. */
  readonly isCertain: boolean;
}

/** Where /proc shows a thread: `/proc/<pid>`, or `/proc/<pid>/task/<tid>`. */
export interface ThreadPlace {
  readonly pid: number;
  readonly folder: string;
}

export function threadWait(kernel: Kernel, place: ThreadPlace): ThreadWait {
  const text = knowsCalls() ? kernel.text(`${place.folder}/syscall`) : null;
  if (text === null || text === "") return waitByFunction(kernel.text(`${place.folder}/wchan`));
  if (text.startsWith("running")) return wait("running");
  const call = parseCall(text);
  if (!call) return wait("other");
  if (call.isOfOtherWidth) return wait("unreadable");
  return waitOf(kernel, place, call);
}

interface Call {
  readonly number: number;
  readonly words: readonly number[];
  readonly isOfOtherWidth: boolean;
}

/** Below this lie the stacks of 32-bit programs only, whose calls have other numbers. */
const STACKS_OF_32_BITS_END = 2 ** 32;

/** Number, six arguments, stack pointer, program counter (proc_pid_syscall(5)). Null: blocked outside of any call. */
function parseCall(text: string): Call | null {
  const [number = "-1", ...words] = text.trim().split(" ");
  if (words.length < 8) return null;
  return { number: Number(number), words: words.map(Number), isOfOtherWidth: Number(words[6]) < STACKS_OF_32_BITS_END };
}

function waitOf(kernel: Kernel, place: ThreadPlace, call: Call): ThreadWait {
  const meaning = meaningOf(call.number);
  const read = meaning === "restarted" ? readRestarted : READERS[meaning as keyof typeof READERS];
  if (read) return read({ kernel, place, words: call.words }) ?? wait("unreadable");
  if (meaning === "ring") return wait("unreadable"); // what lies in a ring is not shown
  return wait((meaning as Exclude<CallMeaning, keyof typeof READERS | "ring" | "restarted"> | null) ?? "other");
}

interface CallAt {
  readonly kernel: Kernel;
  readonly place: ThreadPlace;
  readonly words: readonly number[];
}

type Read = (call: CallAt) => ThreadWait | null;

const READERS = {
  read: ({ words }) => onDescriptors([word(words, 0)], Number.POSITIVE_INFINITY),
  poll: (call) => ofPoll(call, milliseconds(word(call.words, 2))),
  ppoll: (call) => ofPoll(call, timespecMs(call, word(call.words, 2))),
  select: (call) => ofSelect(call, timevalMs(call, word(call.words, 4))),
  pselect: (call) => ofSelect(call, timespecMs(call, word(call.words, 4))),
  epoll: (call) => ofEpoll(call, milliseconds(word(call.words, 3))),
  epoll_timespec: (call) => ofEpoll(call, timespecMs(call, word(call.words, 3))),
} satisfies Readonly<Partial<Record<CallMeaning, Read>>>;

/**
 * After a stop or a debugger's visit a call goes on under another number with its own arguments; its name is then known
 * from the function that it sleeps in.
 */
const readRestarted: Read = (call) => {
  const sleepsIn = call.kernel.text(`${call.place.folder}/wchan`) ?? "";
  if (sleepsIn.includes("poll")) return process.arch === "x64" ? READERS.poll(call) : READERS.ppoll(call);
  // Others that are restarted in this way: sleeps, and waits for a lock with a timeout.
  return wait(/^0?$/.test(sleepsIn) ? "unreadable" : sleepsIn.includes("futex") ? "lock" : "sleep");
};

function word(words: readonly number[], index: number): number {
  return words[index] ?? 0;
}

/** An `int` that /proc shows as an unsigned word; below zero means for ever. */
function milliseconds(shown: number): number {
  const value = shown % 2 ** 32;
  return value >= 2 ** 31 ? Number.POSITIVE_INFINITY : value;
}

function timespecMs(call: CallAt, address: number): number | null {
  return durationMs(call, address, 1e6);
}

function timevalMs(call: CallAt, address: number): number | null {
  return durationMs(call, address, 1e3);
}

/** Two 64-bit words, seconds and a part of them; no address means for ever. */
function durationMs({ kernel, place }: CallAt, address: number, partsPerMs: number): number | null {
  if (address === 0) return Number.POSITIVE_INFINITY;
  const bytes = kernel.memory(place.pid, address, 16);
  if (bytes?.byteLength !== 16) return null;
  return Number(bytes.readBigInt64LE(0)) * 1000 + Number(bytes.readBigInt64LE(8)) / partsPerMs;
}

/** <poll.h>: POLLIN and POLLRDNORM; epoll has them alike. */
const READABLE = 0x41;
const POLLFD_BYTES = 8;
/** More are not looked at: who waits for this many serves others. */
const DESCRIPTORS_MAX = 1024;

function ofPoll({ kernel, place, words }: CallAt, timeoutMs: number | null): ThreadWait | null {
  const count = Math.min(word(words, 1), DESCRIPTORS_MAX);
  if (timeoutMs === null) return null;
  if (count === 0) return sleepOf(timeoutMs);
  const bytes = kernel.memory(place.pid, word(words, 0), count * POLLFD_BYTES);
  if (bytes?.byteLength !== count * POLLFD_BYTES) return null;
  const descriptors: number[] = [];
  for (let at = 0; at < bytes.byteLength; at += POLLFD_BYTES) {
    const fd = bytes.readInt32LE(at);
    if (fd >= 0 && (bytes.readUInt16LE(at + 4) & READABLE) !== 0) descriptors.push(fd);
  }
  return onDescriptors(descriptors, timeoutMs);
}

function ofSelect({ kernel, place, words }: CallAt, timeoutMs: number | null): ThreadWait | null {
  if (timeoutMs === null) return null;
  const [count, set] = [Math.min(word(words, 0), DESCRIPTORS_MAX), word(words, 1)];
  if (set === 0) return word(words, 2) === 0 ? sleepOf(timeoutMs) : onDescriptors([], timeoutMs);
  // The kernel reads whole words of 64 bits.
  const byteCount = Math.ceil(count / 64) * 8;
  const bytes = kernel.memory(place.pid, set, byteCount);
  if (bytes?.byteLength !== byteCount) return null;
  const isIn = (fd: number) => ((bytes[fd >> 3] as number) & (1 << (fd & 7))) !== 0;
  const descriptors = Array.from({ length: count }, (_, fd) => fd).filter(isIn);
  return onDescriptors(descriptors, timeoutMs);
}

/** One line for each: `tfd:        0 events:       19 data: …`, numbers of events in base 16. */
const WATCHED = /^tfd:\s*(\d+) events:\s*([0-9a-f]+)/gm;

function ofEpoll({ kernel, place, words }: CallAt, timeoutMs: number | null): ThreadWait | null {
  const info = kernel.text(`/proc/${place.pid}/fdinfo/${word(words, 0)}`);
  if (info === null || timeoutMs === null) return null;
  const watched = [...info.matchAll(WATCHED)].filter(
    ([, , events]) => (Number.parseInt(events ?? "", 16) & READABLE) !== 0,
  );
  const seen = onDescriptors(
    watched.slice(0, DESCRIPTORS_MAX).map(([, fd]) => Number(fd)),
    timeoutMs,
  );
  return { ...seen, isRegistered: true };
}

function sleepOf(timeoutMs: number): ThreadWait {
  return wait(timeoutMs === Number.POSITIVE_INFINITY ? "signal" : "sleep");
}

function onDescriptors(descriptors: readonly number[], timeoutMs: number): ThreadWait {
  return { kind: "descriptors", descriptors, timeoutMs, isRegistered: false, isCertain: true };
}

function wait(kind: ThreadWait["kind"], isCertain = true): ThreadWait {
  return { kind, descriptors: [], timeoutMs: Number.POSITIVE_INFINITY, isRegistered: false, isCertain };
}

/** Kernel functions that say enough without the call. `wait_woken` is a terminal's read, and some sockets' too. */
const FUNCTIONS: readonly (readonly [RegExp, ThreadWait["kind"]])[] = [
  [/^(wait_woken|n_tty_read|tty_read)$/, "terminal_read"],
  [/^(do_wait|kernel_wait)/, "child"],
  [/nanosleep/, "sleep"],
  [/futex/, "lock"],
  [/sigsuspend|sigtimedwait|^do_pause/, "signal"],
  [/pipe_(read|wait)/, "pipe"],
  [/^unix_|skb|^tcp_|^inet_|sk_wait/, "socket"],
];

function waitByFunction(name: string | null): ThreadWait {
  const [, kind = "unreadable"] = FUNCTIONS.find(([pattern]) => pattern.test(name ?? "")) ?? [];
  return wait(kind, kind === "unreadable");
}
