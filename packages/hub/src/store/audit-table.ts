// The table of the audit in hub.db. Entries are added, and let go of when their time is over; nothing else.
import type { DatabaseSync } from "node:sqlite";
import type { AuditEntry } from "./hub-store.ts";

export class AuditTable {
  readonly #insert;
  readonly #expire;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO audit (at, request_id, principal, kind, face, address, operation, session, session_id, outcome, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#expire = database.prepare("DELETE FROM audit WHERE at < ?");
  }

  add(entries: readonly AuditEntry[]): void {
    for (const {
      at,
      request_id,
      principal,
      kind,
      face,
      address,
      operation,
      session,
      session_id,
      outcome,
      detail,
    } of entries)
      this.#insert.run(at, request_id, principal, kind, face, address, operation, session, session_id, outcome, detail);
  }

  expire(before: string, marker: AuditEntry): number {
    const entries = Number(this.#expire.run(before).changes);
    if (entries > 0) this.add([{ ...marker, detail: JSON.stringify({ entries, before }) }]);
    return entries;
  }
}
