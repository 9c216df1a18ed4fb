// The table of members in hub.db: how each was registered, and as whom it was met; and the keys that were taken back.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { MemberRecord } from "./hub-store.ts";

export class MemberTable {
  readonly #all;
  readonly #put;
  readonly #remove;
  readonly #revoke;
  readonly #revoked;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare("SELECT * FROM members ORDER BY seq");
    this.#put = database.prepare(
      `INSERT INTO members (id, address, origin, name, labels, cordoned, draining, token, server, key, hostname, link_generation, added_at, approved, revoked)
       VALUES (:id, :address, :origin, :name, :labels, :cordoned, :draining, :token, :server, :key, :hostname, :link_generation, :added_at, :approved, :revoked)
       ON CONFLICT (id) DO UPDATE SET address = excluded.address, name = excluded.name, labels = excluded.labels,
         cordoned = excluded.cordoned, draining = excluded.draining, token = excluded.token, server = excluded.server,
         key = excluded.key, hostname = excluded.hostname, link_generation = excluded.link_generation,
         approved = excluded.approved, revoked = excluded.revoked`,
    );
    this.#remove = database.prepare("DELETE FROM members WHERE id = ?");
    this.#revoke = database.prepare("INSERT INTO revoked_keys (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING");
    this.#revoked = database.prepare("SELECT key FROM revoked_keys");
  }

  all(): MemberRecord[] {
    return this.#all.all().map(recordOf);
  }

  put(record: MemberRecord): void {
    const { labels, cordoned, draining, approved, revoked } = record;
    const flags = {
      cordoned: Number(cordoned),
      draining: Number(draining),
      approved: Number(approved),
      revoked: Number(revoked),
    };
    this.#put.run({ ...record, ...flags, labels: JSON.stringify(labels) });
  }

  remove(id: string): void {
    this.#remove.run(id);
  }

  revoke(record: MemberRecord): void {
    this.put(record);
    if (record.key !== null) this.#revoke.run(record.key, new Date().toISOString());
  }

  revokedKeys(): string[] {
    return this.#revoked.all().map(({ key }) => String(key));
  }
}

function recordOf({ seq: _, ...row }: Record<string, SQLOutputValue>): MemberRecord {
  const { labels, cordoned, draining, approved, revoked } = row;
  const flags = {
    cordoned: cordoned === 1,
    draining: draining === 1,
    approved: approved === 1,
    revoked: revoked === 1,
  };
  return { ...(row as unknown as MemberRecord), ...flags, labels: JSON.parse(String(labels)) };
}
