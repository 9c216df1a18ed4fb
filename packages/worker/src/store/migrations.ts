// The shape of worker.db, as the numbered steps that make it. A step is never changed once it was released; a file from
// a newer program is refused rather than guessed at.
import type { DatabaseSync } from "node:sqlite";

/** Step n brings a file from version n to n + 1 (`PRAGMA user_version`). */
const steps: readonly string[] = [
  `CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
   CREATE TABLE sessions (id TEXT PRIMARY KEY, state TEXT NOT NULL, row TEXT NOT NULL) STRICT;`,
];

export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > steps.length) {
    throw new Error(`worker.db has version ${version}, this program knows ${steps.length}; run the newer fleetty`);
  }
  for (let next = version; next < steps.length; next += 1) {
    database.exec(`BEGIN; ${steps[next]} PRAGMA user_version = ${next + 1}; COMMIT;`);
  }
}
