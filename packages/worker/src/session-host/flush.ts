// Decides when streams are sent what has come: at once while little comes, so that an echo is not delayed; gathered for a
// moment in a flood, so that it travels in few large frames. Each session for itself: a flood delays nobody's echo.
// Knows no stream.

/** Something with output that its streams have not been sent. */
export interface Flushable {
  readonly streams: { pump(): void };
}

/** Output of a flood is gathered for this long. A PTY gives 4 KiB a read: in 1 ms come about 60 KiB. */
const GATHER_MS = 1;
/** What may be sent at once within that time beyond its first piece: more than echoes bring, less than one read of a flood. */
const TRICKLE_BYTES = 1024;
const TRICKLE_FLUSHES = 8;

/** What a session has sent since its last moment began. */
interface Moment {
  startedAtMs: number;
  bytes: number;
  flushes: number;
}

export class Flush {
  readonly #moments = new WeakMap<Flushable, Moment>();
  readonly #gathering = new Set<Flushable>();
  readonly #nowMs: () => number;
  #isScheduled = false;

  /** `nowMs` is monotonic. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** `bytes` have come for it. Has its streams pumped now, or when its moment is over. */
  add(one: Flushable, bytes: number): void {
    if (this.#gathering.has(one)) return;
    if (this.#isTrickle(one, bytes)) return one.streams.pump();
    this.#gathering.add(one);
    this.#schedule();
  }

  remove(one: Flushable): void {
    this.#gathering.delete(one);
  }

  #isTrickle(one: Flushable, bytes: number): boolean {
    const nowMs = this.#nowMs();
    const moment = this.#moments.get(one);
    if (!moment || nowMs - moment.startedAtMs >= GATHER_MS) {
      this.#moments.set(one, { startedAtMs: nowMs, bytes, flushes: 1 });
      return true;
    }
    moment.bytes += bytes;
    moment.flushes += 1;
    return moment.bytes <= TRICKLE_BYTES && moment.flushes <= TRICKLE_FLUSHES;
  }

  /** Timers count from the turn's beginning and round up; turns are short, so looking each turn is finer. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#look());
  }

  #look(): void {
    this.#isScheduled = false;
    const nowMs = this.#nowMs();
    for (const one of this.#gathering) {
      const moment = this.#moments.get(one);
      if (moment && nowMs - moment.startedAtMs < GATHER_MS) continue;
      this.#gathering.delete(one);
      this.#moments.set(one, { startedAtMs: nowMs, bytes: TRICKLE_BYTES, flushes: 1 });
      one.streams.pump();
    }
    if (this.#gathering.size > 0) this.#schedule();
  }
}
