// The table of join codes in hub.db: which wait to be used, and, for a day, which cannot be used any more.
import type { DatabaseSync } from "node:sqlite";
import { JOIN_CODE_KEPT_MS, JOIN_CODES_MAX, type JoinCodeRecord } from "./hub-store.ts";

export class JoinCodeTable {
  readonly #forget;
  readonly #count;
  readonly #add;
  readonly #find;
  readonly #remove;
  readonly #use;

  constructor(database: DatabaseSync) {
    const usable = "used_at_ms IS NULL AND expires_at_ms > ?";
    this.#forget = database.prepare("DELETE FROM join_codes WHERE expires_at_ms < ?");
    this.#count = database.prepare(`SELECT count(*) AS codes FROM join_codes WHERE ${usable}`);
    this.#add = database.prepare(
      `INSERT INTO join_codes (id, secret_hash, name, labels, approve, expires_at_ms, used_at_ms)
       VALUES (:id, :secret_hash, :name, :labels, :approve, :expires_at_ms, :used_at_ms)`,
    );
    this.#find = database.prepare("SELECT * FROM join_codes WHERE id = ?");
    this.#remove = database.prepare(`DELETE FROM join_codes WHERE id = ? AND ${usable}`);
    this.#use = database.prepare(`UPDATE join_codes SET used_at_ms = ? WHERE id = ? AND ${usable}`);
  }

  add(code: JoinCodeRecord, nowMs: number): boolean {
    this.#forget.run(nowMs - JOIN_CODE_KEPT_MS);
    if (Number(this.#count.get(nowMs)?.["codes"]) >= JOIN_CODES_MAX) return false;
    this.#add.run({ ...code, labels: JSON.stringify(code.labels), approve: Number(code.approve) });
    return true;
  }

  find(id: string): JoinCodeRecord | null {
    const row = this.#find.get(id);
    if (!row) return null;
    const { labels, approve } = row;
    return { ...(row as unknown as JoinCodeRecord), labels: JSON.parse(String(labels)), approve: approve === 1 };
  }

  remove(id: string, nowMs: number): boolean {
    return this.#remove.run(id, nowMs).changes > 0;
  }

  /** Whether it could be used, and is used up now. */
  use(id: string, nowMs: number): boolean {
    return this.#use.run(nowMs, id, nowMs).changes > 0;
  }
}
