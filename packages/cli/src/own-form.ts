// Reads the command line of a command that is no operation, and prints its help, as those of operations are. Loads commander.
import type { Command, Option } from "commander";
import type { Globals } from "./globals.ts";
import type { OwnCommand, OwnLine } from "./own-command.ts";
import { addGlobals, addOption, makeOption, makeParser, parse, readOptions } from "./parser.ts";

export class OwnForm {
  readonly #own: OwnCommand;
  readonly #command: Command;
  readonly #options: ReadonlyMap<Option, string>;
  readonly #globals: ReadonlyMap<Option, keyof Globals>;

  constructor(own: OwnCommand) {
    const { name, summary, usages, options, globals } = own;
    this.#own = own;
    this.#command = makeParser(name, summary).usage(usages.join(`\n       fleetty ${name} `));
    this.#options = new Map(
      options.map(({ flag, value, says }) => [addOption(this.#command, makeOption(flag, value, says)), flag]),
    );
    this.#globals = addGlobals(this.#command, globals);
  }

  help(): string {
    const { notes, examples } = this.#own;
    const said = notes.map((note) => `${note}\n`).join("");
    const shown = `Examples:\n${examples.map((example) => `  ${example}\n`).join("")}`;
    return [this.#command.helpInformation(), said, shown].filter((part) => part !== "").join("\n");
  }

  /** Null where help was asked for. Throws `invalid_request`. */
  read(args: readonly string[], before: Globals): OwnLine | null {
    if (!parse(this.#command, args, this.#own.name)) return null;
    return {
      words: this.#command.args,
      options: readOptions(this.#command, this.#options),
      globals: { ...before, ...readOptions(this.#command, this.#globals) },
    };
  }
}
