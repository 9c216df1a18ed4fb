// Writes a file so that a reader finds the old content or the new one, never half of it: written beside it, renamed over
// it. Knows nothing of what is written.
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface AtomicWriteOptions {
  /** Whether content and name are on the disk when it returns, so that they survive a power cut. */
  readonly sync: boolean;
}

/** Mode 0600. Rejects with the system's error (ENOSPC, EROFS …); then the old content is still there. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions,
): Promise<void> {
  const beside = besides(path);
  try {
    const file = await open(beside, "wx", 0o600);
    try {
      await file.writeFile(content);
      if (options.sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
  if (options.sync) await syncFolder(dirname(path));
}

/** The same, at once and on the disk, for the few files that are written while a process starts. */
export function writeFileAtomicallySync(path: string, content: string | Uint8Array): void {
  const beside = besides(path);
  try {
    const fd = openSync(beside, "wx", 0o600);
    try {
      writeSync(fd, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw thrown;
  }
}

async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } finally {
    await folder?.close();
  }
}

function besides(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.new`;
}
