// Reads a command line with options, and prints the help of one command: both from the operation's schema. A loop over its
// members; loads commander and the schema library. Knows no operation.
import { type Command, Option } from "commander";
import type { Comfort } from "./comfort.ts";
import type { CommandRow } from "./commands.ts";
import type { Globals } from "./globals.ts";
import { exitCodeText } from "./help.ts";
import type { Invocation } from "./invocation.ts";
import { addGlobals, addOption, makeOption, makeParser, parse, readOptions } from "./parser.ts";
import { writeOut } from "./print/output.ts";
import { type Line, neededPositionals, unfit, worded } from "./quick-form.ts";
import { memberValue, noOptionOf, optionOf, type SchemaMember, schemaMembers } from "./schema-members.ts";

interface Described {
  readonly row: CommandRow;
  readonly comfort: Comfort | null;
}

/** Null when help was asked for and has been printed. Throws `invalid_request`. */
export async function readFully(line: Line): Promise<Invocation | null> {
  const cut = line.args.indexOf("--");
  const args = cut < 0 ? line.args : line.args.slice(0, cut);
  const form = new CommandForm(line, await schemaMembers(line.row));
  if (parse(form.command, args, line.row.cli.command)) {
    return form.invocation(line.globals, cut < 0 ? undefined : line.args.slice(cut + 1));
  }
  await writeOut(form.help());
  return null;
}

export async function helpOf(described: Described): Promise<string> {
  return new CommandForm(described, await schemaMembers(described.row)).help();
}

/** One operation as a commander command, and what its options mean once they are parsed. */
class CommandForm {
  readonly command: Command;
  readonly #described: Described;
  readonly #members = new Map<Option, SchemaMember>();
  readonly #nulls = new Map<Option, SchemaMember>();
  readonly #extras = new Map<Option, string>();
  readonly #globals: ReadonlyMap<Option, keyof Globals>;

  constructor(described: Described, members: readonly SchemaMember[]) {
    this.#described = described;
    this.command = makeParser(described.row.cli.command, described.row.summary);
    this.#addArguments(members);
    this.#addOptions(members);
    this.#globals = addGlobals(this.command);
  }

  help(): string {
    const { row, comfort } = this.#described;
    const notes = comfort?.notes?.map((note) => `${note}\n`).join("") ?? "";
    const examples = `Examples:\n${row.cli.examples.map((example) => `  ${example}\n`).join("")}`;
    return [this.command.helpInformation(), notes, examples, exitCodeText()].filter((part) => part !== "").join("\n");
  }

  invocation(before: Globals, after: readonly string[] | undefined): Invocation {
    const { row } = this.#described;
    const extras = readOptions(this.command, this.#extras);
    const { members, rest } = worded({ ...this.#described, extras }, this.command.args, after);
    for (const [option, member] of this.#members) {
      const given = this.#given(option);
      if (given !== undefined) members[member.name] = given === true ? true : memberValue(member, given);
    }
    for (const [option, { name }] of this.#nulls) {
      if (this.#given(option) === undefined) continue;
      if (members[name] !== undefined) throw unfit(row, `takes ${option.long} or a ${name}, not both`);
      members[name] = null;
    }
    return {
      row,
      globals: { ...before, ...readOptions(this.command, this.#globals) },
      members,
      extras,
      rest,
    };
  }

  #addArguments(members: readonly SchemaMember[]): void {
    const { row, comfort } = this.#described;
    const required = members.filter(({ name, isRequired }) => isRequired && !comfort?.completes?.includes(name));
    const needed = [...neededPositionals(row), ...required.map(({ name }) => name)].filter(
      (name) => name !== "session" || !comfort?.picksMany,
    );
    for (const name of row.cli.positional ?? []) {
      // Too few is told by `positionals`, in the same words as without options.
      this.command.argument(`[${name}]`);
    }
    const last = row.cli.takesMany ? row.cli.positional?.at(-1) : undefined;
    const usage = (row.cli.positional ?? []).map((name) =>
      needed.includes(name) ? `<${name}>` : `[${name}${name === last ? "…" : ""}]`,
    );
    const program = comfort?.takesRest ? ["[-- program [arguments…]]"] : [];
    this.command.usage(["[options]", ...usage, ...program].join(" "));
  }

  #addOptions(members: readonly SchemaMember[]): void {
    const { row, comfort } = this.#described;
    const elsewhere = [...(row.cli.positional ?? []), ...(comfort?.hides ?? [])];
    for (const member of members.filter(({ name }) => !elsewhere.includes(name))) {
      const { name, isNullable } = member;
      this.#members.set(addOption(this.command, schemaOption(member, optionOf(name, comfort))), member);
      if (!isNullable) continue;
      const none = makeOption(noOptionOf(name, comfort), null, `take its ${name} away`);
      this.#nulls.set(addOption(this.command, none), member);
    }
    for (const { flag, value, says } of comfort?.extras ?? []) {
      this.#extras.set(addOption(this.command, makeOption(flag, value, says)), flag);
    }
  }

  #given(option: Option): readonly string[] | true | undefined {
    return this.command.getOptionValue(option.attributeName());
  }
}

/** `--max-wait-ms <number>`; one that takes several can be given again. */
function schemaOption({ kind, says, words, isRequired, takesWord }: SchemaMember, flag: string): Option {
  if (kind === "boolean") return new Option(flag, says);
  const known = [says, words?.join(" or ") ?? "", isRequired ? "required" : ""].filter((part) => part !== "");
  const placeholder = kind === "json" && takesWord ? "word or json" : placeholders[kind];
  return new Option(`${flag} <${placeholder}>`, known.join("; ")).argParser(gather);
}

const placeholders = {
  text: "text",
  integer: "number",
  list: "a,b,…",
  map: "NAME=VALUE",
  json: "json",
} as const;

function gather(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
