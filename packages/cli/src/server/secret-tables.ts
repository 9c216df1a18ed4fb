// Reads what config.toml says of secrets, [secrets.NAME] each: where its value is to be read, and where it may be typed. Of a
// server and of a worker alike. Reads no value; a refusal names file, line and key.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { checkTags, isSecretName } from "@fleetty/protocol/names";
import type { ConfiguredSecret, SecretSource } from "@fleetty/worker/secrets/configured-secret";
import { compilePatterns } from "@fleetty/worker/waits/pattern";
import * as z from "zod";
import type { ConfigFile } from "./config-file.ts";
import { describeKeys, type NamedTable, namedTables } from "./named-table.ts";

const text = () => z.string("is to be a text").min(1, "is empty");
const texts = () => z.array(text(), "is to be a list of texts");

const secret = z.strictObject({
  file: text().optional().describe("absolute path of a file that holds it, or `~/…`; closed to others"),
  env: text().optional().describe("variable of the environment that fleetty was started in"),
  command: z
    .union([text(), texts().min(1)], "is to be a line for /bin/sh, or a list of program and arguments")
    .optional()
    .describe(
      '`["pass", "show", "web/sudo"]`, or a line for /bin/sh: what it prints within 10 s; give one of the three',
    ),
  tags: texts().default([]).describe("only for sessions with one of these; without: for all"),
  prompt: text()
    .optional()
    .describe("only where the line that asks matches this, such as `'^\\[sudo\\] password'` (RE2)"),
});

type Table = z.output<typeof secret>;

/** Each key as an operator meets it. */
export function describeSecretKeys(): { key: string; says: string }[] {
  return describeKeys("secrets", secret.shape);
}

/** By name. Throws `invalid_request`. */
export function secretsIn(file: ConfigFile | null): ReadonlyMap<string, ConfiguredSecret> {
  return new Map(namedTables(file, "secrets").map(([table, value]) => [table.name, read(table, value)]));
}

function read(table: NamedTable, value: unknown): ConfiguredSecret {
  if (!isSecretName(table.name)) {
    throw table.refused(undefined, "is no name; take 1 to 64 letters, digits and - _ .");
  }
  const data = table.checked(secret, value);
  const { tags, prompt } = data;
  if (prompt !== undefined) table.in("prompt", () => compilePatterns([{ regex: prompt }]));
  return { source: sourceOf(table, data), tags: table.in("tags", () => checkTags(tags)), prompt: prompt ?? null };
}

function sourceOf(table: NamedTable, { file, env, command }: Table): SecretSource {
  const given = Object.entries({ file, env, command }).flatMap(([key, one]) => (one === undefined ? [] : [key]));
  if (given.length === 0) throw table.refused(undefined, "says not where it is; give file, env or command");
  if (given.length > 1) throw table.refused(given[1], `is given beside ${given[0]}; give one of them`);
  if (file !== undefined) return { kind: "file", path: pathOf(table, file) };
  if (env !== undefined) return { kind: "env", variable: env };
  return { kind: "command", argv: typeof command === "string" ? ["/bin/sh", "-c", command] : (command ?? []) };
}

function pathOf(table: NamedTable, path: string): string {
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  if (isAbsolute(path)) return path;
  throw table.refused("file", "is to be an absolute path, or begin with ~/");
}
