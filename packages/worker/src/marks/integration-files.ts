// Writes the files that a shell is given, where nobody else can read them, and takes them away again: they hold the nonce
// of marks. Knows nothing of their content.
import { rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { privateFolder } from "../state/private-folder.ts";
import type { Integration } from "./integration.ts";

/** Rejects with the system's error, or `forbidden` for a folder that others can reach. A file that is there is an error. */
export async function writeIntegration(files: Integration["files"]): Promise<void> {
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) privateFolder(folder);
  await Promise.all(files.map(({ path, text }) => writeFile(path, text, { mode: 0o600, flag: "wx" })));
}

/** Once the shell has read them, which its first genuine mark shows, and when it has ended. Nothing there: nothing done. */
export async function removeIntegration(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
