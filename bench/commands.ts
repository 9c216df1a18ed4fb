// The short commands that the bench runs in shells, and whether what came back of one is what it printed.
import { readFileSync } from "node:fs";

/** What came back of one command, and when, on the clock that the processes of a machine share. */
export interface CommandRun {
  readonly output: string;
  readonly code: number | null;
  /** Nanoseconds. */
  readonly endedAtNs: string;
}

export interface ShortCommand {
  readonly text: string;
  readonly output: string;
  readonly code: number;
}

/** Each prints another word, and two of three fail. */
export function shortCommands(count: number): ShortCommand[] {
  return Array.from({ length: count }, (_, at) => ({
    text: `echo word-${at}; test ${at % 3} = 0`,
    output: `word-${at}\n`,
    code: at % 3 === 0 ? 0 : 1,
  }));
}

/** Those of which another output or exit code came back. */
export function wrongOf(
  commands: readonly ShortCommand[],
  runs: readonly Pick<CommandRun, "output" | "code">[],
): number {
  return commands.filter(({ output, code }, at) => output !== runs[at]?.output || code !== runs[at]?.code).length;
}

const STAMP = "open F, '>', $ARGV[0]; syswrite F, sprintf '%.0f', clock_gettime(CLOCK_MONOTONIC) * 1e9; close F";
const PERL = "perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -MPOSIX=_exit";

/** Writes the time into that file as the last that it does. */
export function stampingEnd(file: string): string {
  return `${PERL} -e "${STAMP.replaceAll("$", "\\$")}; _exit 0" ${file}`;
}

/** Asks, writes the time into that file, and reads a line. */
export function stampingPrompt(file: string): string {
  return `${PERL} -e "syswrite STDOUT, 'Name? '; ${STAMP.replaceAll("$", "\\$")}; <STDIN>; _exit 0" ${file}`;
}

/** How long after the stamp in that file, in ms. */
export function msSince(file: string, nowNs: bigint): number {
  return Number(nowNs - BigInt(readFileSync(file, "utf8"))) / 1e6;
}
