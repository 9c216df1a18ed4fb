// The worker's store over SQLite in a thread of its own. Gathers the writes of one turn, and of the time that the last
// transaction took, into the next one: many sessions created at once cost one fsync.
import { Worker } from "node:worker_threads";
import type { FromThread, ToThread } from "./sqlite-thread.ts";
import type { SessionRow, WorkerBeginning, WorkerStore } from "./worker-store.ts";
import type { Write } from "./write.ts";

/** The disk refused: full, read-only or broken. `reason` is SQLite's word. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

interface Waiting {
  readonly resolve: (value: FromThread) => void;
}

interface Gathered {
  readonly writes: Write[];
  readonly done: PromiseWithResolvers<void>;
}

export class SqliteStore implements WorkerStore {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #gathered: Gathered | null = null;
  #isWriting = false;
  #failure: StoreError | null = null;

  /** `path`: the database file, made if it is not there. */
  constructor(path: string) {
    this.#thread = new Worker(new URL("./sqlite-thread.ts", import.meta.url), { workerData: { path } });
    this.#thread.on("message", (message: FromThread) => this.#answered(message));
    this.#thread.on("error", (error: Error) => this.#fail(error));
    this.#thread.on("exit", () => this.#fail(new Error("it is closed")));
    this.#thread.unref();
  }

  async begin(): Promise<WorkerBeginning> {
    const answer = await this.#ask({ ask: "begin" });
    const { incarnation, counter, rows } = answer.value as NonNullable<typeof answer.value>;
    return { incarnation, counter, sessions: rows.map((row) => JSON.parse(row) as SessionRow) };
  }

  recordSession(row: SessionRow, counter: number): Promise<void> {
    const { id, name, state, hostId, info, isHidden } = row;
    const text = JSON.stringify({ id, name, state, hostId, info, isHidden } satisfies SessionRow);
    return this.#write({ do: "record", id, state, row: text, counter });
  }

  forgetSession(id: string): Promise<void> {
    return this.#write({ do: "forget", id });
  }

  async close(): Promise<void> {
    if (this.#gathered) await this.#gathered.done.promise.catch(() => {});
    await this.#ask({ ask: "close" }).catch(() => {});
    await this.#thread.terminate();
  }

  #write(write: Write): Promise<void> {
    this.#gathered ??= this.#gather();
    this.#gathered.writes.push(write);
    return this.#gathered.done.promise;
  }

  #gather(): Gathered {
    if (!this.#isWriting) setImmediate(() => void this.#flush());
    return { writes: [], done: Promise.withResolvers<void>() };
  }

  async #flush(): Promise<void> {
    const gathered = this.#gathered;
    if (!gathered || this.#isWriting) return;
    this.#gathered = null;
    this.#isWriting = true;
    try {
      await this.#ask({ ask: "write", writes: gathered.writes });
      gathered.done.resolve();
    } catch (thrown) {
      gathered.done.reject(thrown);
    } finally {
      this.#isWriting = false;
      void this.#flush();
    }
  }

  async #ask(message: ToThread extends infer M ? (M extends ToThread ? Omit<M, "id"> : never) : never) {
    if (this.#failure) throw this.#failure;
    const id = this.#nextId++;
    const answer = await new Promise<FromThread>((resolve) => {
      this.#waiting.set(id, { resolve });
      this.#thread.ref();
      this.#thread.postMessage({ ...message, id });
    });
    if (!answer.ok) throw new StoreError(`worker.db: ${answer.reason}`);
    return answer;
  }

  #answered(message: FromThread): void {
    this.#waiting.get(message.id)?.resolve(message);
    this.#waiting.delete(message.id);
    if (this.#waiting.size === 0) this.#thread.unref();
  }

  /** Whoever waits or comes later is told the first reason. */
  #fail(error: Error): void {
    this.#failure ??= new StoreError(`worker.db: ${error.message}`, { cause: error });
    for (const [id, { resolve }] of this.#waiting) resolve({ id, ok: false, reason: error.message });
    this.#waiting.clear();
  }
}
