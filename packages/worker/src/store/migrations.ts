// The shape of worker.db, as the numbered steps that make it. A step is never changed once it was released; a file from
// a newer program is refused rather than guessed at.
import type { DatabaseSync } from "node:sqlite";

/** Step n brings a file from version n to n + 1 (`PRAGMA user_version`). */
const steps: readonly string[] = [
  `CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
   CREATE TABLE sessions (id TEXT PRIMARY KEY, state TEXT NOT NULL, row TEXT NOT NULL) STRICT;`,
];

/** Applies the steps that the file has not had, each whole or not at all. Throws when it had more than `known`. */
export function migrate(database: DatabaseSync, known: readonly string[] = steps): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > known.length) {
    throw new Error(`its version is ${version}, this program knows ${known.length}; run the newer fleetty`);
  }
  for (let next = version; next < known.length; next += 1) {
    database.exec(`BEGIN; ${known[next]} PRAGMA user_version = ${next + 1}; COMMIT;`);
  }
}
