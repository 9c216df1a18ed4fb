// Brings a database file to the shape that a program expects, by numbered steps. A step is never changed once it was
// released; a file from a newer program is refused rather than guessed at.
import type { DatabaseSync } from "node:sqlite";

/** Applies the steps that the file has not had (`PRAGMA user_version`), each whole or not at all. Throws when it had more. */
export function migrate(database: DatabaseSync, steps: readonly string[]): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > steps.length) {
    throw new Error(`its version is ${version}, this program knows ${steps.length}; run the newer fleetty`);
  }
  for (let next = version; next < steps.length; next += 1) {
    database.exec(`BEGIN; ${steps[next]} PRAGMA user_version = ${next + 1}; COMMIT;`);
  }
}
