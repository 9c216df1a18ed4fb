// Reads what config.toml says of secrets, [secrets.NAME] each: where its value is to be read, and where it may be typed. Of a
// server and of a worker alike. Reads no value; a refusal names file, line and key.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";
import { checkTags, isSecretName } from "@fleetty/protocol/names";
import type { ConfiguredSecret, SecretSource } from "@fleetty/worker/secrets/configured-secret";
import { compilePatterns } from "@fleetty/worker/waits/pattern";
import * as z from "zod";
import { type ConfigFile, isTable, type Spot } from "./config-file.ts";

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
  return Object.entries(secret.shape).map(([key, one]) => ({
    key: `[secrets.NAME] ${key}`,
    says: one.description ?? "",
  }));
}

/** By name. Throws `invalid_request`. */
export function secretsIn(file: ConfigFile | null): ReadonlyMap<string, ConfiguredSecret> {
  const content = file?.content["secrets"];
  if (!file || content === undefined) return new Map();
  if (!isTable(content)) throw file.refused({ table: null, key: "secrets" }, "secrets is to be tables: [secrets.NAME]");
  return new Map(Object.entries(content).map(([name, value]) => [name, new SecretReader(file, name).read(value)]));
}

class SecretReader {
  readonly #file: ConfigFile;
  readonly #name: string;

  constructor(file: ConfigFile, name: string) {
    this.#file = file;
    this.#name = name;
  }

  read(value: unknown): ConfiguredSecret {
    if (!isSecretName(this.#name)) throw this.#refused(undefined, "is no name; take 1 to 64 letters, digits and - _ .");
    if (!isTable(value)) throw this.#refused(undefined, "is to be a table");
    const { data, error } = secret.safeParse(value);
    if (!data) throw this.#refusedBy(error.issues);
    const { tags, prompt } = data;
    if (prompt !== undefined) this.#in("prompt", () => compilePatterns([{ regex: prompt }]));
    return { source: this.#sourceOf(data), tags: this.#in("tags", () => checkTags(tags)), prompt: prompt ?? null };
  }

  #sourceOf({ file, env, command }: Table): SecretSource {
    const given = Object.entries({ file, env, command }).flatMap(([key, one]) => (one === undefined ? [] : [key]));
    if (given.length === 0) throw this.#refused(undefined, "says not where it is; give file, env or command");
    if (given.length > 1) throw this.#refused(given[1], `is given beside ${given[0]}; give one of them`);
    if (file !== undefined) return { kind: "file", path: this.#pathOf(file) };
    if (env !== undefined) return { kind: "env", variable: env };
    return { kind: "command", argv: typeof command === "string" ? ["/bin/sh", "-c", command] : (command ?? []) };
  }

  #pathOf(path: string): string {
    if (path.startsWith("~/")) return join(homedir(), path.slice(2));
    if (isAbsolute(path)) return path;
    throw this.#refused("file", "is to be an absolute path, or begin with ~/");
  }

  #in<T>(key: string, read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw thrown instanceof FleettyError ? this.#refused(key, `is not usable: ${thrown.message}`) : thrown;
    }
  }

  #refusedBy(issues: readonly z.core.$ZodIssue[]): FleettyError {
    const [issue] = issues as readonly [z.core.$ZodIssue];
    if (issue.code === "unrecognized_keys") return this.#refused(issue.keys[0], "is not known");
    return this.#refused(String(issue.path[0]), issue.message);
  }

  #refused(key: string | undefined, problem: string): FleettyError {
    const table = `secrets.${this.#name}`;
    const spot: Spot = { table, key };
    return this.#file.refused(spot, `${key === undefined ? "" : `${key} in `}[${table}] ${problem}`);
  }
}
