// The ways in which settings are given, in the order in which they decide: flags, then the environment; and the file in which the
// others stand, which either of the two may name. Knows no setting but that one.
import * as z from "zod";
import { type ConfigFile, openConfigFile } from "./config-file.ts";
import { type AllGiven, fromFlags, fromVariables, type Setting, type SettingsOwner, settingsOf } from "./settings.ts";

/** Where the file is; alone in not standing in it. */
const [fileSetting] = settingsOf({
  config: z
    .string()
    .optional()
    .describe("file with these settings (default: $XDG_CONFIG_HOME/fleetty/config.toml, if it is there)"),
}) as [Setting];

export { fileSetting };

export interface WaysAsked {
  readonly owner: SettingsOwner;
  readonly settings: readonly Setting[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly defaultFile: string;
}

export interface Ways {
  /** What flags give, then what variables do. */
  readonly given: readonly [AllGiven, AllGiven];
  /** Null where there is none. */
  readonly file: ConfigFile | null;
}

/** Throws `invalid_request` or `forbidden`. */
export function waysIn({ owner, settings, args, env, defaultFile }: WaysAsked): Ways {
  const all = [fileSetting, ...settings];
  const flags = fromFlags(all, args, owner);
  const variables = fromVariables(all, env);
  const chosen = (flags.get(fileSetting.name) ?? variables.get(fileSetting.name))?.value;
  const path = chosen === undefined ? defaultFile : String(chosen);
  const file = openConfigFile({ path, isChosen: chosen !== undefined }, owner);
  return { given: [withoutFile(flags), withoutFile(variables)], file };
}

function withoutFile(way: AllGiven): AllGiven {
  return new Map([...way].filter(([name]) => name !== fileSetting.name));
}
