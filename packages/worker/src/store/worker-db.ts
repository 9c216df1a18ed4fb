// The thread that holds worker.db: its tables, and what each request does to them. All SQL of the worker is here.
import { serve } from "@fleetty/sqlite/thread";
import { reachOf, type Write } from "./write.ts";

/** What is asked of worker.db, as it crosses the thread's port. `begin` is answered with a Beginning. */
export type WorkerRequest = { readonly do: "begin" } | Write;

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
    const begin = (): Beginning => {
      const incarnation = number("incarnation") + 1;
      setNumber.run("incarnation", incarnation);
      return { incarnation, counter: number("counter"), rows: allRows.all().map(({ row }) => String(row)) };
    };
    return (request) => {
      if (request.do === "begin") return begin();
      if (request.do === "forget") return void forget.run(request.id);
      record.run(request.id, request.state, request.row);
      setNumber.run("counter", Math.max(number("counter"), request.counter));
    };
  },
});
