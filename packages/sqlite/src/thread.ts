// The far side of a SqliteFile: opens the database in this thread, and runs what was gathered as one transaction. Knows no
// table; what each request means is its owner's.
import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { migrate } from "./migrations.ts";

/** What the thread is asked. */
export type ToThread =
  | { readonly ask: "run"; readonly requests: readonly unknown[] }
  /** Must be the last. */
  | { readonly ask: "close" };

/** Its answer: what each request gave, in their order; or why none of them has happened. */
export type FromThread =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly reason: string };

/** How far a transaction gets before it is confirmed: `kernel` outlives every process, `disk` also a power cut. */
export type Reach = "kernel" | "disk";

export interface Serving<Request> {
  /** Numbered steps that make the file's shape. */
  readonly steps: readonly string[];
  /** How far these have to get together; what is left to the kernel is on the disk a second later. Default: the disk. */
  readonly reachOf?: (requests: readonly Request[]) => Reach;
  /** Prepares what carries out one request within a transaction. What it throws undoes all that was gathered with it. */
  readonly prepare: (database: DatabaseSync) => (request: Request) => unknown;
}

/** What was left to the kernel is on the disk this much later. */
const SETTLE_MS = 1_000;

/** Serves this thread's file until it is closed. Throws when the file cannot be opened. */
export function serve<Request>(serving: Serving<Request>): void {
  const served = new ServedFile((workerData as { path: string }).path, serving as Serving<unknown>);
  parentPort?.on("message", (message: ToThread) => parentPort?.postMessage(served.answer(message)));
}

class ServedFile {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #reachOf: (requests: readonly unknown[]) => Reach;
  readonly #carryOut: (request: unknown) => unknown;
  #settling: NodeJS.Timeout | null = null;

  constructor(path: string, { steps, reachOf = () => "disk", prepare }: Serving<unknown>) {
    this.#path = path;
    this.#database = new DatabaseSync(path);
    // Readers never wait for a writer (sqlite.org/wal.html).
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;");
    migrate(this.#database, steps);
    this.#reachOf = reachOf;
    this.#carryOut = prepare(this.#database);
  }

  answer(message: ToThread): FromThread {
    try {
      if (message.ask === "run") return { ok: true, values: this.#transaction(message.requests) };
      if (this.#settling) clearTimeout(this.#settling);
      this.#database.close();
      return { ok: true, values: [] };
    } catch (thrown) {
      return { ok: false, reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  /** What its reach asks for holds when this returns (sqlite.org/pragma.html#pragma_synchronous). */
  #transaction(requests: readonly unknown[]): unknown[] {
    const reach = this.#reachOf(requests);
    const database = this.#database;
    database.exec(`PRAGMA synchronous = ${reach === "disk" ? "FULL" : "NORMAL"}; BEGIN IMMEDIATE`);
    try {
      const values = requests.map(this.#carryOut);
      database.exec("COMMIT");
      if (this.#settling) clearTimeout(this.#settling);
      this.#settling = reach === "kernel" ? setTimeout(() => this.#settle(), SETTLE_MS) : null;
      return values;
    } catch (thrown) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw thrown;
    }
  }

  /** Brings the log of transactions to the disk as it is. SQLite's locks are on other files, so closing this one drops none. */
  #settle(): void {
    try {
      const log = openSync(`${this.#path}-wal`, "r");
      fdatasyncSync(log);
      closeSync(log);
    } catch {
      // A disk that refuses says so to the next write that waits for it.
    }
  }
}
