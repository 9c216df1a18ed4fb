// Makes another release of this program: its own files under another version, installed in a folder of a test's home, with
// the packages that this one uses. What it starts runs from there.
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const HERE = resolve(import.meta.dirname, "../..");

/** The launcher of that release. */
export function installRelease(folder: string, version: string): string {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@fleetty"), { recursive: true });
  cpSync(join(HERE, "packages"), join(folder, "packages"), {
    recursive: true,
    filter: (path) => !/\.test\.ts$|\/node_modules$|\/screen\/fixtures$/.test(path),
  });
  const file = join(folder, "packages/worker/package.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), version }));
  for (const name of readdirSync(join(HERE, "node_modules"))) {
    if (name !== "@fleetty") symlinkSync(join(HERE, "node_modules", name), join(modules, name));
  }
  for (const name of readdirSync(join(folder, "packages"))) {
    symlinkSync(join("../../packages", name), join(modules, "@fleetty", name));
  }
  return join(folder, "packages/cli/bin/fleetty");
}
