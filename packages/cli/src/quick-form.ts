// Reads a command line that holds nothing but words, the options of every command and those of its comfort: the common
// case, without loading a schema or a parser library. Whatever else there is, it leaves to the full form.
import { FleettyError } from "@fleetty/protocol/errors";
import type { Comfort } from "./comfort.ts";
import type { CommandRow } from "./commands.ts";
import { type Globals, takeGlobal } from "./globals.ts";
import type { Invocation } from "./invocation.ts";
import { isPicked } from "./picked.ts";

export interface Line {
  readonly row: CommandRow;
  readonly comfort: Comfort | null;
  readonly globals: Globals;
  /** What stands after the words of the command. */
  readonly args: readonly string[];
}

/** Null when the line needs the full form. Throws `invalid_request`. */
export function readQuickly({ row, comfort, globals, args }: Line): Invocation | null {
  const cut = args.indexOf("--");
  const before = cut < 0 ? args : args.slice(0, cut);
  const reader = new QuickReader(comfort, globals);
  for (let at = 0; at < before.length; ) {
    const taken = reader.take(before.slice(at));
    if (taken === 0) return null;
    at += taken;
  }
  const after = cut < 0 ? undefined : args.slice(cut + 1);
  const { extras } = reader;
  return { row, globals: reader.globals, extras, ...worded({ row, comfort, extras }, reader.words, after) };
}

/**
 * Members by position and the rest, from the words before and after `--`. What stands after it is no option, and a word like
 * the others unless the command takes it as a whole.
 */
export function worded(
  { row, comfort, extras }: Pick<Line, "row" | "comfort"> & Pick<Invocation, "extras">,
  words: readonly string[],
  after: readonly string[] | undefined,
): Pick<Invocation, "rest"> & { members: Record<string, unknown> } {
  const names = (row.cli.positional ?? []).filter((name) => name !== "session" || !isPicked(comfort, extras));
  if (comfort?.takesRest) return { members: positionals(row, names, words), rest: after };
  const all = [...words, ...(after ?? [])];
  if (all.length === 0 && comfort?.picksMany && names.includes("session"))
    throw unfit(row, "needs <session>, or --tag or --on for many");
  return { members: positionals(row, names, all), rest: undefined };
}

class QuickReader {
  readonly words: string[] = [];
  readonly extras: Record<string, string | boolean> = {};
  readonly #comfort: Comfort | null;
  globals: Globals;

  constructor(comfort: Comfort | null, globals: Globals) {
    this.#comfort = comfort;
    this.globals = globals;
  }

  /** Takes what stands first; 0 when it is not known here. */
  take(args: readonly string[]): number {
    const [first = "", second] = args;
    if (!first.startsWith("-") || first === "-") return this.words.push(first) && 1;
    const global = takeGlobal(args);
    if (global) {
      this.globals = { ...this.globals, ...global.globals };
      return global.taken;
    }
    const extra = this.#comfort?.extras?.find(({ flag }) => flag === first);
    if (!extra || (extra.value !== null && second === undefined)) return 0;
    this.extras[first] = extra.value === null ? true : (second as string);
    return extra.value === null ? 1 : 2;
  }
}

/** Members by position: texts, or last a list of them. Throws `invalid_request` for one too many or too few. */
function positionals(row: CommandRow, names: readonly string[], words: readonly string[]): Record<string, unknown> {
  const single = row.cli.takesMany ? names.length - 1 : names.length;
  const left = words.slice(single);
  const tooMany = row.cli.takesMany ? undefined : left[0];
  if (tooMany !== undefined) throw unfit(row, `does not take ${JSON.stringify(tooMany)}`);
  const missing = neededPositionals(row).filter((name) => names.includes(name))[words.length];
  if (missing !== undefined) throw unfit(row, `needs <${missing}>`);
  const members = words.slice(0, single).map((word, at): [string, unknown] => [names[at] as string, word]);
  return Object.fromEntries(left.length === 0 ? members : [...members, [names[single], left]]);
}

/** Positional members without which there is no path to call; they stand before the others. */
export function neededPositionals(row: CommandRow): string[] {
  return (row.cli.positional ?? []).filter((name) => row.http?.includes(`{${name}}`));
}

/** The command as it was typed is refused: what it needs, or does not take. */
export function unfit(row: CommandRow, fact: string): FleettyError {
  const command = `fleetty ${row.cli.command}`;
  return new FleettyError("invalid_request", `${command} ${fact}; see ${command} --help`);
}
