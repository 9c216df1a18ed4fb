// Decides before anything is forked whether a program can be started: working directory, search through PATH,
// permissions, interpreter, size of the arguments. Follows execvp(3) and execve(2); starts nothing. Asks the file system
// at once, which may take long: it runs in the start thread.
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";

export interface LookupSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where execvp(3) looks when the environment has no PATH (confstr(3), _CS_PATH). */
const DEFAULT_PATH = "/bin:/usr/bin";
/** Linux, MAX_ARG_STRLEN: the longest single argument or variable, in bytes with its NUL. */
const ARGUMENT_MAX_BYTES = 128 * 1024;
/** Linux, a quarter of the default 8 MiB stack: all arguments and variables together. */
const ARGUMENTS_MAX_BYTES = 2 * 1024 * 1024;
/** A pointer per argument or variable counts too. */
const POINTER_BYTES = 8;
/** The kernel reads no more of a `#!` line (BINPRM_BUF_SIZE). */
const HEAD_BYTES = 256;
/** The kernel follows interpreters that are scripts themselves this far (Documentation/filesystems, ELOOP beyond). */
const INTERPRETERS_MAX = 5;
const ELF_MAGIC = 0x7f454c46;

/**
 * The file to be executed: a name with `/` as it is given, else where PATH has it. Throws `invalid_request {field: "cwd", reason}` or
 * `session_create_failed {step: "program", reason}`.
 */
export function findStartable(spec: LookupSpec): string {
  checkCwd(spec.cwd);
  checkArguments(spec);
  const path = findProgram(spec);
  checkFile(path, spec.cwd, 0);
  const [name = ""] = spec.argv;
  return name.includes("/") ? name : path;
}

function checkCwd(cwd: string): void {
  const refuse = (reason: string, fact: string) => {
    throw new FleettyError("invalid_request", `cwd ${quoted(cwd)} ${fact}`, { field: "cwd", step: "cwd", reason });
  };
  if (!cwd.startsWith("/") || cwd.includes("\0")) refuse("not_absolute", "is not an absolute path; give one");
  const found = lookAt(cwd);
  if (typeof found === "string") return refuse(found, `cannot be used: ${found}; choose another`);
  if (!found.isDirectory()) refuse("not_a_directory", "is not a directory; choose another");
  if (!canExecute(cwd)) refuse("permission_denied", "may not be entered by this user; choose another");
}

function checkArguments({ argv, env }: LookupSpec): void {
  if (!argv[0]) throw refusal("", "not_found", "the name of the program is empty; give one");
  const strings = [...argv, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  if (strings.some((text) => text.includes("\0"))) {
    throw refusal(argv[0], "nul_in_text", "an argument or variable contains NUL; leave it out");
  }
  const sizes = strings.map((text) => Buffer.byteLength(text) + 1);
  const total = sizes.reduce((sum, size) => sum + size + POINTER_BYTES, 0);
  if (sizes.some((size) => size > ARGUMENT_MAX_BYTES) || total > ARGUMENTS_MAX_BYTES) {
    throw refusal(argv[0], "arguments_too_long", "its arguments and environment are too long; pass them in a file");
  }
}

/** The file that execvp(3) would execute, as an absolute path. */
function findProgram({ argv, cwd, env }: LookupSpec): string {
  const name = argv[0] ?? "";
  if (name.includes("/")) return resolve(cwd, name);
  let isDenied = false;
  for (const directory of (env["PATH"] ?? DEFAULT_PATH).split(":")) {
    const path = resolve(cwd, directory, name);
    const reason = reasonAgainst(path);
    if (reason === null) return path;
    isDenied ||= reason !== "not_found";
  }
  if (isDenied) throw refusal(name, "permission_denied", "is in PATH, but may not be executed; make it executable");
  throw refusal(name, "not_found", "is not in PATH; install it or give its path");
}

/** Why `path` may not be executed, before its content is considered; null when it may. */
function reasonAgainst(path: string): string | null {
  const found = lookAt(path);
  if (typeof found === "string") return found;
  if (found.isDirectory()) return "is_a_directory";
  if (!found.isFile() || !canExecute(path)) return "permission_denied";
  return null;
}

/** Anything but ELF and `#!` is left to binfmt_misc, or to /bin/sh as execvp(3) does. */
function checkFile(path: string, cwd: string, depth: number): void {
  const reason = reasonAgainst(path);
  if (reason) throw refusal(path, reason, `cannot be executed: ${reason}; correct the path or its permissions`);
  const interpreter = readInterpreter(path);
  if (interpreter === null) return;
  const interpreterPath = resolve(cwd, interpreter);
  if (reasonAgainst(interpreterPath)) {
    const fact = `needs ${quoted(interpreter)}, which cannot be executed; install it`;
    throw refusal(path, "interpreter_missing", fact);
  }
  if (depth < INTERPRETERS_MAX) checkFile(interpreterPath, cwd, depth + 1);
}

/** The program that the kernel starts for this one: that of its `#!` line, or an ELF file's loader. Null: none. */
function readInterpreter(path: string): string | null {
  const fd = openOrNull(path);
  if (fd === null) return null; // executable but not readable: nothing can be said, and the kernel does not mind
  try {
    const head = readAt(fd, 0, HEAD_BYTES);
    if (head.toString("latin1", 0, 2) === "#!") return scriptInterpreter(head);
    if (head.byteLength >= 64 && head.readUInt32BE(0) === ELF_MAGIC) return elfLoader(fd, head);
    return null;
  } finally {
    closeSync(fd);
  }
}

function scriptInterpreter(head: Buffer): string | null {
  const line = head.toString("utf8", 2).split("\n", 1)[0] ?? "";
  return line.trim().split(/[ \t\0]/, 1)[0] || null;
}

/** PT_INTERP of elf(5), in 64-bit little-endian files; others are left to the kernel. */
function elfLoader(fd: number, head: Buffer): string | null {
  const is64BitLittleEndian = head[4] === 2 && head[5] === 1;
  if (!is64BitLittleEndian) return null;
  const entrySize = head.readUInt16LE(54);
  const table = readAt(fd, Number(head.readBigUInt64LE(32)), entrySize * head.readUInt16LE(56));
  for (let at = 0; at + 56 <= table.byteLength; at += entrySize) {
    if (table.readUInt32LE(at) !== 3) continue;
    const text = readAt(fd, Number(table.readBigUInt64LE(at + 8)), Number(table.readBigUInt64LE(at + 32)));
    return text.toString("utf8").split("\0", 1)[0] || null;
  }
  return null;
}

function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(Math.min(length, 64 * 1024));
  return buffer.subarray(0, readSync(fd, buffer, 0, buffer.byteLength, position));
}

function openOrNull(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    return null;
  }
}

/** What is there, or the reason why nothing can be said of it. */
function lookAt(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? "not_found";
  } catch (thrown) {
    return reasonOf(thrown as NodeJS.ErrnoException);
  }
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(thrown: NodeJS.ErrnoException): string {
  if (thrown.code === "ENOENT" || thrown.code === "ENOTDIR") return "not_found";
  return thrown.code === "EACCES" ? "permission_denied" : (thrown.code ?? "unusable");
}

function refusal(program: string, reason: string, fact: string): FleettyError {
  const message = program ? `program ${quoted(program)} ${fact}` : fact;
  return new FleettyError("session_create_failed", message, { step: "program", reason });
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
