// Decides what a command line may go on with: words of the table, options, or something that has to be asked for. Reads the
// table and its schemas; asks no server and no file.
import { SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { type AnyOperation, findOperation, isPublic, operations } from "@fleetty/protocol/operations";
import { type Comfort, comfortOf, type ExtraOption } from "../comfort.ts";
import { type CommandRow, commandRows, findCommand } from "../commands.ts";
import { fleetFormOf } from "../fleet-form.ts";
import { globalOptions } from "../globals.ts";
import { ownCommands } from "../help.ts";
import type { OwnCommand } from "../own-command.ts";
import { ownLines } from "../own-lines.ts";
import { isPicked } from "../picked.ts";
import { noOptionOf, optionOf, type SchemaMember, schemaMembers } from "../schema-members.ts";
import { SHELLS } from "./scripts.ts";

export interface Candidate {
  readonly word: string;
  readonly says: string;
}

/** What may come, behind `prefix` where a word has begun with what it is for: `--server=`. */
export type Expected = { readonly prefix?: string } & (
  | { readonly kind: "words"; readonly words: readonly Candidate[] }
  /** A list, separated by commas, of tags that sessions have. */
  | { readonly kind: "tags" }
  /** With those that have ended where the command is of use for them; of one server where the line names one. */
  | { readonly kind: "sessions"; readonly withEnded: boolean; readonly server?: string | undefined }
  | { readonly kind: "servers" }
  | { readonly kind: "presets" }
  /** A server set. */
  | { readonly kind: "server set" }
  | { readonly kind: "files" }
  | { readonly kind: "nothing" }
);

interface Option {
  readonly flags: readonly string[];
  readonly says: string;
  /** Null for a switch. */
  readonly value: Expected | null;
}

const NOTHING: Expected = { kind: "nothing" };
const FILES: Expected = { kind: "files" };
const TAGS: Expected = { kind: "tags" };
const SERVERS: Expected = { kind: "servers" };
const PRESETS: Expected = { kind: "presets" };
const SERVER_SET: Expected = { kind: "server set" };
/** Members and options by what stands in them. */
const IN_FILES = ["socket", "token_file", "ca_file", "cwd", "prompt-file", "dir"];
const IN_TAGS = ["tag", "tags", "add", "remove"];
const IN_SERVERS = ["server", "ref"];

/** `words`: those after `fleetty`, whole; then the one that is being typed, which may be empty. */
export async function expected(words: readonly string[], current: string): Promise<Expected> {
  const line = leadingOptions(words);
  if (line.open) return line.open;
  const { rest } = line;
  const [first, second] = rest;
  if (first === undefined) return current.startsWith("-") ? flagsOf(alwaysOptions) : firstWords();
  if (first === "help") return firstWords();
  if (first === "completion") return rest.length === 1 ? plain(SHELLS) : NOTHING;
  if (first === "top") return current.startsWith("-") ? flagsOf([...ofTop, ...alwaysOptions]) : NOTHING;
  if (first === "api") return ofApi(second, current);
  const own = ownLines.find(({ name }) => name === first);
  if (own) return ofOwn(own, rest.slice(1), current);
  const found = findCommand(rest);
  const more = rest.length === 1 && !current.startsWith("-") ? secondWords(first) : [];
  if (!found || more.length > 0) return { kind: "words", words: more };
  return ofCommand(found.row, rest.slice(found.words), current);
}

async function ofCommand(row: CommandRow, words: readonly string[], current: string): Promise<Expected> {
  const comfort = await comfortOf(row);
  const members = await schemaMembers(row);
  const fleetForm = fleetFormOf(row);
  const ofFleet = fleetForm ? optionsOf(fleetForm, await comfortOf(fleetForm), await schemaMembers(fleetForm)) : [];
  const own = optionsOf(row, comfort, members);
  const more = ofFleet.filter(({ flags: [flag] }) => !own.some(({ flags }) => flags.includes(flag as string)));
  const options = [...own, ...more, ...alwaysOptions];
  if (words.includes("--")) return comfort?.takesRest ? FILES : NOTHING;
  const read = readOptions(words, options);
  if (read.open) return read.open;
  const glued = /^(--[a-z-]+)=/.exec(current)?.[1];
  if (glued) return prefixed(`${glued}=`, options.find(({ flags }) => flags.includes(glued))?.value ?? NOTHING);
  if (current.startsWith("-")) return flagsOf(options);
  const names = (row.cli.positional ?? []).filter((name) => name !== "session" || !isPicked(comfort, read.given));
  const name = names[read.words.length];
  return name === "session" ? sessionsFor(row, read.given["--server"]) : ofMember(members, name);
}

function sessionsFor(row: CommandRow, server: string | boolean | undefined): Expected {
  const withEnded = !row.errors.includes("session_exited");
  return { kind: "sessions", withEnded, server: typeof server === "string" ? server : undefined };
}

function ofMember(members: readonly SchemaMember[], name: string | undefined): Expected {
  const member = members.find((one) => one.name === name);
  return member ? valueFor(member.name, member.words) : NOTHING;
}

async function ofApi(operation: string | undefined, current: string): Promise<Expected> {
  if (operation === undefined) {
    const rows = Object.values(operations) as AnyOperation[];
    return { kind: "words", words: rows.map(({ name, summary }) => ({ word: name, says: summary })) };
  }
  const row = isPublic(operation) ? findOperation(operation) : undefined;
  if (!row) return NOTHING;
  const members = await schemaMembers(row);
  const named = /^([a-z_]+)=/.exec(current)?.[1];
  if (named === undefined)
    return { kind: "words", words: members.map(({ name, says }) => ({ word: `${name}=`, says })) };
  const member = members.find(({ name }) => name === named);
  return prefixed(
    `${named}=`,
    named === "session" ? { kind: "sessions", withEnded: true } : valueFor(named, member?.words),
  );
}

function optionsOf({ cli }: CommandRow, comfort: Comfort | null, members: readonly SchemaMember[]): Option[] {
  const elsewhere = [...(cli.positional ?? []), ...(comfort?.hides ?? [])];
  const own = members.filter(({ name }) => !elsewhere.includes(name));
  return [
    ...own.flatMap(({ name, kind, says, words, isNullable }) => [
      { flags: [optionOf(name, comfort)], says, value: kind === "boolean" ? null : valueFor(name, words) },
      ...(isNullable ? [{ flags: [noOptionOf(name, comfort)], says: `take its ${name} away`, value: null }] : []),
    ]),
    ...(comfort?.extras ?? []).map(extraOption),
  ];
}

const HELP: Option = { flags: ["--help", "-h"], says: "print what the command does", value: null };
const alwaysOptions: readonly Option[] = [...globalOptions.map(globalOption), HELP];

function globalOption({ flags, says, value, member }: (typeof globalOptions)[number]): Option {
  const name = member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return { flags, says, value: value === null ? null : valueFor(name, undefined) };
}

function extraOption({ flag, value, says, words }: ExtraOption): Option {
  return { flags: [flag], says, value: value === null ? null : valueFor(flag.slice(2), words) };
}

function ofOwn({ name, options: extras, globals }: OwnCommand, args: readonly string[], current: string): Expected {
  const meant = globalOptions.filter(({ member }) => globals.includes(member));
  const options = [...extras.map(extraOption), ...meant.map(globalOption), HELP];
  const { words, open } = readOptions(args, options);
  if (open) return open;
  if (current.startsWith("-")) return flagsOf(options);
  if (words.length === 0) return { kind: "words", words: secondWords(name) };
  return name === "skills" && words[0] === "show" && words.length === 1 ? plain(SKILL_NAMES) : NOTHING;
}

const ofTop: readonly Option[] = [{ flags: ["--once"], says: "print one frame", value: null }];

function valueFor(name: string, words: readonly string[] | undefined): Expected {
  if (words) return plain(words);
  if (IN_TAGS.includes(name)) return TAGS;
  if (IN_SERVERS.includes(name)) return SERVERS;
  if (name === "preset") return PRESETS;
  if (name === "on") return SERVER_SET;
  return IN_FILES.includes(name) ? FILES : NOTHING;
}

interface OptionsRead {
  readonly words: readonly string[];
  readonly given: Readonly<Record<string, string | boolean>>;
  /** What is expected when the last option wants its value. */
  readonly open: Expected | null;
}

function readOptions(args: readonly string[], options: readonly Option[]): OptionsRead {
  const words: string[] = [];
  const given: Record<string, string | boolean> = {};
  for (let at = 0; at < args.length; at += 1) {
    const [word = "", next] = args.slice(at);
    const option = options.find(({ flags }) => flags.includes(word));
    const [, glued, value = ""] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (!word.startsWith("-")) words.push(word);
    else if (glued !== undefined) given[glued] = value;
    else given[word] = next ?? true;
    if (!option?.value) continue;
    if (next === undefined) return { words, given, open: option.value };
    at += 1;
  }
  return { words, given, open: null };
}

/** Options before the command. */
function leadingOptions(words: readonly string[]): { rest: readonly string[]; open: Expected | null } {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    if (!word.startsWith("-")) return { rest: words.slice(at), open: null };
    const option = alwaysOptions.find(({ flags }) => flags.includes(word));
    if (!option?.value) continue;
    if (at + 1 === words.length) return { rest: [], open: option.value };
    at += 1;
  }
  return { rest: [], open: null };
}

function allCommands(): Candidate[] {
  const own = ownCommands.flatMap(([form, says]) => {
    const [first = "", second = ""] = form.split(" ");
    const seconds = /^[a-z-]+(\|[a-z-]+)*$/.test(second) ? second.split("|") : [""];
    return seconds.map((word) => ({ word: `${first} ${word}`.trim(), says }));
  });
  return [...commandRows().map(({ cli, summary }) => ({ word: cli.command, says: summary })), ...own];
}

function firstWords(): Expected {
  const seen = new Map<string, Candidate>();
  for (const { word, says } of allCommands()) {
    const [first = ""] = word.split(" ");
    if (!seen.has(first) || word === first) seen.set(first, { word: first, says });
  }
  return { kind: "words", words: [...seen.values()] };
}

function secondWords(first: string): Candidate[] {
  return allCommands().flatMap(({ word, says }) => {
    const [one, second] = word.split(" ");
    return one === first && second !== undefined ? [{ word: second, says }] : [];
  });
}

function flagsOf(options: readonly Option[]): Expected {
  return { kind: "words", words: options.flatMap(({ flags, says }) => flags.map((word) => ({ word, says }))) };
}

function plain(words: readonly string[]): Expected {
  return { kind: "words", words: words.map((word) => ({ word, says: "" })) };
}

/** Values that stand in one word with what they are for; a file is not looked for there. */
function prefixed(prefix: string, value: Expected): Expected {
  return value.kind === "files" ? NOTHING : { ...value, prefix };
}
