// The thread that holds worker.db: its tables, and what each request does to them. All SQL of the worker is in this folder.
import { serve } from "@fleetty/sqlite/thread";
import { JournalTable } from "./journal-table.ts";
import { SecretTable } from "./secret-table.ts";
import { type Read, reachOf, type Write } from "./write.ts";

/**
 * What is asked of worker.db, as it crosses the thread's port. `begin` is answered with a Beginning, `events_after` with a
 * JournalPart, `secrets` with KeptSecrets, `keep_secret` and `forget_secret` with whether it was done.
 */
export type WorkerRequest = Read | Write;

export interface Beginning {
  readonly incarnation: number;
  readonly counter: number;
  /** As JSON, oldest first. */
  readonly rows: readonly string[];
}

/** Step n brings a file from version n to n + 1. */
const steps: readonly string[] = [
  `CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
   CREATE TABLE sessions (id TEXT PRIMARY KEY, state TEXT NOT NULL, row TEXT NOT NULL) STRICT;`,
  `CREATE TABLE journal (seq INTEGER PRIMARY KEY, at TEXT NOT NULL, event TEXT NOT NULL) STRICT;
   CREATE INDEX journal_at ON journal (at);
   CREATE TABLE journal_gone (seq INTEGER NOT NULL) STRICT;`,
  `CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed TEXT NOT NULL, tags TEXT NOT NULL, prompt TEXT,
     created_at TEXT NOT NULL) STRICT;
   CREATE TABLE secret_uses (name TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;`,
];

serve<WorkerRequest>({
  steps,
  reachOf,
  prepare: (database) => {
    const record = database.prepare("INSERT OR REPLACE INTO sessions (id, state, row) VALUES (?, ?, ?)");
    const forget = database.prepare("DELETE FROM sessions WHERE id = ?");
    const setNumber = database.prepare("INSERT OR REPLACE INTO numbers (name, value) VALUES (?, ?)");
    const getNumber = database.prepare("SELECT value FROM numbers WHERE name = ?");
    const allRows = database.prepare("SELECT row FROM sessions ORDER BY rowid");
    const number = (name: string) => Number(getNumber.get(name)?.["value"] ?? 0);
    const journal = new JournalTable(database);
    const secrets = new SecretTable(database);
    const begin = (): Beginning => {
      const incarnation = number("incarnation") + 1;
      setNumber.run("incarnation", incarnation);
      journal.begin(incarnation, number("journal_whole") === incarnation - 1);
      return { incarnation, counter: number("counter"), rows: allRows.all().map(({ row }) => String(row)) };
    };
    return (request) => {
      switch (request.do) {
        case "begin":
          return begin();
        case "forget":
          return void forget.run(request.id);
        case "keep_events":
          return journal.keep(request.rows, request.lost);
        case "end_journal":
          return void setNumber.run("journal_whole", request.incarnation);
        case "events_after":
          return journal.after(request.seq, request.max);
        case "expire_events":
          return journal.expire(request.before, request.kept);
        case "secrets":
          return secrets.read();
        case "keep_secret":
          return secrets.keep(request.row, request.max);
        case "forget_secret":
          return secrets.forget(request.name);
        case "use_secret":
          return secrets.use(request.name, request.at);
        case "record":
          record.run(request.id, request.state, request.row);
          setNumber.run("counter", Math.max(number("counter"), request.counter));
      }
    };
  },
});
