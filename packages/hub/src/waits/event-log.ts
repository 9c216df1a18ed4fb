// The newest events of one record, by position: the number of events before and with it. What is no longer there is counted,
// never skipped silently. Pure.

/** Events that a record keeps (public contract, POST /wait). */
export const EVENTS_MAX = 1024;

export class EventLog<Event> {
  /** Position where it begins. */
  readonly first: number;
  #events: Event[] = [];
  #last: number;

  /** `position` where it begins: that of the events before, which it does not have. */
  constructor(position = 0) {
    this.first = position;
    this.#last = position;
  }

  /** Position of the newest event. */
  get last(): number {
    return this.#last;
  }

  add(event: Event): void {
    this.#events.push(event);
    this.#last += 1;
    // In steps, so that moving them costs little.
    if (this.#events.length >= 2 * EVENTS_MAX) this.#events = this.#events.slice(-EVENTS_MAX);
  }

  /** Null for a position that has never been. What was before this log is counted as what is no longer in it. */
  after(position: number): { readonly events: readonly Event[]; readonly dropped: number } | null {
    if (position > this.#last) return null;
    const kept = Math.min(this.#events.length, EVENTS_MAX);
    const wanted = this.#last - position;
    const told = Math.min(wanted, kept);
    return { events: told === 0 ? [] : this.#events.slice(-told), dropped: wanted - told };
  }
}
