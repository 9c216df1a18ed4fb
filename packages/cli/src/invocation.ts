// Says what a command line comes to, whichever way it was read.
import type { CommandRow } from "./commands.ts";
import type { Globals } from "./globals.ts";

export type Members = Readonly<Record<string, unknown>>;

/** One command, read: members of the operation's input, options that only the command line has, and what stood after `--`. */
export interface Invocation {
  readonly row: CommandRow;
  readonly globals: Globals;
  readonly members: Members;
  readonly extras: Readonly<Record<string, string | boolean>>;
  /** Undefined without `--`. */
  readonly rest: readonly string[] | undefined;
}
