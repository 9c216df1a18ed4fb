// A database file whose SQLite runs in a thread of its own, so that no fsync stands between a keystroke and its echo. Gathers
// the requests of one turn, and of the time that the last transaction took, into the next one: many at once cost one fsync.
// Knows no table.
import { basename } from "node:path";
import { Worker } from "node:worker_threads";
import type { FromThread, ToThread } from "./thread.ts";

/** The disk refused: full, read-only or broken. The message names the file and has SQLite's word. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

export interface SqliteFileOptions {
  /** The database file, made if it is not there. */
  readonly path: string;
  /** Module that serves it in the thread (thread.ts). */
  readonly thread: URL;
}

interface Gathered {
  readonly requests: unknown[];
  readonly done: PromiseWithResolvers<readonly unknown[]>;
}

export class SqliteFile<Request> {
  readonly #name: string;
  readonly #thread: Worker;
  /** Of the message that is under way, or of none. */
  #answer: PromiseWithResolvers<FromThread> | null = null;
  #gathered: Gathered | null = null;
  #failure: StoreError | null = null;

  constructor({ path, thread }: SqliteFileOptions) {
    this.#name = basename(path);
    this.#thread = new Worker(thread, { workerData: { path } });
    this.#thread.on("message", (message: FromThread) => this.#answered(message));
    this.#thread.on("error", (error: Error) => this.#fail(error));
    this.#thread.on("exit", () => this.#fail(new Error("it is closed")));
    this.#thread.unref();
  }

  /** Resolves with what the request gave, once it is on the disk. Rejects with StoreError: then it has not happened. */
  async run(request: Request): Promise<unknown> {
    this.#gathered ??= this.#gather();
    const { requests, done } = this.#gathered;
    const at = requests.push(request) - 1;
    return (await done.promise)[at];
  }

  /** Resolves when all that was asked for before has been done or refused. */
  async close(): Promise<void> {
    while (this.#gathered || this.#answer) {
      await this.#gathered?.done.promise.catch(() => {});
      await this.#answer?.promise;
      await new Promise(setImmediate);
    }
    await this.#ask({ ask: "close" }).catch(() => {});
    await this.#thread.terminate();
  }

  #gather(): Gathered {
    if (!this.#answer) setImmediate(() => void this.#flush());
    return { requests: [], done: Promise.withResolvers() };
  }

  async #flush(): Promise<void> {
    const gathered = this.#gathered;
    if (!gathered || this.#answer) return;
    this.#gathered = null;
    try {
      gathered.done.resolve(await this.#ask({ ask: "run", requests: gathered.requests }));
    } catch (thrown) {
      gathered.done.reject(thrown);
    } finally {
      void this.#flush();
    }
  }

  async #ask(message: ToThread): Promise<readonly unknown[]> {
    if (this.#failure) throw this.#failure;
    this.#answer = Promise.withResolvers();
    this.#thread.ref();
    this.#thread.postMessage(message);
    const answer = await this.#answer.promise;
    if (!answer.ok) throw new StoreError(`${this.#name}: ${answer.reason}`);
    return answer.values;
  }

  #answered(message: FromThread): void {
    this.#thread.unref();
    this.#answer?.resolve(message);
    this.#answer = null;
  }

  /** Whoever waits or comes later is told the first reason. */
  #fail(error: Error): void {
    this.#failure ??= new StoreError(`${this.#name}: ${error.message}`, { cause: error });
    this.#answer?.resolve({ ok: false, reason: error.message });
    this.#answer = null;
    this.#gathered?.done.reject(this.#failure);
    this.#gathered = null;
  }
}
