// A program for a session that is subscribed to: prints the time over itself again and again, on the clock that all processes
// of a machine share.

/** What is told at most once in a longer time is never told one by one. */
export const TICK_MS = 20;

/** On the monotonic clock of the machine. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** The time that a row of the screen shows, in µs; null where it shows none. */
export function stampOf(text: string): number | null {
  const stamp = /@(\d+)/.exec(text);
  return stamp ? Number(stamp[1]) : null;
}

if (import.meta.main) setInterval(() => process.stdout.write(`\r@${nowUs()}`), TICK_MS);
