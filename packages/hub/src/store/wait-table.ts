// The table in hub.db of what waits over many sessions were asked for.
import type { DatabaseSync } from "node:sqlite";
import type { WaitRecord } from "./hub-store.ts";

export class WaitTable {
  readonly #expire;
  readonly #all;
  readonly #put;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#expire = database.prepare("DELETE FROM wait_records WHERE used_ms < ?");
    this.#all = database.prepare("SELECT * FROM wait_records ORDER BY id");
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO wait_records (id, kind, principal, asked, started_ms, used_ms)
       VALUES (:id, :kind, :principal, :asked, :started_ms, :used_ms)`,
    );
    this.#remove = database.prepare("DELETE FROM wait_records WHERE id = ?");
  }

  usedSince(usedMs: number): WaitRecord[] {
    this.#expire.run(usedMs);
    return this.#all.all().map((row) => ({ ...row }) as unknown as WaitRecord);
  }

  put(record: WaitRecord): void {
    this.#put.run({ ...record });
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.#remove.run(id);
  }
}
