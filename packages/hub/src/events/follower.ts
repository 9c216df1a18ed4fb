// One follower of the event log: a position in it, and a bounded queue of what came since. Reads what is on the disk until it
// has caught up, then takes what comes; one that does not take in time loses what was queued and is told how much. Costs
// nobody else anything: the log only ever adds to the queue. Knows no face.
//
//   behind ──read up to the newest──► live ──queue full──► live, with a gap before what follows
import type { GapData } from "@fleetty/protocol/schemas/fleet-events";
import type { EventRecord } from "../store/hub-store.ts";
import type { EventFilter } from "./event-filter.ts";
import type { EventLog } from "./event-log.ts";

/** What cannot be told, where the event `seq` would have been the last of it. */
export interface Gap {
  readonly seq: number;
  readonly gap: GapData;
}

export type Followed = EventRecord | Gap;

export interface FollowerOptions {
  readonly log: Pick<EventLog, "last" | "after" | "listen">;
  readonly filter: EventFilter;
  /** Begins after this event. Null: after the newest, because the position that was asked for is of another log. */
  readonly after: number | null;
  /** Events that may wait to be taken; default: the public limit. */
  readonly queueMax?: number;
}

/** Public limits. */
const QUEUE_MAX = 1024;
/** Events that are read from the disk at a time. */
const PAGE = 512;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #forget: () => void;
  readonly #queueMax: number;
  /** Everything up to here is queued, taken, or not asked for. */
  #position: number;
  /** Everything up to here is taken or not asked for. */
  #taken: number;
  #queue: EventRecord[] = [];
  #gap: Gap | null = null;
  #isLive = false;
  #isClosed = false;
  #more = Promise.withResolvers<void>();

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { log, after, queueMax = QUEUE_MAX } = options;
    this.#queueMax = queueMax;
    this.#position = Math.min(after ?? log.last, log.last);
    this.#taken = this.#position;
    // A number that this log has not reached is of one that was put back to an earlier day.
    if (after === null || after > log.last) this.#declare("cursor_expired", { from: null, dropped: null });
    this.#forget = log.listen((events) => this.#happened(events));
  }

  /** Number of the last event that has been taken or passed over: where to begin again. */
  get position(): number {
    return this.#taken;
  }

  /** Resolves with what is to be told next, at most `max`; with nothing once it is closed. Rejects when the log cannot be read. */
  async next(max: number): Promise<readonly Followed[]> {
    while (!this.#isClosed) {
      const items = this.#isLive || this.#gap ? this.#take(max) : await this.#read(max);
      if (items.length > 0) return items;
      if (this.#isLive) await this.#more.promise;
    }
    return [];
  }

  /** What waits is not told. */
  close(): void {
    this.#isClosed = true;
    this.#forget();
    this.#queue = [];
    this.#more.resolve();
  }

  /** Whoever is still reading the disk finds these there. */
  #happened(events: readonly EventRecord[]): void {
    if (!this.#isLive) return;
    for (const event of events) if (event.seq > this.#position) this.#push(event);
    this.#more.resolve();
  }

  #push(event: EventRecord): void {
    const isIdle = this.#queue.length === 0 && !this.#gap;
    this.#position = event.seq;
    if (!this.#options.filter(event)) {
      if (isIdle) this.#taken = event.seq;
      return;
    }
    if (this.#queue.length >= this.#queueMax) this.#overflow();
    this.#queue.push(event);
  }

  /** What was queued makes room, and is counted together with what was lost before it. */
  #overflow(): void {
    const dropped = this.#queue.length + (this.#gap?.gap.dropped ?? 0);
    const from = this.#gap?.gap.from ?? this.#queue[0]?.at ?? null;
    const seq = this.#queue.at(-1)?.seq ?? this.#position;
    this.#queue = [];
    this.#declare("slow_reader", { from, dropped }, seq);
  }

  #declare(
    reason: GapData["reason"],
    { from, dropped }: Pick<GapData, "from" | "dropped">,
    seq = this.#position,
  ): void {
    this.#gap = { seq, gap: { from, to: new Date().toISOString(), dropped, reason } };
  }

  #take(max: number): readonly Followed[] {
    const gap = this.#gap;
    if (gap) {
      this.#gap = null;
      this.#taken = gap.seq;
      return [gap];
    }
    const items = this.#queue.slice(0, max);
    this.#queue = this.#queue.slice(max);
    this.#taken = this.#queue.length === 0 ? this.#position : (items.at(-1)?.seq ?? this.#taken);
    if (this.#queue.length === 0) this.#more = Promise.withResolvers();
    return items;
  }

  /** The next that was asked for of what is on the disk; none when this was the last of it. */
  async #read(max: number): Promise<readonly Followed[]> {
    const { log, filter } = this.#options;
    if (this.#position >= log.last) return this.#goLive();
    const page = await log.after(this.#position, Math.min(PAGE, max));
    const [first] = page;
    if (!first) return this.#goLive();
    if (first.seq > this.#position + 1) {
      this.#position = first.seq - 1;
      this.#declare("cursor_expired", { from: null, dropped: null });
      return this.#take(1);
    }
    this.#position = (page.at(-1) as EventRecord).seq;
    this.#taken = this.#position;
    return page.filter(filter);
  }

  #goLive(): readonly Followed[] {
    this.#isLive = true;
    return [];
  }
}
