// Decides when so many members went silent together that the hub's own network is the likelier cause: more than half of at
// least four, within a minute. Says it once for each such time. Pure: the caller brings the clock, which nobody sets; changes
// no state of anybody.

export interface Alarm {
  readonly servers: readonly string[];
  /** When the first of them was lost, on the clock of the caller. */
  readonly sinceMs: number;
}

/** Below this, one cable explains it (public contract, heartbeats). */
const MEMBERS_MIN = 4;
const WITHIN_MS = 60_000;

export class ManySilent {
  /** When each that is away was lost, oldest first. */
  readonly #lost = new Map<string, number>();
  #isTold = false;

  /** A member that was healthy has gone silent or was cut off; `members` is how many there are. Null when that is no alarm. */
  lost(id: string, { members, nowMs }: { readonly members: number; readonly nowMs: number }): Alarm | null {
    this.#lost.delete(id);
    this.#lost.set(id, nowMs);
    const together = [...this.#lost].filter(([, atMs]) => nowMs - atMs <= WITHIN_MS);
    const isAlarming = members >= MEMBERS_MIN && together.length * 2 > members;
    const isNews = isAlarming && !this.#isTold;
    this.#isTold = isAlarming;
    const [first] = together;
    return isNews && first ? { servers: together.map(([lostId]) => lostId), sinceMs: first[1] } : null;
  }

  /** It is healthy again, or no member any more. */
  back(id: string, members: number): void {
    this.#lost.delete(id);
    if (this.#lost.size * 2 <= members) this.#isTold = false;
  }
}
