// What happened to one member's link lately, for whoever asks why it is as it is. The same thing again is not said again, but
// for its time.

export interface LinkLogEntry {
  /** RFC 3339; of the last time. */
  readonly at: string;
  readonly event: string;
  readonly detail: string | null;
}

/** Public contract, servers. */
const KEPT = 20;

export class LinkLog {
  #entries: LinkLogEntry[] = [];

  /** Oldest first. */
  get entries(): readonly LinkLogEntry[] {
    return [...this.#entries];
  }

  add(event: string, detail: string | null): void {
    const last = this.#entries.at(-1);
    if (last?.event === event && last.detail === detail) this.#entries.pop();
    this.#entries = [...this.#entries, { at: new Date().toISOString(), event, detail }].slice(-KEPT);
  }
}
