// Removes the files of sessions that nobody knows of: a host died while it started one, or a creation could not be
// recorded. Decides by age, since a session that is just being started is not known yet either.
import { readdir, rm, stat } from "node:fs/promises";
import { isSessionId } from "@fleetty/protocol/ids";
import { sessionPaths, sessionsDir } from "../session-host/paths.ts";
import { ENDED_KEPT_MS } from "./session-index.ts";

/** `isKnown` says whether a session of that id lives, or has ended and is kept. */
export async function removeUnclaimed(
  stateDir: string,
  isKnown: (id: string) => boolean,
  nowMs: number,
): Promise<void> {
  for (const id of (await namesIn(sessionsDir(stateDir))).filter(isSessionId)) {
    const { dir } = sessionPaths(stateDir, id);
    if (isKnown(id) || nowMs - (await changedAtMs(dir)) < ENDED_KEPT_MS) continue;
    await rm(dir, { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw thrown;
  }
}

/** One that has just gone is as young as can be. */
async function changedAtMs(folder: string): Promise<number> {
  const stats = await stat(folder).catch(() => null);
  return stats?.mtimeMs ?? Number.POSITIVE_INFINITY;
}
