// Reads what program a process executes, and remembers it for as long as it is the same image. Knows /proc, no terminal.
import { basename } from "node:path";
import type { ProcessStat } from "../pty/processes.ts";
import type { Kernel } from "./kernel.ts";

export interface Program {
  /** Name of the file that is executed, without its folder; from the arguments where the file is hidden. */
  readonly program: string;
  readonly argv: readonly string[];
  /** For people: the arguments joined by blanks, at most 200 characters. */
  readonly command: string;
  /** Another one after each exec. */
  readonly fingerprint: string;
}

const COMMAND_MAX = 200;
/** Two for each of 500 sessions; beyond, the oldest is read again. */
const REMEMBERED_MAX = 1000;
/** A pid is not used again for the same fingerprint; a program may rewrite its arguments, which then stay as first read. */
const remembered = new Map<string, Program>();

export function programOf(kernel: Kernel, stat: ProcessStat): Program {
  const file = kernel.link(`/proc/${stat.pid}/exe`);
  const fingerprint = `${stat.pid}:${stat.startTime}:${stat.stackStart}:${file ?? stat.comm}`;
  return remembered.get(fingerprint) ?? remember(read(kernel, stat, { file, fingerprint }));
}

function read(kernel: Kernel, stat: ProcessStat, known: { file: string | null; fingerprint: string }): Program {
  const argv = (kernel.text(`/proc/${stat.pid}/cmdline`) ?? "").split("\0").slice(0, -1);
  const file = known.file?.replace(/ \(deleted\)$/, "") ?? argv[0] ?? stat.comm;
  const command = argv.join(" ").trim().slice(0, COMMAND_MAX) || `[${stat.comm}]`;
  return { program: basename(file), argv, command, fingerprint: known.fingerprint };
}

function remember(program: Program): Program {
  if (program.argv.length === 0) return program; // ending, or between two images
  const [oldest] = remembered.keys();
  if (remembered.size >= REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  remembered.set(program.fingerprint, program);
  return program;
}
