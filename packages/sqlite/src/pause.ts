// How long whoever keeps what a disk has refused waits before it tries again, and how it waits: until its time or its closing.
import timers from "node:timers/promises";

/** A full disk is made room on by people: once a second is soon enough. */
export const AGAIN_MS = 1_000;

/** Resolves when the time is over, or `closed` is aborted: then nothing waits any more. Keeps no process alive. */
export async function pause(ms: number, closed: AbortSignal): Promise<void> {
  await timers.setTimeout(ms, undefined, { signal: closed, ref: false }).catch(() => {});
}
