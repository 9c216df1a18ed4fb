// Reads a server's audit as its operator would: with SQLite, past the server.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AuditEntry } from "@fleetty/hub/store/hub-store";
import type { TestServer } from "./server.ts";

/** An entry as it stands in its table. */
export interface AuditRow extends AuditEntry {
  readonly seq: number;
}

/** What is on disk at this moment, oldest first. */
export function auditOf(server: Pick<TestServer, "stateDir">): AuditRow[] {
  using database = new DatabaseSync(hubDb(server), { readOnly: true });
  return database.prepare("SELECT * FROM audit ORDER BY seq").all() as unknown as AuditRow[];
}

export function hubDb({ stateDir }: Pick<TestServer, "stateDir">): string {
  return join(stateDir, "hub.db");
}
