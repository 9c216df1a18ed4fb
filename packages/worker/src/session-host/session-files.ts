// Writes what outlives a session: its record when it is born, its last output, screen and exit when it ends; and reads
// them again. Ended sessions are served from these files, never by a host. Knows formats, not who asks.
//
//   meta.json   a line with the spec without values of its environment, and a line with the process that it became
//   final       one line of JSON (positions and last screens), then the ring's bytes
//   exit.json   renamed into place last: a session with it has ended, one without may live
import { access, readFile, rm } from "node:fs/promises";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { Screen, SessionInfo } from "@fleetty/protocol/schemas/common";
import type { KeptNotices } from "../notices/notice-ring.ts";
import { type BirthRecord, type ProcessRecord, parseBirth } from "../pty/birth-record.ts";
import type { KillEvidence } from "../pty/end-processes.ts";
import type { RecordedSpec } from "../session/spec.ts";
import { writeFileAtomically } from "../state/atomic-file.ts";
import { type SessionPaths, sessionPaths } from "./paths.ts";

export interface Meta {
  readonly spec: RecordedSpec;
  readonly host_id: string;
}

export interface ExitFile {
  readonly info: SessionInfo;
  readonly evidence: KillEvidence | null;
}

/** Last screens and positions of a session; `oldest` is the offset of the first byte that follows. */
export interface FinalHeader {
  readonly oldest: number;
  readonly end: number;
  readonly generation: number;
  readonly epoch: number;
  readonly styled: Screen;
  readonly plain: Screen;
  /** The same as terminal bytes, for viewers that fell behind. */
  readonly snapshot: OperationOutput<"sessions.snapshot">;
  /** Absent from files of hosts that kept none. */
  readonly notices?: KeptNotices;
}

export interface Final {
  readonly header: FinalHeader;
  readonly output: Uint8Array;
}

export class SessionFiles {
  readonly #paths: SessionPaths;

  constructor(stateDir: string, sessionId: string) {
    this.#paths = sessionPaths(stateDir, sessionId);
  }

  /** What its shell reads, and then nobody. */
  get scripts(): string {
    return this.#paths.scripts;
  }

  /** What its program is to do first, where that is handed over in a file. */
  get prompt(): string {
    return this.#paths.prompt;
  }

  /** What whoever starts the program writes. */
  birth(meta: Meta): BirthRecord {
    return { path: this.#paths.meta, of: meta };
  }

  /** The last thing that is written of a session; on disk when it resolves. */
  async end(final: Final, exit: ExitFile): Promise<void> {
    const header = Buffer.from(`${JSON.stringify(final.header)}\n`);
    await writeFileAtomically(this.#paths.final, Buffer.concat([header, final.output]), { sync: true });
    await writeFileAtomically(this.#paths.exit, JSON.stringify(exit), { sync: true });
  }

  /** False once the session has been forgotten. */
  exist(): Promise<boolean> {
    return access(this.#paths.dir).then(
      () => true,
      (thrown: NodeJS.ErrnoException) => thrown.code !== "ENOENT",
    );
  }

  /** Null: it was not started, or not by a host that could write it down. */
  async readProcess(): Promise<ProcessRecord | null> {
    const bytes = await readOrNull(this.#paths.meta);
    return (bytes && parseBirth<Meta>(bytes.toString("utf8"))?.process) ?? null;
  }

  readExit(): Promise<ExitFile | null> {
    return readJson<ExitFile>(this.#paths.exit);
  }

  async readFinal(): Promise<Final | null> {
    const bytes = await readOrNull(this.#paths.final);
    if (!bytes) return null;
    const lineEnd = bytes.indexOf(0x0a);
    const header = JSON.parse(bytes.toString("utf8", 0, lineEnd)) as FinalHeader;
    return { header, output: bytes.subarray(lineEnd + 1) };
  }

  /** Its program is gone. */
  async removePrompt(): Promise<void> {
    await rm(this.#paths.prompt, { force: true });
  }

  async remove(): Promise<void> {
    await rm(this.#paths.dir, { recursive: true, force: true });
  }
}

async function readJson<T>(path: string): Promise<T | null> {
  const bytes = await readOrNull(path);
  return bytes && (JSON.parse(bytes.toString("utf8")) as T);
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw thrown;
  }
}
