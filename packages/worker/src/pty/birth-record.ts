// Writes what is to be known of a program whatever becomes of its session host: one line before it is started, and one with
// the process that it became. Each is written once: to put a whole new file in place costs more than the start of a program.
// Blocks, so it runs in the start thread. Not on the disk for certain: a program does not outlive its machine.
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { FleettyError } from "@fleetty/protocol/errors";
import { readBootId } from "./processes.ts";

/** Enough to know later, without doubt, whether the process is still there. */
export interface ProcessRecord {
  readonly pid: number;
  readonly start_time: number;
  readonly boot_id: string;
}

export interface BirthRecord {
  /** Its folder is made if it is not there. */
  readonly path: string;
  /** What is known beforehand. */
  readonly of: object;
}

/** Throws `session_create_failed {step: "record"}`, so that a full disk is known in time. */
export function recordBirth({ path, of }: BirthRecord): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    append(path, of);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown";
    const message = `the session's record cannot be written (${reason}); free space in the state folder, then try again`;
    throw new FleettyError("session_create_failed", message, { step: "record", reason }, { cause });
  }
}

/** Best effort: without it nobody can name the process should it outlive its session host. */
export function recordProcess({ path }: BirthRecord, { pid, startTime }: { pid: number; startTime: number }): void {
  const bootId = process.platform === "linux" ? readBootId() : "";
  try {
    append(path, { pid, start_time: startTime, boot_id: bootId } satisfies ProcessRecord);
  } catch {
    // The disk has filled up since the first line.
  }
}

/** What was written of a birth: `process` is null until it is known. Null: not even the first line is whole. */
export function parseBirth<Of extends object>(text: string): { of: Of; process: ProcessRecord | null } | null {
  const [of, process] = text.split("\n").slice(0, -1);
  if (of === undefined) return null;
  return { of: JSON.parse(of), process: process === undefined ? null : JSON.parse(process) };
}

function append(path: string, of: object): void {
  appendFileSync(path, `${JSON.stringify(of)}\n`, { mode: 0o600 });
}
