// Reads config.toml: what of it are settings of a server, and what nobody knows. A file that others can change is refused,
// because it decides who is let in; so is one that others can read when it holds a secret.
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import { parse } from "smol-toml";
import type { AllGiven, Given, Setting } from "./settings.ts";

export interface ConfigFile {
  readonly path: string;
  /** Whether the operator named it: then it must be there. */
  readonly isChosen: boolean;
}

/** The one table that a server knows. */
const TABLE = "server";

/** Nothing for a file that is not there and was not named. Throws `invalid_request` or `forbidden`. */
export function fromFile(file: ConfigFile, settings: readonly Setting[], secrets: readonly string[]): AllGiven {
  const opened = open(file);
  if (!opened) return new Map();
  const { text, stats } = opened;
  const { path } = file;
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) throw forbidden(path, "belongs to another user", "chown it");
  if ((stats.mode & 0o022) !== 0) throw forbidden(path, "can be changed by others", "chmod 600 it");
  const reader = new Reader(path, text);
  const given = reader.given(settings);
  const secret = settings.find(({ name }) => secrets.includes(name) && given.has(name));
  if (secret && (stats.mode & 0o077) !== 0) {
    throw forbidden(path, `holds the secret ${secret.key} and can be read by others`, "chmod 600 it");
  }
  return given;
}

function open({ path, isChosen }: ConfigFile): { text: string; stats: Stats } | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    return { text: readFileSync(descriptor, "utf8"), stats: fstatSync(descriptor) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!isChosen && (code === "ENOENT" || code === "ENOTDIR")) return null;
    throw new FleettyError("invalid_request", `the config file ${path} cannot be read (${code})`, undefined, { cause });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

class Reader {
  readonly #path: string;
  readonly #lines: readonly string[];
  readonly #text: string;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#lines = text.split("\n");
  }

  given(settings: readonly Setting[]): AllGiven {
    const tables = this.#parse();
    for (const [name, value] of Object.entries(tables)) {
      if (name !== TABLE)
        throw this.#refused(this.#lineOf(null, name), `${isTable(value) ? `table [${name}]` : name} is not known`);
    }
    const table = tables[TABLE] ?? {};
    if (!isTable(table)) throw this.#refused(this.#lineOf(null, TABLE), `${TABLE} is to be a table: [${TABLE}]`);
    return new Map(Object.entries(table).map(([key, value]) => this.#setting(key, value, settings)));
  }

  #setting(key: string, value: unknown, settings: readonly Setting[]): [string, Given] {
    const setting = settings.find((one) => one.key === key);
    const line = this.#lineOf(TABLE, key);
    if (!setting) throw this.#refused(line, `${key} in [${TABLE}] is not known`);
    const problem = problemOf(setting, value);
    if (problem) throw this.#refused(line, `${key} in [${TABLE}] ${problem}`);
    return [setting.name, { value, called: `${this.#place(line)}: ${key}` }];
  }

  #parse(): Record<string, unknown> {
    try {
      return parse(this.#text);
    } catch (cause) {
      // Its first line: the others show the text around, which may be secret.
      const [problem = ""] = (cause as Error).message.split("\n");
      throw this.#refused((cause as { line?: number }).line, problem, cause);
    }
  }

  /** Where a key stands that is written in the plain way; undefined where it is written in another. */
  #lineOf(table: string | null, key: string): number | undefined {
    let inside: string | null = null;
    for (const [index, line] of this.#lines.entries()) {
      const heading = /^\s*\[+\s*"?([^\]"]+?)"?\s*\]+/.exec(line)?.[1];
      if (heading !== undefined) inside = heading;
      const isHeading = table === null && (heading === key || heading?.startsWith(`${key}.`));
      const named = /^\s*"?([A-Za-z0-9_-]+)"?\s*[.=]/.exec(line)?.[1];
      if (isHeading || (heading === undefined && inside === table && named === key)) return index + 1;
    }
    return undefined;
  }

  #place(line: number | undefined): string {
    return line === undefined ? this.#path : `${this.#path}:${line}`;
  }

  #refused(line: number | undefined, problem: string, cause?: unknown): FleettyError {
    const message = `${this.#place(line)}: ${problem}; see fleetty server --help`;
    return new FleettyError("invalid_request", message, { ...(line !== undefined && { line }) }, { cause });
  }
}

/** Numbers are no texts here, nor switches numbers. */
function problemOf({ kind }: Setting, value: unknown): string | null {
  switch (kind) {
    case "list":
      return Array.isArray(value) && value.every((one) => typeof one === "string") ? null : "is to be a list of texts";
    case "switch":
      return typeof value === "boolean" ? null : "is to be true or false";
    case "number":
      return typeof value === "number" ? null : "is to be a number";
    case "text":
      return typeof value === "string" ? null : "is to be a text";
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function forbidden(path: string, problem: string, mend: string): FleettyError {
  return new FleettyError("forbidden", `the config file ${path} ${problem}; ${mend}, after a look at what it says`);
}
