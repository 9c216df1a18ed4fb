// Writes the audit: entries in their order, many in one transaction. What the disk refuses has happened all the same, so it
// is kept and tried again; nobody's answer is held for that, and the server says that it is not ready.
import { AGAIN_MS, pause } from "@fleetty/sqlite/pause";
import type { Logger } from "pino";
import { AUDIT_KEPT_DAYS, type AuditEntry, type HubStore } from "../store/hub-store.ts";

export interface AuditLogOptions {
  readonly store: HubStore;
  readonly log: Logger;
}

/** Entries that wait for the disk; at 300 bytes each, a few megabytes. What comes beyond is counted, and the number written. */
const WAITING_MAX = 10_000;
/** Entries in one transaction. */
const BATCH_MAX = 1_000;
/** Typing of so long goes into one transaction: an fsync for each key would wear a disk (at most 1 s, public contract). */
const GATHER_MS = 250;
const DAY_MS = 86_400_000;

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #closed = new AbortController();
  readonly #expiry: NodeJS.Timeout;
  #entries: AuditEntry[] = [];
  /** Of those whose entries are not in the batch that is being written. */
  #next = Promise.withResolvers<void>();
  #writing: Promise<void> | null = null;
  /** Runs while there are entries that nobody waits for, and no others. */
  #gathering: NodeJS.Timeout | null = null;
  #isRefused = false;
  #lost = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#expiry = setInterval(() => void this.expire(Date.now()), DAY_MS);
    this.#expiry.unref();
  }

  /** Whether the disk takes what is written. */
  get isWell(): boolean {
    return !this.#isRefused;
  }

  /** Entries that are not on disk yet. */
  get waiting(): number {
    return this.#entries.length;
  }

  /** Resolves when the entry is on disk, or at once while the disk refuses. Never rejects. */
  record(entry: AuditEntry): Promise<void> {
    if (!this.#take(entry)) return Promise.resolve();
    const { promise } = this.#next;
    this.#begin();
    return this.#isRefused ? Promise.resolve() : promise;
  }

  /** Has the entry written soon, in its order, with what is recorded meanwhile. */
  note(entry: AuditEntry): void {
    if (!this.#take(entry) || this.#writing) return;
    if (this.#entries.length >= BATCH_MAX) return this.#begin();
    this.#gathering ??= setTimeout(() => this.#begin(), GATHER_MS);
  }

  /** Lets go of what has been kept for its time. */
  async expire(nowMs: number): Promise<void> {
    const { store, log } = this.#options;
    const before = new Date(nowMs - AUDIT_KEPT_DAYS * DAY_MS).toISOString();
    try {
      await store.expireAudit(before, ownEntry("audit.expire", nowMs, {}));
    } catch (err) {
      log.error({ err }, "old audit entries could not be removed");
    }
  }

  /** Writes what waits, once more, and says what could not be written. */
  async close(): Promise<void> {
    clearInterval(this.#expiry);
    this.#closed.abort();
    if (this.#entries.length > 0) this.#begin();
    await this.#writing;
    if (this.#entries.length === 0) return;
    this.#options.log.error(
      { entries: this.#entries.length },
      "the disk refused audit entries to the last; they are lost",
    );
  }

  /** False when there is no room for it: then it is counted. */
  #take(entry: AuditEntry): boolean {
    const hasRoom = this.#entries.length < WAITING_MAX;
    if (hasRoom) this.#entries.push(entry);
    else this.#lost += 1;
    return hasRoom;
  }

  #begin(): void {
    if (this.#gathering) clearTimeout(this.#gathering);
    this.#gathering = null;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    while (this.#entries.length > 0) {
      const isWritten = await this.#writeBatch();
      if (isWritten) continue;
      if (this.#closed.signal.aborted) break;
      await pause(AGAIN_MS, this.#closed.signal);
    }
    this.#writing = null;
  }

  async #writeBatch(): Promise<boolean> {
    // All that this turn of the loop brings goes together.
    await new Promise(setImmediate);
    const batch = this.#entries.slice(0, BATCH_MAX);
    const waiting = this.#next;
    this.#next = Promise.withResolvers();
    try {
      await this.#options.store.audit([...batch, ...this.#gap()]);
    } catch (err) {
      this.#complain(err);
      return false;
    } finally {
      waiting.resolve();
    }
    this.#entries = this.#entries.slice(batch.length);
    this.#lost = 0;
    this.#isRefused = false;
    return true;
  }

  /** Says in its place that entries are missing, and how many. */
  #gap(): AuditEntry[] {
    return this.#lost === 0 ? [] : [ownEntry("audit.gap", Date.now(), { entries: this.#lost })];
  }

  #complain(err: unknown): void {
    if (!this.#isRefused)
      this.#options.log.error({ err }, "the audit cannot be written; its entries are kept and tried again");
    this.#isRefused = true;
  }
}

/** What the audit says of itself. */
function ownEntry(operation: string, nowMs: number, detail: object): AuditEntry {
  return {
    at: new Date(nowMs).toISOString(),
    request_id: null,
    principal: "hub",
    kind: "agent",
    face: "hub",
    address: null,
    operation,
    session: null,
    session_id: null,
    outcome: "ok",
    detail: JSON.stringify(detail),
  };
}
