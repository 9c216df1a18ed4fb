// What a setting is, whichever way it comes: by flag, by environment or in the file. Reads the kinds and defaults off the
// schema that checks them. Pure; knows no setting by name.
import { parseArgs } from "node:util";
import { FleettyError } from "@fleetty/protocol/errors";
import * as z from "zod";

/** Settings by the names of their flags. */
export type SettingSchemas = Readonly<Record<string, z.ZodType>>;

type SettingKind = "text" | "number" | "switch" | "list";

/** A setting as an operator meets it. */
export interface Setting {
  /** `max-sessions`: its flag without dashes. */
  readonly name: string;
  readonly kind: SettingKind;
  /** Its flag, with the value that it takes. */
  readonly flag: string;
  /** Its key in the file. */
  readonly key: string;
  readonly variable: string;
  /** A sentence, with the default. */
  readonly says: string;
}

/** A value as it was given, not checked yet, and how to name it to whoever gave it. */
export interface Given {
  readonly value: unknown;
  readonly called: string;
}

export type AllGiven = ReadonlyMap<string, Given>;

export function settingsOf(schemas: SettingSchemas): Setting[] {
  return Object.entries(schemas).map(([name, schema]) => {
    const kind = kindOf(schema);
    const byDefault = schema.safeParse(undefined).data;
    const isTold = typeof byDefault === "number" || (typeof byDefault === "string" && byDefault !== "");
    return {
      name,
      kind,
      flag: kind === "switch" ? `--${name}` : `--${name} <value>`,
      key: name.replaceAll("-", "_"),
      variable: `FLEETTY_${name.replaceAll("-", "_").toUpperCase()}`,
      says: `${schema.description ?? ""}${isTold ? ` (default: ${byDefault})` : ""}`,
    };
  });
}

function kindOf(schema: z.ZodType): SettingKind {
  const { type } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }) as { type?: string };
  if (type === "array") return "list";
  if (type === "boolean") return "switch";
  return type === "integer" || type === "number" ? "number" : "text";
}

/** As a help lists them: a line each, what they say in a column. */
export function settingLines(settings: readonly Setting[]): string {
  const width = Math.max(...settings.map(({ flag }) => flag.length));
  return settings.map(({ flag, says }) => `  ${flag.padEnd(width)}  ${says}`).join("\n");
}

/** The commands whose settings these are, for whoever is told to look at their help. */
export type SettingsOwner = "server" | "worker";

/** Throws `invalid_request` for a flag that is none. */
export function fromFlags(
  settings: readonly Setting[],
  args: readonly string[],
  owner: SettingsOwner = "server",
): AllGiven {
  const options = Object.fromEntries(
    settings.map(({ name, kind }) => [
      name,
      kind === "switch" ? { type: "boolean" as const } : { type: "string" as const, multiple: kind === "list" },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    return new Map(Object.entries(values).map(([name, value]) => [name, { value, called: `--${name}` }]));
  } catch (thrown) {
    throw new FleettyError("invalid_request", `${(thrown as Error).message}; see fleetty ${owner} --help`);
  }
}

/** Of a list the values are separated by commas; an empty variable counts as absent. Throws `invalid_request`. */
export function fromVariables(
  settings: readonly Setting[],
  environment: Readonly<Record<string, string | undefined>>,
): AllGiven {
  const given = settings.flatMap(({ name, kind, variable }): [string, Given][] => {
    const text = environment[variable];
    return text ? [[name, { value: fromText(kind, text, `$${variable}`), called: `$${variable}` }]] : [];
  });
  return new Map(given);
}

function fromText(kind: SettingKind, text: string, called: string): unknown {
  if (kind === "list") return text.split(",").map((one) => one.trim());
  if (kind !== "switch") return text;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw unusable(called, `${JSON.stringify(text)} is neither true nor false`);
}

/** Checks all of them at once. Throws `invalid_request` naming the first that cannot be used as its giver knows it. */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  given: AllGiven,
  owner: SettingsOwner = "server",
): z.output<Schema> {
  const read = schema.safeParse(Object.fromEntries([...given].map(([name, { value }]) => [name, value])));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = String(issue?.path[0] ?? "");
  throw unusable(given.get(name)?.called ?? `--${name}`, issue?.message ?? "is not usable", owner);
}

export function unusable(called: string, problem: string, owner: SettingsOwner = "server"): FleettyError {
  return new FleettyError("invalid_request", `${called}: ${problem}; see fleetty ${owner} --help`, { field: called });
}
