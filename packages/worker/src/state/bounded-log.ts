// An append-only log file that keeps its newest content: at a bound it becomes the second generation and a new one is
// begun. A destination for pino; knows nothing of what the lines say.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";

/** Size of one generation; there are two (worker contract, files of a session host). */
const GENERATION_BYTES = 1024 * 1024;

export class BoundedLog {
  readonly #path: string;
  readonly #maxBytes: number;
  #fd: number;
  #bytes: number;

  /** `path` is made with mode 0600; the older generation is `path` + `.1`. */
  constructor(path: string, maxBytes: number = GENERATION_BYTES) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#fd = openSync(path, "a", 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  /** Never throws: a log on a full disk must not stop what it tells about. */
  write(line: string): void {
    try {
      if (this.#bytes > 0 && this.#bytes + Buffer.byteLength(line) > this.#maxBytes) this.#turnOver();
      this.#bytes += writeSync(this.#fd, line);
    } catch {
      // Nowhere to say it.
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Where the new file cannot be made the old descriptor stays ours: its number must not become another file's. */
  #turnOver(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const fresh = openSync(this.#path, "a", 0o600);
    closeSync(this.#fd);
    this.#fd = fresh;
    this.#bytes = 0;
  }
}
