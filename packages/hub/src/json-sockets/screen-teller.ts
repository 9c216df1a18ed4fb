// Tells a subscriber what changes on a session's screen: reads when it has changed, at most once in the time that was asked for
// and only while there is room, so that a slow reader is told fewer and larger changes, and nothing has to be kept for it.
//
//   told ──changed──► due ──interval over, room──► reading ──answer──► told
import type { Screen } from "@fleetty/protocol/schemas/common";
import { pause } from "../waits/asking.ts";
import { type Reset, ScreenCopy, type ScreenRead } from "./screen-copy.ts";
import { patiently, type Telling } from "./telling.ts";

export class ScreenTeller {
  readonly #telling: Telling;
  /** Null until it has been read. */
  #copy: ScreenCopy | null = null;
  #due = Promise.withResolvers<void>();
  /** Why the whole screen is to be told again; undefined: it is not. */
  #resync: Reset | null | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** Of the look that is next. */
  #looked = Promise.withResolvers<void>();
  /** Aborts when no time is left to wait for. */
  readonly #hurry = new AbortController();

  constructor(telling: Telling) {
    this.#telling = telling;
  }

  /** Reads it for the first time, and says what it is. */
  async begin(): Promise<Screen> {
    const { observed, signal } = this.#telling;
    const screen = (await observed.ask("sessions.screen", { format: "styled" }, signal)) as Screen;
    this.#copy = new ScreenCopy(screen);
    this.#toldAtMs = performance.now();
    return this.#copy.screen;
  }

  changed(): void {
    this.#due.resolve();
  }

  /** The whole screen is told again, after a reset where there is a reason for one. */
  resync(reset: Reset | null): void {
    this.#resync = reset ?? this.#resync ?? null;
    this.#due.resolve();
  }

  /** Resolves when everything is told that `epoch` shows. */
  async caughtUp(epoch: number): Promise<void> {
    if (this.#copy?.screen.epoch !== epoch) await this.#lookedAgain();
  }

  /** What it looks like at its end, whenever something was told before. */
  async last(): Promise<void> {
    this.#hurry.abort();
    await this.#lookedAgain();
  }

  /** Until nobody hears any more. */
  async run(): Promise<void> {
    const { signal, wish, room } = this.#telling;
    const hurry = AbortSignal.any([signal, this.#hurry.signal]);
    for (;;) {
      await this.#due.promise;
      await pause(Math.max(0, this.#toldAtMs + wish.intervalMs - performance.now()), hurry).catch(() => {});
      await room();
      if (signal.aborted) break;
      this.#due = Promise.withResolvers();
      const looked = this.#looked;
      this.#looked = Promise.withResolvers();
      await this.#look();
      looked.resolve();
    }
    this.#looked.resolve();
  }

  /** Resolves when it has been read by a look that begins from now on. */
  #lookedAgain(): Promise<void> {
    const looked = this.#looked.promise;
    this.#due.resolve();
    return looked;
  }

  async #look(): Promise<void> {
    const { observed, signal, room } = this.#telling;
    const resync = this.#resync;
    this.#resync = undefined;
    const since = resync === undefined ? this.#copy?.screen.epoch : undefined;
    const input = { format: "styled", ...(since !== undefined && { since_epoch: since }) } as const;
    const read = await patiently(() => observed.ask("sessions.screen", input, signal), signal);
    if (read === null) return;
    await room();
    if (resync === undefined && this.#copy) this.#tell(this.#copy, read);
    else this.#tellAnew(read as Screen, resync ?? null);
  }

  #tell(copy: ScreenCopy, read: ScreenRead): void {
    const { events, tell } = this.#telling;
    const change = copy.take(read);
    if (!change) return;
    this.#toldAtMs = performance.now();
    for (const event of events.changes(copy.screen, change)) tell(event);
    if (change.resets.includes("parser_restart")) tell(events.sync(copy.screen));
  }

  #tellAnew(screen: Screen, reset: Reset | null): void {
    const { events, tell } = this.#telling;
    this.#copy = new ScreenCopy(screen);
    this.#toldAtMs = performance.now();
    if (reset !== null) tell(events.reset(reset));
    tell(events.sync(this.#copy.screen));
  }
}
