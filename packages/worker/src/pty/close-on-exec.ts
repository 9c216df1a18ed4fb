// Keeps this process's descriptors out of the programs that it starts. node-pty 1.1.0 leaves the master sides of terminals
// inheritable: each program could read and type into every other session, and would keep those open after the session
// host's death. Node opens everything else close-on-exec by itself. Knows fcntl(2) and nothing of terminals.
import { readdirSync } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";

type Fcntl = (fd: number, command: number, argument: number) => number;

/** <fcntl.h> and <bits/fcntl-linux.h>: the same on all Linux architectures. */
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const FIRST_AFTER_STDIO = 3;

let loaded: Fcntl | null = null;

/** Marks one descriptor. macOS needs none of this: posix_spawn(2) is told there to close all (POSIX_SPAWN_CLOEXEC_DEFAULT). */
export function closeOnExec(fd: number): void {
  if (process.platform === "linux") fcntl()(fd, F_SETFD, FD_CLOEXEC);
}

/** Marks everything that whoever started this process left open in it, and refuses early where nothing can be marked. */
export function closeInheritedOnExec(): void {
  if (process.platform !== "linux") return;
  const fds = readdirSync("/proc/self/fd").map(Number);
  for (const fd of fds.filter((fd) => fd >= FIRST_AFTER_STDIO)) closeOnExec(fd);
}

function fcntl(): Fcntl {
  loaded ??= loadFcntl();
  return loaded;
}

function loadFcntl(): Fcntl {
  const ffi = process.getBuiltinModule("node:ffi");
  if (!ffi) {
    const message = `Node ${process.version} cannot keep terminals apart (no node:ffi); run fleetty with Node 26.1 or newer`;
    throw new FleettyError("session_create_failed", message, { step: "terminal", reason: "node_too_old" });
  }
  // Variadic in C; on Linux x64 and arm64 one int is passed alike either way.
  const signature = { return: "i32", arguments: ["i32", "i32", "i32"] } as const;
  return ffi.dlopen(null, { fcntl: signature }).functions.fcntl;
}
