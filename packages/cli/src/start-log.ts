// Holds what a server that was started in the background says: appended to `server.log` in the instance's state folder.
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { privateFolder } from "@fleetty/worker/state/private-folder";

/** Where a log begins anew; the one before is kept as `server.log.1`. */
const LOG_MAX_BYTES = 1024 * 1024;
/** Lines shown when a server does not come up: a stack and what was said before it. */
const SHOWN_LINES = 20;

export class StartLog {
  readonly #path: string;
  readonly #startsAt: number;

  /** Throws `forbidden` for a folder that is not private. */
  constructor(stateDir: string) {
    privateFolder(stateDir);
    this.#path = join(stateDir, "server.log");
    if (this.#bytes() > LOG_MAX_BYTES) renameSync(this.#path, `${this.#path}.1`);
    this.#startsAt = this.#bytes();
  }

  /** A descriptor that appends; the caller closes it. */
  open(): number {
    return openSync(this.#path, "a", 0o600);
  }

  close(descriptor: number): void {
    closeSync(descriptor);
  }

  /** The last lines that were written since this was made. */
  end(): string {
    const text = readFileSync(this.#path).subarray(this.#startsAt).toString("utf8");
    return text.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n");
  }

  #bytes(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
