// Says what a command is that is no operation, as far as its words and options go, and reads its command line. Loads a parser
// only where there is something to read.
import { FleettyError } from "@fleetty/protocol/errors";
import type { ExtraOption } from "./comfort.ts";
import type { Globals } from "./globals.ts";
import { writeOut } from "./print/output.ts";

export interface OwnCommand {
  /** The word that it begins with. */
  readonly name: string;
  /** What follows that word, for each way to use it. */
  readonly usages: readonly string[];
  readonly summary: string;
  readonly options: readonly ExtraOption[];
  /** Options of every command that mean something here; others are refused. */
  readonly globals: readonly (keyof Globals)[];
  /** Lines for `--help`. */
  readonly notes: readonly string[];
  readonly examples: readonly string[];
}

export interface OwnLine {
  readonly words: readonly string[];
  /** By their flags. */
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly globals: Globals;
}

/** Null when help was asked for and has been printed. Throws `invalid_request`. */
export async function readOwn(command: OwnCommand, args: readonly string[], before: Globals): Promise<OwnLine | null> {
  if (args.length === 0) return { words: [], options: {}, globals: before };
  const form = new (await import("./own-form.ts")).OwnForm(command);
  const line = form.read(args, before);
  if (line === null) await writeOut(form.help());
  return line;
}

export function unusableLine({ name }: OwnCommand, fact: string): FleettyError {
  return new FleettyError("invalid_request", `fleetty ${name} ${fact}; see fleetty ${name} --help`);
}
