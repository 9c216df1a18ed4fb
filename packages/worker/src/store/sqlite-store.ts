// The worker's store over worker.db. Puts its words into requests to the thread that holds the file.
import { SqliteFile } from "@fleetty/sqlite/sqlite-file";
import type { Beginning, WorkerRequest } from "./worker-db.ts";
import type {
  JournalPart,
  JournalRow,
  KeptSecrets,
  SecretRow,
  SessionRow,
  WorkerBeginning,
  WorkerStore,
} from "./worker-store.ts";

export class SqliteStore implements WorkerStore {
  readonly #file: SqliteFile<WorkerRequest>;

  /** `path`: the database file, made if it is not there. */
  constructor(path: string) {
    this.#file = new SqliteFile({ path, thread: new URL("./worker-db.ts", import.meta.url) });
  }

  async begin(): Promise<WorkerBeginning> {
    const { incarnation, counter, rows } = (await this.#file.run({ do: "begin" })) as Beginning;
    return { incarnation, counter, sessions: rows.map((row) => JSON.parse(row) as SessionRow) };
  }

  async recordSession(row: SessionRow, counter: number): Promise<void> {
    const { id, name, state, hostId, info, isHidden } = row;
    const text = JSON.stringify({ id, name, state, hostId, info, isHidden } satisfies SessionRow);
    await this.#file.run({ do: "record", id, state, row: text, counter });
  }

  async forgetSession(id: string): Promise<void> {
    await this.#file.run({ do: "forget", id });
  }

  async keepEvents(rows: readonly JournalRow[], lost: number): Promise<void> {
    await this.#file.run({ do: "keep_events", rows, lost });
  }

  async eventsAfter(seq: number, max: number): Promise<JournalPart> {
    return (await this.#file.run({ do: "events_after", seq, max })) as JournalPart;
  }

  async endJournal(incarnation: number): Promise<void> {
    await this.#file.run({ do: "end_journal", incarnation });
  }

  async expireEvents(before: string, kept: number): Promise<void> {
    await this.#file.run({ do: "expire_events", before, kept });
  }

  async secrets(): Promise<KeptSecrets> {
    return (await this.#file.run({ do: "secrets" })) as KeptSecrets;
  }

  async keepSecret(row: SecretRow, max: number): Promise<boolean> {
    return (await this.#file.run({ do: "keep_secret", row, max })) as boolean;
  }

  async forgetSecret(name: string): Promise<boolean> {
    return (await this.#file.run({ do: "forget_secret", name })) as boolean;
  }

  async useSecret(name: string, at: string): Promise<void> {
    await this.#file.run({ do: "use_secret", name, at });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
