// Keeps the records of waits over many sessions, and decides whose cursor is whose: a cursor names a record and a position in
// it, is good for an hour after its last use, and for its principal alone. Knows nothing of what a record collects.
import { FleettyError } from "@fleetty/protocol/errors";
import { ulid } from "@fleetty/protocol/ulid";
import type { Logger } from "pino";
import type { HubStore, WaitRecord } from "../store/hub-store.ts";

/** Public limits. */
export const RECORD_KEPT_MS = 3_600_000;
export const RECORDS_MAX = 1000;
/** How exact the time of the last use is on the disk. */
const USE_WRITTEN_EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 60_000;

const PREFIXES = { idle: "idl", wait: "fwt" } as const;
type Kind = WaitRecord["kind"];

/** Records that a principal did not come back for give way to new ones, where nothing is collected in them. */
const GIVES_WAY: Readonly<Record<Kind, boolean>> = { idle: true, wait: false };

export interface WaitRecordsOptions {
  readonly store: HubStore;
  readonly log: Logger;
  /** That record is no more. */
  readonly onForgotten: (id: string) => void;
  /** In ms since 1970. */
  readonly nowMs?: () => number;
  /** On a clock that nobody sets: by it records of this process age. */
  readonly steadyMs?: () => number;
}

interface Kept {
  readonly row: WaitRecord;
  /** Both on the steady clock. */
  usedMs: number;
  writtenMs: number;
  /** Its cursor has been passed on. */
  isUsed: boolean;
}

export class WaitRecords {
  readonly #options: WaitRecordsOptions;
  readonly #nowMs: () => number;
  readonly #steadyMs: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #sweeping: NodeJS.Timeout;

  private constructor(options: WaitRecordsOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    this.#sweeping = setInterval(() => this.sweep(), SWEEP_EVERY_MS);
    this.#sweeping.unref();
  }

  static async open(options: WaitRecordsOptions): Promise<WaitRecords> {
    const records = new WaitRecords(options);
    const nowMs = records.#nowMs();
    for (const row of await options.store.waitRecords(nowMs - RECORD_KEPT_MS)) {
      const usedMs = records.#steadyMs() - Math.max(0, nowMs - row.used_ms);
      records.#kept.set(row.id, { row, usedMs, writtenMs: usedMs, isUsed: true });
    }
    return records;
  }

  close(): void {
    clearInterval(this.#sweeping);
  }

  /** A new record, which is on the disk once it is `written`. Throws `resource_limit_reached`. */
  begin(kind: Kind, principal: string, asked: object): { row: WaitRecord; written: Promise<void> } {
    this.sweep();
    this.#makeRoom(principal);
    const nowMs = this.#nowMs();
    const id = ulid(nowMs);
    const row = { id, kind, principal, asked: JSON.stringify(asked), started_ms: nowMs, used_ms: nowMs };
    const steadyMs = this.#steadyMs();
    this.#kept.set(id, { row, usedMs: steadyMs, writtenMs: steadyMs, isUsed: false });
    return { row, written: this.#write(row) };
  }

  /** The record and the position that a cursor names, which counts as a use. Throws `invalid_cursor`. */
  use(kind: Kind, cursor: string, principal: string): { row: WaitRecord; position: number } {
    const [, prefix, id = "", position] = /^([a-z]{3})_([0-9A-Z]{26})\.(\d{1,15})$/.exec(cursor) ?? [];
    const kept = this.#kept.get(id);
    const steadyMs = this.#steadyMs();
    const isGood = kept && prefix === PREFIXES[kind] && kept.row.kind === kind && kept.row.principal === principal;
    if (!isGood || steadyMs - kept.usedMs > RECORD_KEPT_MS) throw invalidCursor();
    kept.isUsed = true;
    this.#touch(kept);
    return { row: kept.row, position: Number(position) };
  }

  /** It is in use until now. */
  used(id: string): void {
    const kept = this.#kept.get(id);
    if (kept) this.#touch(kept);
  }

  cursor({ id, kind }: WaitRecord, position: number): string {
    return `${PREFIXES[kind]}_${id}.${position}`;
  }

  /** Nobody has its cursor. */
  forget(id: string): void {
    this.#forget([id]);
  }

  /** Lets go of what was not used for its hour. */
  sweep(): void {
    const steadyMs = this.#steadyMs();
    const over = [...this.#kept.values()].filter(({ usedMs }) => steadyMs - usedMs > RECORD_KEPT_MS);
    this.#forget(over.map(({ row }) => row.id));
  }

  #makeRoom(principal: string): void {
    const own = [...this.#kept.values()].filter(({ row }) => row.principal === principal);
    if (own.length < RECORDS_MAX) return;
    const unused = own.find(({ row, isUsed }) => GIVES_WAY[row.kind] && !isUsed);
    if (unused) return this.#forget([unused.row.id]);
    const message = `${RECORDS_MAX} waits over many sessions are kept for ${principal}, each for an hour after its last use; go on with one of their cursors`;
    throw new FleettyError("resource_limit_reached", message, { limit: "wait_cursors", max: RECORDS_MAX });
  }

  #forget(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) {
      this.#kept.delete(id);
      this.#options.onForgotten(id);
    }
    this.#options.store.removeWaitRecords(ids).catch((err) => {
      this.#options.log.warn({ err }, "records of waits that are over are still on disk; they go at the next start");
    });
  }

  #touch(kept: Kept): void {
    kept.usedMs = this.#steadyMs();
    if (kept.usedMs - kept.writtenMs < USE_WRITTEN_EVERY_MS) return;
    kept.writtenMs = kept.usedMs;
    void this.#write({ ...kept.row, used_ms: this.#nowMs() });
  }

  /** A cursor that a restart of this server would forget is better than no answer. */
  async #write(row: WaitRecord): Promise<void> {
    await this.#options.store.putWaitRecord(row).catch((err) => {
      this.#options.log.warn({ err }, "what is waited for is not on disk; its cursor ends with this process");
    });
  }
}

export function invalidCursor(): FleettyError {
  const message = "this cursor is not known here, is another principal's, or its hour is over; begin again without one";
  return new FleettyError("invalid_cursor", message);
}
