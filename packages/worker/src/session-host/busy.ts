// Decides from looks at the event loop how busy a session host is, and when that is worth telling: a process that stays as
// it is tells nothing. Pure: the caller brings what the loop has counted.

/** Between two looks: a host that begins to work hard is known for it a few looks later, and a look costs nothing. */
export const LOOK_EVERY_MS = 2_000;
/** How far back it looks (placement asks for the last 10 s). */
const WINDOW_MS = 10_000;
/** Smaller changes are not told; in hundredths, as it is told. */
const STEP = 10;

/** What `performance.eventLoopUtilization()` counts, in ms since the loop began. */
export interface LoopTimes {
  readonly active: number;
  readonly idle: number;
}

export class Busy {
  #looks: LoopTimes[];
  /** In hundredths. */
  #told = 0;

  /** What came before `first`, the start of the process above all, is not counted. */
  constructor(first: LoopTimes) {
    this.#looks = [first];
  }

  /** What was told last: a share, 0 to 1. */
  get told(): number {
    return this.#told / 100;
  }

  /** True: `told` is another one now, and the other end should hear of it. */
  look(times: LoopTimes): boolean {
    const since = totalOf(times) - WINDOW_MS;
    // The newest look that is as old as the window stays: the window begins there.
    while (this.#looks[1] && totalOf(this.#looks[1]) <= since) this.#looks.shift();
    this.#looks.push(times);
    const busy = hundredthsBetween(this.#looks[0] as LoopTimes, times);
    if (Math.abs(busy - this.#told) < STEP) return false;
    this.#told = busy;
    return true;
  }
}

function totalOf({ active, idle }: LoopTimes): number {
  return active + idle;
}

/** Of a window that has not passed yet, the rest was idle: a process that began a moment ago has done little. */
function hundredthsBetween(from: LoopTimes, to: LoopTimes): number {
  const share = (to.active - from.active) / Math.max(WINDOW_MS, totalOf(to) - totalOf(from));
  return Math.round(Math.min(1, Math.max(0, share)) * 100);
}
