// The tables of secrets in worker.db: those that are kept, sealed, and when each was used last, configured ones too.
import type { DatabaseSync } from "node:sqlite";
import type { KeptSecrets, SecretRow } from "./worker-store.ts";

export class SecretTable {
  readonly #all;
  readonly #uses;
  readonly #others;
  readonly #keep;
  readonly #forget;
  readonly #use;
  readonly #unused;

  constructor(database: DatabaseSync) {
    this.#all = database.prepare("SELECT name, sealed, tags, prompt, created_at FROM secrets ORDER BY name");
    this.#uses = database.prepare("SELECT name, at FROM secret_uses");
    this.#others = database.prepare("SELECT count(*) AS count FROM secrets WHERE name <> ?");
    this.#keep = database.prepare(
      "INSERT OR REPLACE INTO secrets (name, sealed, tags, prompt, created_at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#forget = database.prepare("DELETE FROM secrets WHERE name = ?");
    this.#use = database.prepare("INSERT OR REPLACE INTO secret_uses (name, at) VALUES (?, ?)");
    this.#unused = database.prepare("DELETE FROM secret_uses WHERE name = ?");
  }

  read(): KeptSecrets {
    const rows = this.#all.all().map((row) => ({ ...row, tags: JSON.parse(String(row["tags"])) as string[] }));
    const uses = this.#uses.all().map(({ name, at }): [string, string] => [String(name), String(at)]);
    return { rows: rows as unknown as SecretRow[], uses };
  }

  /** Whether there was room for it among `max`. Nothing is known of the use of a new one. */
  keep({ name, sealed, tags, prompt, created_at }: SecretRow, max: number): boolean {
    if (Number(this.#others.get(name)?.["count"]) >= max) return false;
    this.#keep.run(name, sealed, JSON.stringify(tags), prompt, created_at);
    this.#unused.run(name);
    return true;
  }

  /** Whether it was there. */
  forget(name: string): boolean {
    this.#unused.run(name);
    return Number(this.#forget.run(name).changes) > 0;
  }

  use(name: string, at: string): void {
    this.#use.run(name, at);
  }
}
