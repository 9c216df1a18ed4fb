// The table of named tokens in hub.db: what each may do, and the hash of its text.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { TokenRecord, TokenUse } from "./hub-store.ts";

export class TokenTable {
  readonly #all;
  readonly #add;
  readonly #use;
  readonly #remove;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare("SELECT * FROM tokens ORDER BY id");
    this.#add = database.prepare(
      `INSERT INTO tokens (id, hash, name, kind, verbs, "on", tags, created_at, expires_at, last_used_at)
       VALUES (:id, :hash, :name, :kind, :verbs, :on, :tags, :created_at, :expires_at, :last_used_at)`,
    );
    this.#use = database.prepare("UPDATE tokens SET last_used_at = :last_used_at WHERE id = :id");
    this.#remove = database.prepare("DELETE FROM tokens WHERE id = ?");
  }

  all(): TokenRecord[] {
    return this.#all.all().map(recordOf);
  }

  add({ verbs, tags, ...record }: TokenRecord): void {
    this.#add.run({ ...record, verbs: JSON.stringify(verbs), tags: JSON.stringify(tags) });
  }

  used(uses: readonly TokenUse[]): void {
    for (const use of uses) this.#use.run({ ...use });
  }

  remove(id: string): void {
    this.#remove.run(id);
  }
}

function recordOf({ verbs, tags, ...row }: Record<string, SQLOutputValue>): TokenRecord {
  const lists = { verbs: JSON.parse(String(verbs)), tags: JSON.parse(String(tags)) };
  return { ...(row as unknown as TokenRecord), ...lists };
}
