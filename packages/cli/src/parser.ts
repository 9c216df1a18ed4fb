// What all command lines have in common that commander reads: it prints nothing and ends nothing by itself, and what it refuses is
// refused as everything is. Knows no command.
import { FleettyError } from "@fleetty/protocol/errors";
import { Command, CommanderError, Option } from "commander";
import { type Globals, globalOptions } from "./globals.ts";

/** `name`: the words of the command after `fleetty`. */
export function makeParser(name: string, summary: string): Command {
  const command = new Command(`fleetty ${name}`);
  command.exitOverride().configureOutput({ writeOut() {}, writeErr() {} });
  return command.description(summary).helpOption("-h, --help", "print this").allowExcessArguments();
}

/** `--no-…` is a switch like others: the parser's own meaning of it would give what was not said. */
export function addOption(command: Command, option: Option): Option {
  option.negate = false;
  command.addOption(option);
  return option;
}

/** `value`: what it takes; null for a switch. */
export function makeOption(flags: string, value: string | null, says: string): Option {
  return new Option(value === null ? flags : `${flags} <${value}>`, says);
}

/** Adds options of every command, all of them where none is named. */
export function addGlobals(
  command: Command,
  named: readonly (keyof Globals)[] = globalOptions.map(({ member }) => member),
): Map<Option, keyof Globals> {
  const meant = globalOptions.filter(({ member }) => named.includes(member));
  return new Map(
    meant.map(({ flags, value, says, member }) => [
      addOption(command, makeOption(flags.join(", "), value, says)),
      member,
    ]),
  );
}

/** What was given of these options, under the names that they have here. */
export function readOptions(command: Command, options: ReadonlyMap<Option, string>): Record<string, string | boolean> {
  const given = [...options].map(([option, name]) => [name, command.getOptionValue(option.attributeName())]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** False where help was asked for. Throws `invalid_request`; `name` is the command whose help says more. */
export function parse(command: Command, args: readonly string[], name: string): boolean {
  try {
    command.parse(args, { from: "user" });
    return true;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.code === "commander.helpDisplayed") return false;
    const fact = thrown.message.replace(/^error: /, "").replaceAll("\n", " ");
    throw new FleettyError("invalid_request", `${fact}; see fleetty ${name} --help`);
  }
}
