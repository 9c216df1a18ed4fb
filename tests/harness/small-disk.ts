// Gives a test a disk of its own that can be filled and emptied: a tmpfs of a few megabytes. Needs root.
import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const DISK_BYTES = 8 * 1024 * 1024;
const FILLER = "filler";

export class SmallDisk {
  readonly #path: string;

  /** What stands in the folder is hidden for as long as it is mounted. */
  constructor(path: string) {
    this.#path = path;
    mount(["-t", "tmpfs", "-o", `size=${DISK_BYTES},mode=0700`, "tmpfs", path]);
  }

  /** To the last byte that it takes, less what is to be left. */
  fill({ leaveBytes = 0 } = {}): void {
    const fd = openSync(join(this.#path, FILLER), "a", 0o600);
    try {
      for (let bytes = 64 * 1024; bytes > 0; ) {
        if (!writes(fd, bytes)) bytes = Math.floor(bytes / 2);
      }
      ftruncateSync(fd, fstatSync(fd).size - leaveBytes);
    } finally {
      closeSync(fd);
    }
  }

  makeRoom(): void {
    rmSync(join(this.#path, FILLER));
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["--lazy", this.#path]);
  }
}

function writes(fd: number, bytes: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(bytes)) > 0;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw thrown;
  }
}

/** For `node:test`: false where a disk can be made, else why not. */
export function whyNoDisk(): string | false {
  if (process.getuid?.() !== 0) return "only root can mount a disk";
  const trial = mkdtempSync("/tmp/ft-");
  try {
    const disk = new SmallDisk(trial);
    disk[Symbol.dispose]();
    return false;
  } catch (thrown) {
    return (thrown as Error).message;
  } finally {
    rmdirSync(trial);
  }
}

function mount(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`mount is refused: ${error?.message ?? stderr.trim()}`);
}
