// Keeps the newest notices of one session under their numbers, and says which of them somebody has not been told yet. Pure:
// knows neither who asks nor when.
import type { Notice, NoticeKind } from "@fleetty/protocol/schemas/notices";

type Unnumbered<One> = { [Key in keyof One as string extends Key ? never : Exclude<Key, "seq">]: One[Key] };

/** A notice before it has its number. */
export type News = Notice extends infer One ? (One extends Notice ? Unnumbered<One> : never) : never;

/** What is left of a ring, for who asks after its session has ended. */
export interface KeptNotices {
  /** Number of the newest; 0: there has been none. */
  readonly end: number;
  /** All up to this number have been let go. */
  readonly lost: number;
  readonly notices: readonly Notice[];
}

export interface Untold {
  /** What has come up to this number is told by this. */
  readonly seq: number;
  /** So many may have been let go before they were told. */
  readonly missed: number;
  readonly notices: Notice[];
}

/** More than anybody falls behind who asks again as soon as he is answered. */
const KEPT_MAX = 1024;

export class NoticeRing {
  readonly #kept: Notice[];
  #end: number;
  #lost: number;

  constructor({ end, lost, notices }: KeptNotices = { end: 0, lost: 0, notices: [] }) {
    this.#end = end;
    this.#lost = lost;
    this.#kept = [...notices];
  }

  get end(): number {
    return this.#end;
  }

  add(news: News): void {
    this.#end += 1;
    this.#kept.push({ ...news, seq: this.#end } as Notice);
    if (this.#kept.length > KEPT_MAX) this.#lost = this.#kept.shift()?.seq ?? this.#lost;
  }

  /** What has come after that number. A number that has not been reached is of another life: nothing has been told then. */
  after(number: number, kinds: readonly NoticeKind[]): Untold {
    const isForeign = number > this.#end;
    const told = isForeign ? 0 : number;
    const missed = Math.max(isForeign ? 1 : 0, this.#lost - told);
    const notices = this.#kept.filter(({ seq, kind }) => seq > told && kinds.includes(kind));
    return { seq: this.#end, missed, notices };
  }

  /** What may be written down: all but what was typed. */
  get kept(): KeptNotices {
    const notices = this.#kept.filter(({ kind }) => kind !== "input");
    return { end: this.#end, lost: this.#lost, notices };
  }
}
