// The requests of one JSON WebSocket that are waited for: which of them is meant by an id, which may be there only once, and
// that each can be ended before its time. Knows no method.
import { FleettyError } from "@fleetty/protocol/errors";
import { Gone } from "@fleetty/protocol/gone";

export interface PendingRequest {
  readonly gone: Gone;
  /** Ended by its caller, or by another that took its place; not by the end of the socket. */
  readonly isCancelled: boolean;
  /** It is answered. */
  end(): void;
}

interface Entry {
  readonly gone: Gone;
  isCancelled: boolean;
}

/** Waits of one principal that are under way (public limits). */
const PENDING_MAX = 1_000;

export class Pending {
  readonly #all = new Set<Entry>();
  /** By the JSON of their ids; of several under one id the newest. */
  readonly #byId = new Map<string, Entry>();
  readonly #alone = new Map<string, Entry>();

  /** `alone`: of those with the same text only the newest goes on; null: any number. Throws `resource_limit_reached`. */
  begin(id: unknown, alone: string | null): PendingRequest {
    const before = alone === null ? undefined : this.#alone.get(alone);
    if (before) this.#cancel(before);
    if (this.#all.size >= PENDING_MAX) throw tooMany();
    const entry: Entry = { gone: new Gone(), isCancelled: false };
    const key = keyOf(id);
    this.#all.add(entry);
    if (key !== null) this.#byId.set(key, entry);
    if (alone !== null) this.#alone.set(alone, entry);
    return {
      gone: entry.gone,
      get isCancelled() {
        return entry.isCancelled;
      },
      end: () => {
        this.#all.delete(entry);
        if (key !== null && this.#byId.get(key) === entry) this.#byId.delete(key);
        if (alone !== null && this.#alone.get(alone) === entry) this.#alone.delete(alone);
      },
    };
  }

  /** One that has been answered, or never was, is no refusal. */
  cancel(id: unknown): void {
    const key = keyOf(id);
    const entry = key === null ? undefined : this.#byId.get(key);
    if (entry) this.#cancel(entry);
  }

  close(): void {
    for (const { gone } of this.#all) gone.went();
  }

  #cancel(entry: Entry): void {
    entry.isCancelled = true;
    entry.gone.went();
  }
}

function keyOf(id: unknown): string | null {
  return id === undefined || id === null ? null : JSON.stringify(id);
}

function tooMany(): FleettyError {
  const message = `${PENDING_MAX} requests of this socket are waited for; cancel one, or let one end`;
  return new FleettyError("resource_limit_reached", message, { limit: "waits", max: PENDING_MAX });
}
