// The tables of the journal in worker.db: what happened to sessions, from the front of which the old go, and up to which number
// something has gone.
import type { DatabaseSync } from "node:sqlite";
import { beforeNumbersOf, type JournalPart, type JournalRow } from "./worker-store.ts";

export class JournalTable {
  readonly #insert;
  readonly #after;
  readonly #gone;
  readonly #setGone;
  readonly #isGone;
  readonly #tooOld;
  readonly #beyond;
  readonly #expire;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO journal (seq, at, event) VALUES (?, ?, ?)");
    this.#after = database.prepare("SELECT seq, at, event FROM journal WHERE seq > ? ORDER BY seq LIMIT ?");
    this.#gone = database.prepare("SELECT seq FROM journal_gone");
    this.#setGone = database.prepare("INSERT INTO journal_gone (seq) VALUES (?)");
    this.#isGone = database.prepare("UPDATE journal_gone SET seq = max(seq, ?)");
    this.#tooOld = database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM journal WHERE at < ?");
    this.#beyond = database.prepare("SELECT seq FROM journal ORDER BY seq DESC LIMIT 1 OFFSET ?");
    this.#expire = database.prepare("DELETE FROM journal WHERE seq <= ?");
  }

  /**
   * What happened before the first run that has a journal is in none. `isWhole`: the run before has written all that it told;
   * what one that was killed did not write came after its last row.
   */
  begin(incarnation: number, isWhole: boolean): void {
    if (!this.#gone.get()) this.#setGone.run(beforeNumbersOf(incarnation));
    else if (!isWhole) this.#isGone.run(Number(this.#beyond.get(0)?.["seq"] ?? 0));
  }

  keep(rows: readonly JournalRow[], lost: number): void {
    for (const { seq, at, event } of rows) this.#insert.run(seq, at, event);
    this.#isGone.run(lost);
  }

  after(seq: number, max: number): JournalPart {
    const rows = this.#after.all(seq, max).map((row) => ({ ...row })) as unknown as JournalRow[];
    return { rows, gone: Number(this.#gone.get()?.["seq"] ?? 0) };
  }

  expire(before: string, kept: number): void {
    const { seq } = this.#tooOld.get(before) as { seq: number };
    const gone = Math.max(seq, Number(this.#beyond.get(kept)?.["seq"] ?? 0));
    if (gone === 0) return;
    this.#expire.run(gone);
    this.#isGone.run(gone);
  }
}
