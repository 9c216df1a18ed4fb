// Reads a table of settings in config.toml, such as [server]: those that flags and variables give too, by kind, and what of it
// nobody knows. What they mean is checked with the others.
import { type ConfigFile, isTable } from "./config-file.ts";
import type { AllGiven, Given, Setting } from "./settings.ts";

export interface SettingsTable {
  /** `server` of [server]. */
  readonly table: string;
  readonly settings: readonly Setting[];
  /** Names of settings for which others must not be able to read the file. */
  readonly secrets?: readonly string[];
}

/** Throws `invalid_request`, `forbidden`. */
export function settingsIn(file: ConfigFile, { table, settings, secrets = [] }: SettingsTable): AllGiven {
  const content = file.content[table] ?? {};
  if (!isTable(content)) throw file.refused({ table: null, key: table }, `${table} is to be a table: [${table}]`);
  const given = new Map(Object.entries(content).map((entry) => settingIn(file, { table, settings }, entry)));
  const secret = settings.find(({ name }) => secrets.includes(name) && given.has(name));
  if (secret) file.requirePrivate({ table, key: secret.key });
  return given;
}

function settingIn(
  file: ConfigFile,
  { table, settings }: SettingsTable,
  [key, value]: readonly [key: string, value: unknown],
): [string, Given] {
  const spot = { table, key };
  const setting = settings.find((one) => one.key === key);
  if (!setting) throw file.refused(spot, `${key} in [${table}] is not known`);
  const problem = problemOf(setting, value);
  if (problem) throw file.refused(spot, `${key} in [${table}] ${problem}`);
  return [setting.name, { value, called: `${file.place(spot)}: ${key}` }];
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
