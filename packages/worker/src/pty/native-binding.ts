// The one file that knows node-pty: its compiled half, called directly. The public UnixTerminal would read into a fresh
// buffer per chunk, delay the exit event and destroy its socket 200 ms after the exit (docs/decisions/pty-reading.md).
// Decides nothing about sessions; makes a terminal with a program in it, and sizes it.
import { createRequire } from "node:module";
import { closeInheritedOnExec, closeOnExec } from "./close-on-exec.ts";

/** What `forkpty(3)` gave. */
export interface ForkedTerminal {
  /** The master side, non-blocking. The caller closes it. */
  readonly fd: number;
  readonly pid: number;
  /** Path of the slave side, such as `/dev/pts/7`. */
  readonly slavePath: string;
}

export interface ForkSpec {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Told once, when the program has been reaped. `signal` is a number, 0 when it exited by itself. */
  readonly onReaped: (code: number, signal: number) => void;
}

interface Binding {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, cols: number, rows: number): void;
}

/** `uid` and `gid` of the binding: keep those of this process. */
const SAME_USER = -1;

const require = createRequire(import.meta.url);
let loaded: Binding | null = null;

/** Makes a terminal and forks the program into it. Throws what forkpty(3) threw; whether it was executed is not known yet. */
export function forkTerminal(spec: ForkSpec): ForkedTerminal {
  const { fork } = binding();
  const [file = "", ...args] = spec.argv;
  const env = Object.entries(spec.env).map(([name, value]) => `${name}=${value}`);
  prepareProcess();
  const { cwd, cols, rows, onReaped } = spec;
  const { fd, pid, pty } = fork(file, args, env, cwd, cols, rows, SAME_USER, SAME_USER, true, helperPath(), onReaped);
  closeOnExec(fd);
  return { fd, pid, slavePath: pty };
}

/** Tells the kernel the size; the foreground group gets SIGWINCH if it differs. Throws on a closed terminal. */
export function setTerminalSize(fd: number, size: { cols: number; rows: number }): void {
  binding().resize(fd, size.cols, size.rows);
}

function binding(): Binding {
  if (!loaded) {
    const { requireBinary } = require("@lydell/node-pty/requireBinary.js") as { requireBinary(file: string): Binding };
    loaded = requireBinary("pty.node");
  }
  return loaded;
}

function helperPath(): string {
  if (process.platform !== "darwin") return "";
  return require.resolve(`@lydell/node-pty-${process.platform}-${process.arch}/spawn-helper`);
}

let isPrepared = false;

/**
 * A process started with SIGCHLD ignored has its children reaped by the kernel, and waitpid(2) would tell no exit status
 * (POSIX, "Consequences of Process Termination"). Any handler ends that.
 */
function prepareProcess(): void {
  if (isPrepared) return;
  closeInheritedOnExec();
  process.on("SIGCHLD", () => {});
  isPrepared = true;
}
