// Records what has happened already, such as the end of a session, however long the disk refuses: it is tried again until
// it is written. What a refusal can still prevent (a creation) does not come here.
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { WorkerStore } from "../store/worker-store.ts";
import { type Entry, rowOf, type SessionIndex } from "./session-index.ts";

/** A full disk is made room on by people: once a second is soon enough. */
const AGAIN_MS = 1_000;

export interface RecordKeeperParts {
  readonly store: WorkerStore;
  readonly index: SessionIndex;
  readonly log: Logger;
}

export class RecordKeeper {
  readonly #parts: RecordKeeperParts;
  readonly #closed = new AbortController();

  constructor(parts: RecordKeeperParts) {
    this.#parts = parts;
  }

  /** Nothing is tried again from now on. */
  close(): void {
    this.#closed.abort();
  }

  /** Resolves with true when the entry is on disk as it is then; with false when we were closed before. Never rejects. */
  async keep(entry: Entry): Promise<boolean> {
    const { store, index, log } = this.#parts;
    for (let isFirst = true; !this.#closed.signal.aborted; isFirst = false) {
      try {
        if (index.byId(entry.id) === entry) await store.recordSession(rowOf(entry), index.counter);
        return true;
      } catch (err) {
        if (isFirst) log.error({ session: entry.id, err }, "a session could not be recorded; trying again");
      }
      await delay(AGAIN_MS, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {});
    }
    return false;
  }
}
