// The log of what happened in the fleet: numbers each event, has it on the disk, and only then tells of it, so that a number
// that somebody has seen is never another event's, whatever dies. Many events go into one transaction; nothing waits for it.
// What passes waits a moment for other transactions while nobody follows: an fsync for each shell that comes to its prompt would
// be in the way of the next creation. What the disk refuses is kept and tried again, and told late rather than twice.
import { AGAIN_MS, pause } from "@fleetty/sqlite/pause";
import type { Logger } from "pino";
import type { EventBatch, EventLogState, EventRecord, HeardRecord, HubStore, ToldChange } from "../store/hub-store.ts";

export interface EventLogOptions {
  readonly store: HubStore;
  readonly log: Logger;
  /** For gaps of the log itself: who speaks. */
  readonly own: { readonly id: string; readonly hostname: string };
  /** Events that are kept; and that wait for a disk that refuses. Defaults: the public limits. */
  readonly keptMax?: number;
  readonly waitingMax?: number;
}

interface AddedWith {
  /** What is on the disk together with the events. */
  readonly told?: readonly ToldChange[];
  readonly heard?: HeardRecord | null;
  /** Nobody is harmed when they are told a moment later. */
  readonly mayWait?: boolean;
}

export type NewEvent = Omit<EventRecord, "seq" | "at">;

/** Public limits. */
const KEPT_MAX = 100_000;
const KEPT_MS = 86_400_000;
/** What may wait, for so long, while nobody follows: as long as a worker's journal gathers its rows. */
const GATHER_MS = 100;
/** As many as may wait for the disk, a few megabytes of them. */
const WAITING_MAX = 10_000;
/** Old events are looked for so often, and after so many new ones. */
const EXPIRE_EVERY_MS = 600_000;
const EXPIRE_EVERY = 1_000;

export class EventLog {
  readonly #options: EventLogOptions;
  readonly #listeners = new Set<(events: readonly EventRecord[]) => void>();
  readonly #closed = new AbortController();
  readonly #expiry: NodeJS.Timeout;
  readonly #id: string;
  /** On the disk, and told. */
  #last: number;
  #first: number;
  #lastAt: string | null;
  #next: number;
  #waiting: EventRecord[] = [];
  /** The newest for each session. */
  #told = new Map<string, EventBatch["told"][number]>();
  /** The newest for each server. */
  #heard = new Map<string, HeardRecord>();
  #lost: { count: number; from: string } | null = null;
  #writing: Promise<void> | null = null;
  /** Runs while there is nothing to write but what may wait. */
  #gathering: NodeJS.Timeout | null = null;
  #isRefused = false;
  #sinceExpiry = 0;

  private constructor(options: EventLogOptions, { id, first, last, last_at }: EventLogState) {
    this.#options = options;
    this.#id = id;
    this.#first = first;
    this.#last = last;
    this.#lastAt = last_at;
    this.#next = last + 1;
    this.#expiry = setInterval(() => void this.expire(Date.now()), EXPIRE_EVERY_MS);
    this.#expiry.unref();
  }

  static async open(options: EventLogOptions): Promise<EventLog> {
    const log = new EventLog(options, await options.store.eventLog());
    await log.expire(Date.now());
    return log;
  }

  get id(): string {
    return this.#id;
  }

  /** Number of the newest event that has been told; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Number of the oldest event that is kept. */
  get first(): number {
    return this.#first;
  }

  /** When the newest event happened. */
  get lastAt(): string | null {
    return this.#lastAt;
  }

  /** Whether the disk takes what is written. */
  get isWell(): boolean {
    return !this.#isRefused;
  }

  /** In the order in which they are told. */
  add(events: readonly NewEvent[], { told = [], heard = null, mayWait = false }: AddedWith = {}): void {
    const at = new Date().toISOString();
    for (const event of events) this.#take({ ...event, at });
    for (const change of told) this.#willTell(change, at);
    if (heard) this.#heard.set(heard.server_id, heard);
    if (mayWait && this.#listeners.size === 0) this.#gathering ??= setTimeout(() => this.#begin(), GATHER_MS).unref();
    else this.#begin();
  }

  /** `listener` hears of events that are on the disk from now on, oldest first. Returns how to stop. */
  listen(listener: (events: readonly EventRecord[]) => void): () => void {
    this.#listeners.add(listener);
    this.#begin();
    return () => this.#listeners.delete(listener);
  }

  /** Those after number `seq`. The first of them has another number than the next where some are kept no more. */
  after(seq: number, max: number): Promise<readonly EventRecord[]> {
    return this.#options.store.eventsAfter(seq, max);
  }

  /** Lets go of what has been kept for its time. Never rejects. */
  async expire(nowMs: number): Promise<void> {
    const { store, log, keptMax = KEPT_MAX } = this.#options;
    this.#sinceExpiry = 0;
    try {
      this.#first = await store.expireEvents(new Date(nowMs - KEPT_MS).toISOString(), keptMax);
    } catch (err) {
      log.error({ err }, "old events could not be removed");
    }
  }

  /** Writes what waits, once more, and says what could not be written. */
  async close(): Promise<void> {
    clearInterval(this.#expiry);
    this.#closed.abort();
    this.#begin();
    await this.#writing;
    this.#listeners.clear();
    if (this.#waiting.length === 0) return;
    this.#options.log.error({ events: this.#waiting.length }, "the disk refused events to the last; they are lost");
  }

  /** As a session was told stays with what is told of it next without that. */
  #willTell(change: ToldChange, at: string): void {
    const key = `${change.server_id} ${change.session_id}`;
    const before = this.#told.get(key);
    const isKept = change.info === undefined && change.told !== null && before?.info !== undefined;
    this.#told.set(key, isKept ? { ...before, told: change.told } : { ...change, at });
  }

  #take(event: Omit<EventRecord, "seq">): void {
    const { waitingMax = WAITING_MAX } = this.#options;
    if (this.#waiting.length < waitingMax && !this.#lost) this.#waiting.push({ ...event, seq: this.#next++ });
    else this.#lost = { count: (this.#lost?.count ?? 0) + 1, from: this.#lost?.from ?? event.at };
  }

  get #hasMore(): boolean {
    return this.#waiting.length + this.#told.size + this.#heard.size > 0;
  }

  /** Has all that there is written, in one transaction with what this turn still brings. */
  #begin(): void {
    if (this.#gathering) clearTimeout(this.#gathering);
    this.#gathering = null;
    if (this.#hasMore) this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#hasMore) {
      // All that this turn of the loop brings goes together.
      await new Promise(setImmediate);
      if (await this.#writeBatch()) continue;
      if (this.#closed.signal.aborted) break;
      await pause(AGAIN_MS, this.#closed.signal);
    }
    this.#writing = null;
  }

  async #writeBatch(): Promise<boolean> {
    const events = this.#waiting;
    const told = this.#told;
    const heard = this.#heard;
    this.#waiting = [];
    this.#told = new Map();
    this.#heard = new Map();
    try {
      await this.#options.store.writeEvents({ events, told: [...told.values()], heard: [...heard.values()] });
    } catch (err) {
      // What has come meanwhile stays behind what it came after.
      this.#waiting = [...events, ...this.#waiting];
      const meanwhile = this.#told;
      this.#told = told;
      for (const { at, ...change } of meanwhile.values()) this.#willTell(change, at);
      this.#heard = new Map([...heard, ...this.#heard]);
      this.#complain(err);
      return false;
    }
    this.#isRefused = false;
    this.#tell(events);
    this.#declareLost();
    return true;
  }

  #complain(err: unknown): void {
    if (!this.#isRefused)
      this.#options.log.error({ err }, "events cannot be written; they are kept, tried again, and told when they are");
    this.#isRefused = true;
  }

  #tell(events: readonly EventRecord[]): void {
    const newest = events.at(-1);
    if (!newest) return;
    this.#last = newest.seq;
    this.#lastAt = newest.at;
    this.#sinceExpiry += events.length;
    for (const listener of [...this.#listeners]) listener(events);
    if (this.#sinceExpiry >= EXPIRE_EVERY) void this.expire(Date.now());
  }

  /** There is room again: says in its place that events are missing, and how many. */
  #declareLost(): void {
    const lost = this.#lost;
    if (!lost) return;
    this.#lost = null;
    const { id, hostname } = this.#options.own;
    const now = new Date().toISOString();
    const data = { from: lost.from, to: now, dropped: lost.count, reason: "server_log_expired" };
    const about = { server: hostname, server_id: id, session: null, session_id: null, tags: [] };
    this.#take({ ...about, at: now, type: "gap", data: JSON.stringify(data) });
  }
}
