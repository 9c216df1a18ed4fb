// The thread that holds worker.db: takes statements that were gathered, runs them as one transaction, and answers. All
// SQL of the worker is here, so that no fsync stands between a keystroke and its echo.
import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { migrate } from "./migrations.ts";
import { type Reach, reachOf, type Write } from "./write.ts";

export type ToThread =
  | { readonly ask: "begin"; readonly id: number }
  | { readonly ask: "write"; readonly id: number; readonly writes: readonly Write[] }
  | { readonly ask: "close"; readonly id: number };

export type FromThread =
  | {
      readonly id: number;
      readonly ok: true;
      readonly value?: { incarnation: number; counter: number; rows: string[] };
    }
  | { readonly id: number; readonly ok: false; readonly reason: string };

/** What was left to the kernel is on the disk this much later. */
const SETTLE_MS = 1_000;

const { path } = workerData as { path: string };
const database = new DatabaseSync(path);
// Readers never wait for a writer (sqlite.org/wal.html).
database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000;");
migrate(database);

const record = database.prepare("INSERT OR REPLACE INTO sessions (id, state, row) VALUES (?, ?, ?)");
const forget = database.prepare("DELETE FROM sessions WHERE id = ?");
const setNumber = database.prepare("INSERT OR REPLACE INTO numbers (name, value) VALUES (?, ?)");
const getNumber = database.prepare("SELECT value FROM numbers WHERE name = ?");
const allRows = database.prepare("SELECT row FROM sessions ORDER BY rowid");

parentPort?.on("message", (message: ToThread) => {
  parentPort?.postMessage(answer(message));
});

function answer(message: ToThread): FromThread {
  try {
    if (message.ask === "begin") return { id: message.id, ok: true, value: transaction(begin, "disk") };
    if (message.ask === "write") transaction(() => message.writes.forEach(apply), reachOf(message.writes));
    else close();
    return { id: message.id, ok: true };
  } catch (thrown) {
    return { id: message.id, ok: false, reason: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

let settling: NodeJS.Timeout | null = null;

/** Brings the log of transactions to the disk as it is. SQLite's locks are on other files, so closing this one drops none. */
function settle(): void {
  try {
    const log = openSync(`${path}-wal`, "r");
    fdatasyncSync(log);
    closeSync(log);
  } catch {
    // A disk that refuses says so to the next write that waits for it.
  }
}

function close(): void {
  if (settling) clearTimeout(settling);
  database.close();
}

function begin() {
  const incarnation = number("incarnation") + 1;
  setNumber.run("incarnation", incarnation);
  return { incarnation, counter: number("counter"), rows: allRows.all().map((row) => String(row["row"])) };
}

function apply(write: Write): void {
  if (write.do === "forget") {
    forget.run(write.id);
    return;
  }
  record.run(write.id, write.state, write.row);
  setNumber.run("counter", Math.max(number("counter"), write.counter));
}

function number(name: string): number {
  return Number(getNumber.get(name)?.["value"] ?? 0);
}

/** What `reach` asks for holds when this returns (sqlite.org/pragma.html#pragma_synchronous). */
function transaction<T>(act: () => T, reach: Reach): T {
  database.exec(`PRAGMA synchronous = ${reach === "disk" ? "FULL" : "NORMAL"}; BEGIN IMMEDIATE`);
  try {
    const value = act();
    database.exec("COMMIT");
    if (settling) clearTimeout(settling);
    settling = reach === "kernel" ? setTimeout(settle, SETTLE_MS) : null;
    return value;
  } catch (thrown) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw thrown;
  }
}
