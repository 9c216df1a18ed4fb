// Holds what the numbers in `/proc/<pid>/syscall` mean on the architectures that are known, as far as it matters whether a
// program waits for a terminal. From the kernel's own tables (arch/x86/entry/syscalls/syscall_64.tbl,
// include/uapi/asm-generic/unistd.h).

/** What a blocked call waits for. Of the first group, the descriptors are still to be looked at. */
export type CallMeaning =
  | "read"
  | "poll"
  | "ppoll"
  | "select"
  | "pselect"
  | "epoll"
  | "epoll_timespec"
  | "restarted"
  | "child"
  | "sleep"
  | "lock"
  | "signal"
  | "socket"
  | "ring";

type Table = ReadonlyMap<number, CallMeaning>;

function table(rows: Readonly<Partial<Record<CallMeaning, readonly number[]>>>): Table {
  const entries = Object.entries(rows) as [CallMeaning, readonly number[]][];
  return new Map(entries.flatMap(([meaning, numbers]) => numbers.map((number) => [number, meaning] as const)));
}

const TABLES: Readonly<Record<string, Table>> = {
  x64: table({
    read: [0, 19],
    poll: [7],
    ppoll: [271],
    select: [23],
    pselect: [270],
    epoll: [232, 281],
    epoll_timespec: [441],
    restarted: [219],
    child: [61, 247],
    sleep: [35, 230],
    lock: [202, 449],
    signal: [34, 128, 130],
    socket: [42, 43, 44, 45, 46, 47, 288, 299],
    ring: [426],
  }),
  arm64: table({
    read: [63, 65],
    ppoll: [73],
    pselect: [72],
    epoll: [22],
    epoll_timespec: [441],
    restarted: [128],
    child: [95, 260],
    sleep: [101, 115],
    lock: [98, 449],
    signal: [133, 137],
    socket: [202, 203, 206, 207, 211, 212, 242, 243],
    ring: [426],
  }),
};

/** Null: another call, or an architecture that is not known (then all are). */
export function meaningOf(number: number, architecture: string = process.arch): CallMeaning | null {
  return TABLES[architecture]?.get(number) ?? null;
}

/** Whether numbers mean anything here: otherwise what a thread waits for cannot be told. */
export function knowsCalls(architecture: string = process.arch): boolean {
  return architecture in TABLES;
}
