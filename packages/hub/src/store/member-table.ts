// The table of members in hub.db: how each was registered, and as whom it was met.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { MemberRecord } from "./hub-store.ts";

export class MemberTable {
  readonly #all;
  readonly #put;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare("SELECT * FROM members ORDER BY seq");
    this.#put = database.prepare(
      `INSERT INTO members (id, address, origin, name, labels, cordoned, draining, token, server, key, hostname, link_generation, added_at)
       VALUES (:id, :address, :origin, :name, :labels, :cordoned, :draining, :token, :server, :key, :hostname, :link_generation, :added_at)
       ON CONFLICT (id) DO UPDATE SET address = excluded.address, name = excluded.name, labels = excluded.labels,
         cordoned = excluded.cordoned, draining = excluded.draining, token = excluded.token, server = excluded.server,
         key = excluded.key, hostname = excluded.hostname, link_generation = excluded.link_generation`,
    );
    this.#remove = database.prepare("DELETE FROM members WHERE id = ?");
  }

  all(): MemberRecord[] {
    return this.#all.all().map(recordOf);
  }

  put(record: MemberRecord): void {
    const { labels, cordoned, draining } = record;
    const flags = { cordoned: Number(cordoned), draining: Number(draining) };
    this.#put.run({ ...record, ...flags, labels: JSON.stringify(labels) });
  }

  remove(id: string): void {
    this.#remove.run(id);
  }
}

function recordOf({ seq: _, ...row }: Record<string, SQLOutputValue>): MemberRecord {
  const { labels, cordoned, draining } = row;
  const flags = { cordoned: cordoned === 1, draining: draining === 1 };
  return { ...(row as unknown as MemberRecord), ...flags, labels: JSON.parse(String(labels)) };
}
