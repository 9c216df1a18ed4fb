// Writes config.toml where a server of a home looks for it.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Home } from "./folders.ts";

/** Puts a file, closed to others, where a server of this home looks, or elsewhere in it. Returns its path. */
export function writeConfig({ root }: Home, text: string, name = "home/fleetty/config.toml"): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}
