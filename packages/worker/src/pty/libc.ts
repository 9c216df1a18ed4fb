// The calls of the C library that Node lacks and a program on a terminal needs, through node:ffi. Knows their signatures
// and what memory they take; decides nothing.

const call = <const Taken extends readonly Parameter[]>(...taken: Taken) =>
  ({ return: "i32", arguments: taken }) as const;
type Parameter = "i16" | "i32" | "u32" | "u64" | "buffer" | "string";

/** As the manual pages have them. */
const SIGNATURES = {
  // Variadic in C; on Linux x64 and arm64 an address is passed alike either way.
  ioctl: call("i32", "u64", "buffer"),
  poll: call("buffer", "u64", "i32"),
  posix_openpt: call("i32"),
  unlockpt: call("i32"),
  ptsname_r: call("i32", "buffer", "u64"),
  tcgetattr: call("i32", "buffer"),
  tcsetattr: call("i32", "i32", "buffer"),
  posix_spawn: call("buffer", "string", "buffer", "buffer", "buffer", "buffer"),
  posix_spawn_file_actions_init: call("buffer"),
  posix_spawn_file_actions_destroy: call("buffer"),
  posix_spawn_file_actions_addopen: call("buffer", "i32", "string", "i32", "u32"),
  posix_spawn_file_actions_adddup2: call("buffer", "i32", "i32"),
  posix_spawn_file_actions_addchdir_np: call("buffer", "string"),
  posix_spawnattr_init: call("buffer"),
  posix_spawnattr_setflags: call("buffer", "i16"),
  posix_spawnattr_setsigdefault: call("buffer", "buffer"),
  posix_spawnattr_setsigmask: call("buffer", "buffer"),
  waitpid: call("i32", "buffer", "i32"),
};

export type LibC = NonNullable<ReturnType<typeof load>>;

let loaded: LibC | null | undefined;

/**
 * Null where programs cannot be started by it: not Linux, glibc before 2.29 (no `addchdir_np`), Node before 26.1.
 * The functions return what their pages say; buffers must come from `memory`.
 */
export function libC(): LibC | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

function load() {
  const ffi = process.getBuiltinModule("node:ffi");
  if (!ffi || process.platform !== "linux") return null;
  try {
    return ffi.dlopen(null, SIGNATURES).functions;
  } catch {
    return null; // a symbol is missing
  }
}

/** Enough for the opaque structures of any C library (glibc: at most 336) and for a `sigset_t` (128). */
export const OPAQUE_BYTES = 512;

/** Zeroed, and never moved by the garbage collector, so that addresses in it stay true. */
export function memory(byteCount: number): Buffer {
  return Buffer.from(new ArrayBuffer(byteCount));
}

const POINTER_BYTES = 8;

/** A `char *const []`: the addresses of C strings, ended by NULL, and behind them the strings themselves. */
export function stringVector(strings: readonly string[]): Buffer {
  const textAt = (strings.length + 1) * POINTER_BYTES;
  const vector = memory(strings.reduce((sum, one) => sum + Buffer.byteLength(one) + 1, textAt));
  const address = process.getBuiltinModule("node:ffi").getRawPointer(vector);
  let at = textAt;
  for (const [index, one] of strings.entries()) {
    vector.writeBigUInt64LE(address + BigInt(at), index * POINTER_BYTES);
    at += vector.write(one, at) + 1;
  }
  return vector;
}
