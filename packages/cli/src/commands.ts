// Finds the row that the words of a command name. A loop over the table; the commands that are no operation are routed before.
import { FleettyError } from "@fleetty/protocol/errors";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";

/** Other names of a command, for hands that are used to them. */
const aliases: Readonly<Record<string, string>> = {
  list: "ls",
  "server stop": "stop",
  "tokens create": "tokens add",
};

/** Words of commands are at most this many: `server status`. */
const WORDS_MAX = 2;

export type CommandRow = AnyOperation & { readonly cli: NonNullable<AnyOperation["cli"]> };

/** One row for each command, so that an operation with several commands is there as often. */
export function commandRows(): CommandRow[] {
  return (Object.values(operations) as AnyOperation[]).flatMap(({ cli, ...row }) => {
    if (cli === null) return [];
    const further = (cli.also ?? []).map(({ summary, ...form }) => ({ ...row, cli: form, summary }));
    return [{ ...row, cli }, ...further];
  });
}

/** The row whose words `args` begin with, longest first, and how many words that were. */
export function findCommand(args: readonly string[]): { row: CommandRow; words: number } | null {
  for (let words = Math.min(WORDS_MAX, args.length); words > 0; words -= 1) {
    const said = args.slice(0, words).join(" ");
    const command = Object.hasOwn(aliases, said) ? aliases[said] : said;
    const row = commandRows().find(({ cli }) => cli.command === command);
    if (row) return { row, words };
  }
  return null;
}

/** Commands of several words that begin with this one. */
export function commandsBelow(word: string): CommandRow[] {
  return commandRows().filter(({ cli }) => cli.command.startsWith(`${word} `));
}

/** Commands whose name is close to what was typed, for a hint. */
export function commandsLike(word: string): string[] {
  return commandRows()
    .map(({ cli }) => cli.command)
    .filter((command) => command.startsWith(word.slice(0, 2)) || command.includes(word));
}

/** Refuses words that no command begins with. */
export function unknownCommand([word = "", second]: readonly string[]): FleettyError {
  const below = commandsBelow(word).map(({ cli }) => cli.command.slice(word.length + 1));
  if (below.length > 0) {
    const fact = second === undefined ? "is followed by another word" : `has no command ${JSON.stringify(second)}`;
    const message = `${word} ${fact}: ${below.join(", ")}; see fleetty ${word} --help`;
    return new FleettyError("invalid_request", message);
  }
  const like = commandsLike(word);
  const hint = like.length > 0 ? `did you mean ${like.join(", ")}? ` : "";
  return new FleettyError("invalid_request", `there is no command ${JSON.stringify(word)}; ${hint}see fleetty --help`);
}
