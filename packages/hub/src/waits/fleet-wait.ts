// Answers `fleet.wait`: what has happened to many sessions since a cursor, as soon as there is something, or when there is
// something of each. Decides when a call is answered and what its cursor stands for; a collection gathers.
import { FleettyError } from "@fleetty/protocol/errors";
import type { OperationInput, OperationOutput } from "@fleetty/protocol/operations";
import type { CallContext } from "../calls.ts";
import type { WaitRecord } from "../store/hub-store.ts";
import { cancelled } from "./asking.ts";
import { Collection, type CollectionParts } from "./collection.ts";
import { Selection } from "./selection.ts";
import { cutMs, ownerOf, RESTARTED, WAIT_DEFAULT_MS, type WaitParts } from "./wait-parts.ts";
import { invalidCursor, type WaitRecords } from "./wait-records.ts";

type Asked = OperationInput<"fleet.wait">;
type Answer = OperationOutput<"fleet.wait">;
type Gap = NonNullable<Answer["gap"]>;

/** What is kept of a first call, on the disk too. */
type Kept = Pick<Asked, "select" | "until" | "mode" | "screen">;

const COALESCE_DEFAULT_MS = 50;
/** A server that does not answer is not waited for longer than this before a call is answered that would not wait. */
const LOOK_MS = 2_000;
/** Sessions that are watched for records that nobody asks for just now; the link to a server carries twice as many requests. */
const UNASKED_MAX = 2_048;

interface Place {
  readonly row: WaitRecord;
  readonly kept: Kept;
  readonly collection: Collection;
  readonly position: number;
  readonly gap: Gap | null;
}

export class FleetWait {
  readonly #parts: WaitParts;
  readonly #records: WaitRecords;
  /** By record, the one that was used longest ago first. */
  readonly #collections = new Map<string, Collection>();

  constructor(parts: WaitParts, records: WaitRecords) {
    this.#parts = parts;
    this.#records = records;
  }

  forget(id: string): void {
    this.#collections.get(id)?.stop();
    this.#collections.delete(id);
  }

  close(): void {
    for (const id of [...this.#collections.keys()]) this.forget(id);
  }

  async answer(input: Asked, context: CallContext): Promise<Answer> {
    const place = input.cursor === undefined ? await this.#begin(input, context) : this.#resume(input.cursor, context);
    const { row, collection } = place;
    const untilMs = performance.now() + cutMs(input.max_wait_ms ?? WAIT_DEFAULT_MS);
    collection.callers += 1;
    try {
      const isInTime = await this.#until(place, { untilMs, context, coalesceMs: input.coalesce_ms });
      return this.#answerOf(place, isInTime, context);
    } catch (thrown) {
      // Nobody has heard of its cursor.
      if (input.cursor === undefined) this.#records.forget(row.id);
      throw thrown;
    } finally {
      collection.callers -= 1;
      this.#records.used(row.id);
      this.#makeRoom();
    }
  }

  async #begin({ select = {}, until, mode, screen, since = {} }: Asked, context: CallContext): Promise<Place> {
    const kept: Kept = { select, ...(until && { until }), ...(mode && { mode }), ...(screen && { screen }) };
    // What cannot be read is refused before anything is kept.
    const selection = this.#selection(kept, context);
    const { row, written } = this.#records.begin("wait", ownerOf(context), kept);
    const collection = this.#collect({ row, kept, selection, since, position: 0, isRevived: false }, context);
    await written;
    if (!collection.isEmpty) return { row, kept, collection, position: 0, gap: null };
    this.#records.forget(row.id);
    throw new FleettyError("no_sessions", "no session matches; list the sessions to see which there are");
  }

  #resume(cursor: string, context: CallContext): Place {
    const { row, position } = this.#records.use("wait", cursor, ownerOf(context));
    const kept = JSON.parse(row.asked) as Kept;
    const collection = this.#collections.get(row.id);
    if (!collection) return this.#revive({ row, kept, position }, context);
    this.#collections.delete(row.id);
    this.#collections.set(row.id, collection);
    collection.askAs(this.#parts.callOf(context));
    return { row, kept, collection, position, gap: this.#gap(collection, position) };
  }

  /** What a cursor has missed; everything is then looked at afresh, once. */
  #gap(collection: Collection, position: number): Gap | null {
    const { isAsleep, isRevived, log } = collection;
    const told = log.after(position);
    if (!told) throw invalidCursor();
    if (isRevived && position <= log.first) return RESTARTED;
    if (!isAsleep && told.dropped === 0) return null;
    collection.restartFor(position);
    return { dropped: isAsleep ? null : told.dropped, reason: "slow_reader" };
  }

  /** What was collected was known to an earlier process. */
  #revive({ row, kept, position }: Pick<Place, "row" | "kept" | "position">, context: CallContext): Place {
    const selection = this.#selection(kept, context);
    const collection = this.#collect({ row, kept, selection, since: {}, position, isRevived: true }, context);
    return { row, kept, collection, position, gap: RESTARTED };
  }

  #selection({ select }: Kept, { caller }: CallContext): Selection {
    return new Selection(() => this.#parts.fleet.seenBy(caller.credential.facts.scope), select ?? {});
  }

  #collect(
    {
      row,
      kept,
      ...begun
    }: Pick<CollectionParts, "selection" | "since" | "position" | "isRevived"> & Pick<Place, "row" | "kept">,
    context: CallContext,
  ): Collection {
    const { fleet, sessions, callOf } = this.#parts;
    const { until, screen } = kept;
    const startedAtMs = row.started_ms;
    const collection = new Collection({ fleet, sessions, until, screen, startedAtMs, ...begun }, callOf(context));
    this.#collections.set(row.id, collection);
    return collection;
  }

  /** Resolves with whether it was before the time was over. Rejects with what the wait itself is refused for. */
  async #until(
    { collection, kept, position }: Place,
    { untilMs, context, coalesceMs = COALESCE_DEFAULT_MS }: Until,
  ): Promise<boolean> {
    const gone = context.gone.signal;
    const nowMs = performance.now();
    const isThere = () => (kept.mode === "all" ? collection.isDone : collection.log.last > position);
    // Also a call that does not wait has every session looked at.
    const isLooked = () => collection.isLooked || (untilMs > nowMs && isThere());
    await whenTrue(isLooked, { collection, untilMs: nowMs + LOOK_MS, gone });
    const isInTime = await whenTrue(isThere, { collection, untilMs, gone });
    const gatherMs = isInTime && kept.mode !== "all" ? coalesceMs : 0;
    if (gatherMs > 0) await whenTrue(() => false, { collection, untilMs: performance.now() + gatherMs, gone });
    return isInTime;
  }

  #answerOf({ row, collection, position, gap }: Place, isInTime: boolean, context: CallContext): Answer {
    const told = collection.log.after(position);
    if (!told) throw invalidCursor();
    const { events, dropped } = told;
    const lost: Gap | null = dropped > 0 && !collection.isRevived ? { dropped, reason: "slow_reader" } : null;
    const { counts, done, pending, unreachable } = collection.describe();
    if (context.notes) context.notes.partial = unreachable;
    return {
      events: [...events],
      cursor: this.#records.cursor(row, collection.log.last),
      done,
      timed_out: !isInTime,
      counts,
      pending,
      unreachable,
      gap: gap ?? lost,
    };
  }

  /** Puts records to sleep that were used longest ago, so that those who ask just now can be served. */
  #makeRoom(): void {
    const unasked = [...this.#collections.values()].filter(({ callers, isAsleep }) => callers === 0 && !isAsleep);
    let watches = unasked.reduce((sum, { watchCount }) => sum + watchCount, 0);
    for (const collection of unasked) {
      if (watches <= UNASKED_MAX) return;
      watches -= collection.watchCount;
      collection.sleep();
    }
  }
}

interface Until {
  readonly untilMs: number;
  readonly context: CallContext;
  readonly coalesceMs: number | undefined;
}

interface Awaited {
  readonly collection: Collection;
  /** On the clock of performance.now. */
  readonly untilMs: number;
  readonly gone: AbortSignal;
}

/** Resolves with false when the time is over first. Rejects when the caller has gone, or with what the condition throws. */
async function whenTrue(condition: () => boolean, { collection, untilMs, gone }: Awaited): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const look = () => {
    try {
      if (collection.refusal) throw collection.refusal;
      if (condition()) resolve(true);
    } catch (refusal) {
      reject(refusal);
    }
  };
  const leave = () => reject(cancelled());
  gone.addEventListener("abort", leave, { once: true });
  const deaf = collection.listen(look);
  const timer = setTimeout(() => resolve(false), Math.max(0, untilMs - performance.now()));
  if (gone.aborted) leave();
  look();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    deaf();
    gone.removeEventListener("abort", leave);
  }
}
