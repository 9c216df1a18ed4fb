// Decides which of two forms a command has that is for one session or, where none is named, for many of the fleet. Knows what
// is a word and what is the value of an option; reads nothing else.
import { type Comfort, comfortOf } from "./comfort.ts";
import { type CommandRow, commandRows } from "./commands.ts";
import { globalOptions } from "./globals.ts";

/** The same command without a session; null where there is no such form. */
export function fleetFormOf({ cli }: CommandRow): CommandRow | null {
  if (cli.isForFleet) return null;
  return commandRows().find((one) => one.cli.isForFleet && one.cli.command === cli.command) ?? null;
}

/** The form that a line has. `args` stand behind the words of the command. */
export async function formOf(row: CommandRow, args: readonly string[]): Promise<CommandRow> {
  const fleetForm = fleetFormOf(row);
  if (!fleetForm || isHelp(args) || beginsWithWord(args)) return row;
  const switches = new Set((await Promise.all([row, fleetForm].map(switchesOf))).flat());
  return hasWord(args, switches) ? row : fleetForm;
}

export function isHelp(args: readonly string[]): boolean {
  const cut = args.indexOf("--");
  return (cut < 0 ? args : args.slice(0, cut)).some((word) => word === "--help" || word === "-h");
}

function beginsWithWord([first = ""]: readonly string[]): boolean {
  return first !== "" && !first.startsWith("-");
}

/** Options without a value. */
async function switchesOf(row: CommandRow): Promise<string[]> {
  const comfort: Comfort | null = await comfortOf(row);
  const { optionOf, schemaMembers } = await import("./schema-members.ts");
  const members = (await schemaMembers(row)).filter(({ kind }) => kind === "boolean");
  return [
    ...members.map(({ name }) => optionOf(name, comfort)),
    ...(comfort?.extras ?? []).filter(({ value }) => value === null).map(({ flag }) => flag),
    ...globalOptions.filter(({ value }) => value === null).flatMap(({ flags }) => flags),
  ];
}

function hasWord(args: readonly string[], switches: ReadonlySet<string>): boolean {
  for (let at = 0; at < args.length; ) {
    const word = args[at] as string;
    if (word === "--") return at + 1 < args.length;
    if (!word.startsWith("-")) return true;
    const isWhole = word.includes("=") || switches.has(word) || /^-L./.test(word);
    at += isWhole ? 1 : 2;
  }
  return false;
}
