// Writes the scripts that a program reads when it starts, where nobody else can read them, and takes them away again: those of a
// shell hold the nonce of its marks. Writing blocks, so it is done in the start thread. Knows nothing of their content.
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";
import { privateFolder } from "../state/private-folder.ts";

export interface StartScript {
  /** In a folder of this program alone, which is made if it is not there. */
  readonly path: string;
  readonly text: string;
}

/** Throws `session_create_failed {step: "scripts"}`, also for a folder that others can reach, and for a file that is there. */
export function writeScripts(scripts: readonly StartScript[]): void {
  try {
    for (const folder of new Set(scripts.map(({ path }) => dirname(path)))) privateFolder(folder);
    for (const { path, text } of scripts) writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = `the shell's scripts cannot be written (${reason}); free space in the state folder, then try again`;
    throw new FleettyError("session_create_failed", message, { step: "scripts", reason }, { cause });
  }
}

/** Once the program has read them, and when it has ended. Nothing there: nothing done. */
export async function removeScripts(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
