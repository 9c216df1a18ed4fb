// Holds the one lock of a state folder: an SQLite write lock that is never committed, which the kernel drops with the
// process, whatever its death. The holder's name stands in the same file, readable by whoever finds it locked.
import { DatabaseSync } from "node:sqlite";
import { FleettyError } from "@fleetty/protocol/errors";

/** SQLITE_BUSY: another connection holds the lock (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

export interface InstanceLock {
  release(): void;
}

/** Throws `not_ready` naming the holder when another process has it. `path` is the lock's database file. */
export function lockInstance(path: string): InstanceLock {
  const database = new DatabaseSync(path);
  try {
    take(database);
  } catch (thrown) {
    const refusal = (thrown as { errcode?: number }).errcode === SQLITE_BUSY ? heldBy(database, path) : thrown;
    database.close();
    throw refusal;
  }
  return { release: () => database.close() };
}

/** Writes our name, then takes the lock again and keeps it: who gets in between is the holder, and we are refused. */
function take(database: DatabaseSync): void {
  database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE");
  database.exec(
    "CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL, since TEXT NOT NULL) STRICT; DELETE FROM holder",
  );
  database.prepare("INSERT INTO holder VALUES (?, ?)").run(process.pid, new Date().toISOString());
  database.exec("COMMIT; BEGIN IMMEDIATE");
}

function heldBy(database: DatabaseSync, path: string): FleettyError {
  const row = holderOf(database);
  const who = row ? `process ${row["pid"]} since ${row["since"]}` : "another process";
  const message = `a fleetty server already runs on this instance (${who} holds ${path}); use it, stop it, or take -L NAME for another`;
  return new FleettyError("not_ready", message, { reason: "locked", pid: row?.["pid"] ?? null });
}

function holderOf(database: DatabaseSync) {
  try {
    return database.prepare("SELECT pid, since FROM holder").get();
  } catch {
    return undefined; // The holder is writing its name at this very moment.
  }
}
