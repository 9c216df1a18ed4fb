// Reads the table [server] of config.toml: the settings that flags and variables give too, by kind, and what of it nobody
// knows. What they mean is checked with the others.
import { type ConfigFile, isTable } from "./config-file.ts";
import type { AllGiven, Given, Setting } from "./settings.ts";

const TABLE = "server";

/** `secrets`: names of settings for which others must not be able to read the file. Throws `invalid_request`, `forbidden`. */
export function settingsIn(file: ConfigFile, settings: readonly Setting[], secrets: readonly string[]): AllGiven {
  const table = file.content[TABLE] ?? {};
  if (!isTable(table)) throw file.refused({ table: null, key: TABLE }, `${TABLE} is to be a table: [${TABLE}]`);
  const given = new Map(Object.entries(table).map(([key, value]) => settingIn(file, { key, value }, settings)));
  const secret = settings.find(({ name }) => secrets.includes(name) && given.has(name));
  if (secret) file.requirePrivate({ table: TABLE, key: secret.key });
  return given;
}

function settingIn(
  file: ConfigFile,
  { key, value }: { key: string; value: unknown },
  settings: readonly Setting[],
): [string, Given] {
  const spot = { table: TABLE, key };
  const setting = settings.find((one) => one.key === key);
  if (!setting) throw file.refused(spot, `${key} in [${TABLE}] is not known`);
  const problem = problemOf(setting, value);
  if (problem) throw file.refused(spot, `${key} in [${TABLE}] ${problem}`);
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
