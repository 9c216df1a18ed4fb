// One table of config.toml that is one of several of a kind, each with a name of the operator's, such as [secrets.sudo-web]:
// checks it by a schema, and refuses with file, line and key. Knows no kind.
import { FleettyError } from "@fleetty/protocol/errors";
import type * as z from "zod";
import { type ConfigFile, isTable } from "./config-file.ts";

export class NamedTable {
  readonly name: string;
  readonly #kind: string;
  readonly #file: ConfigFile;

  constructor(file: ConfigFile, kind: string, name: string) {
    this.#file = file;
    this.#kind = kind;
    this.name = name;
  }

  /** Throws `invalid_request`. */
  checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
    if (!isTable(value)) throw this.refused(undefined, "is to be a table");
    const { data, error } = schema.safeParse(value);
    if (error) throw this.#refusedBy(error.issues);
    return data as z.output<Schema>;
  }

  /** What `read` refuses about `key` is refused with its place. */
  in<T>(key: string, read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw thrown instanceof FleettyError ? this.refused(key, `is not usable: ${thrown.message}`) : thrown;
    }
  }

  refused(key: string | undefined, problem: string): FleettyError {
    const table = `${this.#kind}.${this.name}`;
    return this.#file.refused({ table, key }, `${key === undefined ? "" : `${key} in `}[${table}] ${problem}`);
  }

  #refusedBy(issues: readonly z.core.$ZodIssue[]): FleettyError {
    const [issue] = issues as readonly [z.core.$ZodIssue];
    if (issue.code === "unrecognized_keys") return this.refused(issue.keys[0], "is not known");
    return this.refused(String(issue.path[0]), issue.message);
  }
}

/** All of a kind, in their order, each with its value as it stands there. Throws `invalid_request`. */
export function namedTables(file: ConfigFile | null, kind: string): readonly (readonly [NamedTable, unknown])[] {
  const content = file?.content[kind];
  if (!file || content === undefined) return [];
  if (!isTable(content)) throw file.refused({ table: null, key: kind }, `${kind} is to be tables: [${kind}.NAME]`);
  return Object.entries(content).map(([name, value]) => [new NamedTable(file, kind, name), value] as const);
}

/** Each key as an operator meets it. */
export function describeKeys(
  kind: string,
  shape: Readonly<Record<string, z.ZodType>>,
): { key: string; says: string }[] {
  return Object.entries(shape).map(([key, one]) => ({ key: `[${kind}.NAME] ${key}`, says: one.description ?? "" }));
}
