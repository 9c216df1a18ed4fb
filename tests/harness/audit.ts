// Reads a server's audit as its operator would: with SQLite, past the server.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestServer } from "./server.ts";

export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly request_id: string;
  readonly principal: string;
  readonly kind: string;
  readonly face: string;
  readonly address: string | null;
  readonly operation: string;
  readonly session: string | null;
  readonly session_id: string | null;
  readonly outcome: string;
  readonly detail: string;
}

/** What is on disk at this moment, oldest first. */
export function auditOf(server: TestServer): AuditRow[] {
  using database = new DatabaseSync(hubDb(server), { readOnly: true });
  return database.prepare("SELECT * FROM audit ORDER BY seq").all() as unknown as AuditRow[];
}

export function hubDb({ stateDir }: TestServer): string {
  return join(stateDir, "hub.db");
}
