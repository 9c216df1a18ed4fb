// What has happened to this worker's sessions, numbered, told as it happens, and kept for hubs that were away: each asks for what
// came after the last that it knows. Who read what is the reader's to know. A number is never used again, whatever dies.
//
// Telling waits for no disk, and rows are gathered, so that no creation waits for those of others. A worker that is killed in
// between says for what it is: whoever had not heard the last row on the disk cannot know what came after it.
import { EventEmitter } from "node:events";
import type { AnyEvent, PassingEvent } from "@fleetty/protocol/events";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import { AGAIN_MS, pause } from "@fleetty/sqlite/pause";
import type { Logger } from "pino";
import { beforeNumbersOf, type JournalRow, type WorkerStore } from "../store/worker-store.ts";

export interface EventJournalOptions {
  readonly store: Pick<WorkerStore, "keepEvents" | "eventsAfter" | "expireEvents" | "endJournal">;
  /** Number of this run on its state folder. */
  readonly incarnation: number;
  readonly log: Logger;
}

/** Public limits. */
const KEPT_MAX = 100_000;
const KEPT_MS = 14 * 86_400_000;
/** As many as may wait for the disk, a few megabytes of them. */
const WAITING_MAX = 10_000;
/** Rows of so long go into one transaction. */
const GATHER_MS = 100;

type Asked = OperationInput<"worker.journal">;
type Answer = OperationOutput<"worker.journal">;

export class EventJournal {
  readonly #options: EventJournalOptions;
  readonly #told = new EventEmitter<{ event: [AnyEvent, number] }>();
  readonly #closed = new AbortController();
  #last: number;
  /** Not on the disk yet, oldest first. */
  #waiting: JournalRow[] = [];
  /** The highest number that found no room. */
  #lost = 0;
  #writing: Promise<void> | null = null;
  #isRefused = false;

  constructor(options: EventJournalOptions) {
    this.#options = options;
    this.#last = beforeNumbersOf(options.incarnation);
    this.#told.setMaxListeners(0);
  }

  /** `listener` hears of what happens from now on, each with its number; 0 for what is not kept. Returns how to stop. */
  listen(listener: (event: AnyEvent, seq: number) => void): () => void {
    this.#told.on("event", listener);
    return () => this.#told.off("event", listener);
  }

  tell(event: AnyEvent): void {
    this.#last += 1;
    this.#waiting.push(rowOf(this.#last, event));
    if (this.#waiting.length > WAITING_MAX) this.#lost = this.#waiting.shift()?.seq ?? this.#lost;
    this.#writing ??= this.#write();
    this.#told.emit("event", event, this.#last);
  }

  /** Told and not kept. */
  pass(event: PassingEvent): void {
    this.#told.emit("event", event, 0);
  }

  /** What came after the asked number, oldest first; no more than one answer holds. */
  async after({ after, limit }: Asked): Promise<Answer> {
    const last = this.#last;
    if (after === undefined) return { events: [], upto: last, last, whole: false };
    const { rows: kept, gone } = await this.#options.store.eventsAfter(after, limit);
    const from = kept.at(-1)?.seq ?? after;
    const rows = [...kept, ...this.#waiting.filter(({ seq }) => seq > from && seq <= last)].slice(0, limit);
    return {
      events: rows.map(({ seq, at, event }) => ({ seq, at, ...JSON.parse(event) })),
      upto: rows.length < limit ? last : (rows.at(-1)?.seq ?? last),
      last,
      whole: after >= Math.max(gone, this.#lost) && after <= last,
    };
  }

  /** Lets go of what has been kept for its time. */
  async expire(nowMs: number): Promise<void> {
    await this.#options.store.expireEvents(new Date(nowMs - KEPT_MS).toISOString(), KEPT_MAX);
  }

  /** Writes what waits, once more, and that this is all. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#writing;
    if (this.#waiting.length > 0) return;
    await this.#options.store.endJournal(this.#options.incarnation).catch(() => {});
  }

  async #write(): Promise<void> {
    await pause(GATHER_MS, this.#closed.signal);
    while (this.#waiting.length > 0) {
      const isWritten = await this.#writeAll();
      if (!isWritten && this.#closed.signal.aborted) break;
      await pause(isWritten ? GATHER_MS : AGAIN_MS, this.#closed.signal);
    }
    this.#writing = null;
  }

  async #writeAll(): Promise<boolean> {
    const batch = this.#waiting;
    const newest = batch.at(-1)?.seq ?? 0;
    try {
      await this.#options.store.keepEvents([...batch], this.#lost);
    } catch (err) {
      if (!this.#isRefused)
        this.#options.log.error({ err }, "events could not be kept for hubs that are away; trying again");
      this.#isRefused = true;
      return false;
    }
    this.#isRefused = false;
    this.#waiting = this.#waiting.filter(({ seq }) => seq > newest);
    return true;
  }
}

/** A session's last words are in its record. */
function rowOf(seq: number, { type, session: { tail: _, ...session }, ...data }: AnyEvent): JournalRow {
  return { seq, at: new Date().toISOString(), event: JSON.stringify({ event: type, p: { ...data, session } }) };
}
