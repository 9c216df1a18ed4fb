// Runs the real launcher as a person's shell would, with an environment of its own. For tests of the command line.
import { spawn } from "node:child_process";
import { join } from "node:path";

export const launcher = join(import.meta.dirname, "../bin/fleetty");

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads; without it standard input is empty, with null it is open and nothing comes. */
  readonly input?: string | null;
  /** Called with the process once it runs. */
  readonly onStart?: (child: { readonly pid: number; kill(signal: NodeJS.Signals): boolean }) => void;
}

/** Resolves when it has ended and all that it said is read. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(launcher, args, options);
}

export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn(program, args, { env: { ...plainEnvironment(), ...options.env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.on("error", reject);
  child.on("close", (code) => resolve({ code, stdout, stderr }));
  child.stdin.on("error", () => {});
  if (options.input !== null) child.stdin.end(options.input ?? "");
  if (child.pid !== undefined) options.onStart?.(child as { pid: number; kill(signal: NodeJS.Signals): boolean });
  return promise;
}

/** Nothing of the caller's own fleet; compiled code is kept in the checkout rather than in the home folder. */
export function plainEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  const cache = join(import.meta.dirname, "../../../node_modules/.cache/fleetty-tests");
  return { PATH, HOME, TERM: "xterm-256color", NODE_COMPILE_CACHE: cache };
}
