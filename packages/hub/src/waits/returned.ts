// What an idle wait over many sessions has returned, cursor by cursor, as a tree: an answer adds one entry to what the cursor
// that was passed on stands for, and alters nothing. So a call whose answer was lost can be repeated. Pure.

/** A session as it was returned last. */
export interface ReturnedEntry {
  readonly id: string;
  /** It comes back only after it has moved on from here. */
  readonly generation: number;
  /** It never comes back. */
  readonly hasEnded: boolean;
}

/** Whoever looks at a cursor walks over this many answers at most. */
const STEPS_MAX = 64;
/** Cursors of one record that can still be passed on. */
export const CURSORS_MAX = 1024;

interface Step {
  readonly from: Returned;
  readonly entry: ReturnedEntry;
}

export class Returned {
  /** Number of this cursor within its record. */
  readonly number: number;
  readonly #parent: Returned | null;
  readonly #entry: ReturnedEntry | null;
  readonly #base: ReadonlyMap<string, ReturnedEntry>;
  readonly #steps: number;

  private constructor(number: number, base: ReadonlyMap<string, ReturnedEntry>, step: Step | null) {
    this.number = number;
    this.#base = base;
    this.#steps = step ? step.from.#steps + 1 : 0;
    this.#parent = step?.from ?? null;
    this.#entry = step?.entry ?? null;
  }

  /** Nothing has been returned yet. */
  static nothing(number: number): Returned {
    return new Returned(number, new Map(), null);
  }

  /** `isKnown` says which sessions could still come back. */
  with(entry: ReturnedEntry, number: number, isKnown: (id: string) => boolean): Returned {
    if (this.#steps + 1 < STEPS_MAX) return new Returned(number, this.#base, { from: this, entry });
    const known = [...this.all].filter(([id]) => isKnown(id));
    return new Returned(number, new Map([...known, [entry.id, entry]]), null);
  }

  /** By session. */
  get all(): ReadonlyMap<string, ReturnedEntry> {
    const entries: ReturnedEntry[] = [];
    for (let at: Returned | null = this; at; at = at.#parent) if (at.#entry) entries.push(at.#entry);
    const all = new Map(this.#base);
    for (const entry of entries.reverse()) all.set(entry.id, entry);
    return all;
  }
}

/** The cursors of one record: the newest of them can be passed on. */
export class ReturnedCursors {
  readonly #cursors = new Map<number, Returned>();
  /** Number of the cursor under which nothing has been returned. */
  readonly first: number;
  #last: number;

  constructor(first: number) {
    this.first = first;
    this.#last = first;
    this.#keep(Returned.nothing(first));
  }

  /** Null for one that never was, or that is too old. */
  at(number: number): Returned | null {
    return this.#cursors.get(number) ?? null;
  }

  get last(): number {
    return this.#last;
  }

  add(from: Returned, entry: ReturnedEntry, isKnown: (id: string) => boolean): Returned {
    this.#last += 1;
    return this.#keep(from.with(entry, this.#last, isKnown));
  }

  #keep(cursor: Returned): Returned {
    this.#cursors.set(cursor.number, cursor);
    this.#cursors.delete(cursor.number - CURSORS_MAX);
    return cursor;
  }
}
