// Puts the command `wsh` into a folder, as a symbolic link to ours, and takes it away. Ours is a link to a command `fleetty`, of
// this installation or another; whatever else is called `wsh` there is somebody's, and stays. Prints nothing.
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";

/** What has happened to it; `absent`: there was none to remove. */
export type LinkChange = "linked" | "updated" | "unchanged" | "removed" | "absent";

/** Absolute paths: where the link is to be, and the command that it leads to. */
export interface CommandLink {
  readonly path: string;
  readonly target: string;
}

/** Throws `forbidden {reason: "occupied"}` for what is not ours, and `invalid_request` for a folder that cannot be used. */
export function makeLink({ path, target }: CommandLink): LinkChange {
  return usingFolder(path, () => {
    const there = targetAt(path);
    if (there === target) return "unchanged";
    mkdirSync(dirname(path), { recursive: true });
    if (there === null) {
      symlinkSync(target, path);
      return "linked";
    }
    replaceLink({ path, target });
    return "updated";
  });
}

/** Throws as `makeLink` does. */
export function removeLink({ path }: Pick<CommandLink, "path">): LinkChange {
  return usingFolder(path, () => {
    if (targetAt(path) === null) return "absent";
    unlinkSync(path);
    return "removed";
  });
}

/** At no moment is there none, or half of one. */
function replaceLink({ path, target }: CommandLink): void {
  const made = `${path}.${process.pid}`;
  symlinkSync(target, made);
  try {
    renameSync(made, path);
  } catch (thrown) {
    rmSync(made);
    throw thrown;
  }
}

/** Where our link leads; null where nothing is. */
function targetAt(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return null;
  if (!stats.isSymbolicLink()) throw foreign(path);
  const target = readlinkSync(path);
  if (basename(target) !== "fleetty") throw foreign(path);
  return target;
}

function usingFolder(path: string, act: () => LinkChange): LinkChange {
  try {
    return act();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof FleettyError || code === undefined) throw cause;
    const message = `${path} cannot be used (${code}); choose another --dir`;
    throw new FleettyError("invalid_request", message, undefined, { cause });
  }
}

function foreign(path: string): FleettyError {
  const message = `${path} is no link of fleetty's, and stays as it is; move it away, or choose another --dir`;
  return new FleettyError("forbidden", message, { reason: "occupied" });
}
