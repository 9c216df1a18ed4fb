// Opens config.toml and tells where in it something stands. A file that others can change is refused, because it decides who
// is let in. Knows TOML, and neither a table nor a key by name.
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { FleettyError } from "@fleetty/protocol/errors";
import { parse } from "smol-toml";
import type { SettingsOwner } from "./settings.ts";

export interface ConfigPlace {
  readonly path: string;
  /** Whether the operator named it: then it must be there. */
  readonly isChosen: boolean;
}

/** Where something stands in the file. */
export interface Spot {
  /** Null outside of all tables. */
  readonly table: string | null;
  /** Which of the tables of that name, from 0, where there are several. */
  readonly at?: number | undefined;
  readonly key?: string | undefined;
}

/** Null for a file that is not there and was not named; `owner` reads it. Throws `invalid_request` or `forbidden`. */
export function openConfigFile(place: ConfigPlace, owner: SettingsOwner = "server"): ConfigFile | null {
  const opened = open(place);
  if (!opened) return null;
  const { text, stats } = opened;
  const { path } = place;
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) throw forbidden(path, "belongs to another user", "chown it");
  if ((stats.mode & 0o022) !== 0) throw forbidden(path, "can be changed by others", "chmod 600 it");
  return new ConfigFile({ path, text, isPrivate: (stats.mode & 0o077) === 0, owner });
}

function open({ path, isChosen }: ConfigPlace): { text: string; stats: Stats } | null {
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

interface ConfigFileParts {
  readonly path: string;
  readonly text: string;
  /** Closed to readers, too. */
  readonly isPrivate: boolean;
  /** Whose help whoever wrote it is told to look at. */
  readonly owner: SettingsOwner;
}

export class ConfigFile {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly #lines: readonly string[];
  readonly #isPrivate: boolean;
  readonly #owner: SettingsOwner;

  /** Throws `invalid_request` for what is no TOML. */
  constructor({ path, text, isPrivate, owner }: ConfigFileParts) {
    this.path = path;
    this.#lines = text.split("\n");
    this.#isPrivate = isPrivate;
    this.#owner = owner;
    this.content = this.#parse(text);
  }

  /** What stands at `spot` is secret. Throws `forbidden` when others can read it. */
  requirePrivate(spot: Spot): void {
    if (this.#isPrivate) return;
    const line = this.#lineOf(spot);
    const where = line === undefined ? "" : ` in line ${line}`;
    throw forbidden(this.path, `holds the secret ${spot.key}${where} and can be read by others`, "chmod 600 it");
  }

  /** Path and line, as far as it is known. */
  place(spot: Spot): string {
    return this.#placeAt(this.#lineOf(spot));
  }

  refused(spot: Spot, problem: string): FleettyError {
    return this.#refusedAt(this.#lineOf(spot), problem);
  }

  #parse(text: string): Record<string, unknown> {
    try {
      return parse(text);
    } catch (cause) {
      // Its first line: the others show the text around, which may be secret.
      const [problem = ""] = (cause as Error).message.split("\n");
      throw this.#refusedAt((cause as { line?: number }).line, problem, cause);
    }
  }

  #lineOf({ table, at, key }: Spot): number | undefined {
    const known = key === undefined ? undefined : this.#find(table, at, key);
    return known ?? (table === null ? undefined : (this.#find(table, at) ?? this.#find(null, undefined, table)));
  }

  /** Where a table, or a key in it, is written in the plain way; undefined where it is written in another. */
  #find(table: string | null, at = 0, key?: string): number | undefined {
    let inside: string | null = null;
    let seen = -1;
    for (const [index, line] of this.#lines.entries()) {
      const heading = /^\s*\[+\s*"?([^\]"]+?)"?\s*\]+/.exec(line)?.[1];
      if (heading !== undefined) inside = heading;
      if (heading === table) seen += 1;
      const isIn = table === null || seen === at;
      const named = /^\s*"?([A-Za-z0-9_-]+)"?\s*[.=]/.exec(line)?.[1];
      const wanted = key === undefined ? table : table === null ? key : `${table}.${key}`;
      const isHeading = isIn && (heading === wanted || heading?.startsWith(`${wanted}.`));
      if (isHeading || (isIn && heading === undefined && inside === table && key !== undefined && named === key)) {
        return index + 1;
      }
    }
    return undefined;
  }

  #placeAt(line: number | undefined): string {
    return line === undefined ? this.path : `${this.path}:${line}`;
  }

  #refusedAt(line: number | undefined, problem: string, cause?: unknown): FleettyError {
    const message = `${this.#placeAt(line)}: ${problem}; see fleetty ${this.#owner} --help`;
    return new FleettyError("invalid_request", message, { ...(line !== undefined && { line }) }, { cause });
  }
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function forbidden(path: string, problem: string, mend: string): FleettyError {
  return new FleettyError("forbidden", `the config file ${path} ${problem}; ${mend}, after a look at what it says`);
}
