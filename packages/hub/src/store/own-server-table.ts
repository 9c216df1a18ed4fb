// The table in hub.db of what is kept of this server itself: one row, once something was.
import type { DatabaseSync } from "node:sqlite";
import type { OwnServerRecord } from "./hub-store.ts";

export class OwnServerTable {
  readonly #get;
  readonly #put;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT labels, cordoned, draining FROM own_server");
    this.#put = database.prepare("INSERT OR REPLACE INTO own_server VALUES (1, :labels, :cordoned, :draining)");
  }

  get(): OwnServerRecord | null {
    const row = this.#get.get();
    if (!row) return null;
    const { labels, cordoned, draining } = row;
    return { labels: JSON.parse(String(labels)), cordoned: cordoned === 1, draining: draining === 1 };
  }

  put({ labels, cordoned, draining }: OwnServerRecord): void {
    this.#put.run({ labels: JSON.stringify(labels), cordoned: Number(cordoned), draining: Number(draining) });
  }
}
