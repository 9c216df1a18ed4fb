// Finds the programs that tests run: the fixtures of tests/programs, and what the machine has.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** Path of a fixture. */
export function fixture(name: string): string {
  return resolve(import.meta.dirname, "../programs", name);
}

/** Path of the first of these names that the machine has, for argv; and what to say to `node:test` when it has none. */
export function installed(...names: readonly [string, ...string[]]): { path: string; skip: string | false } {
  // Programs of daemons are where a user's PATH does not lead.
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  const path = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  return { path: path ?? names[0], skip: path === undefined && `${names[0]} is not installed` };
}
