// Records what has happened already, such as the end of a session, however long the disk refuses: it is tried again until
// it is written. What a refusal can still prevent (a creation) does not come here.
import { AGAIN_MS, pause } from "@fleetty/sqlite/pause";
import type { Logger } from "pino";
import type { WorkerStore } from "../store/worker-store.ts";
import { type Entry, rowOf, type SessionIndex } from "./session-index.ts";

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
      await pause(AGAIN_MS, this.#closed.signal);
    }
    return false;
  }
}
