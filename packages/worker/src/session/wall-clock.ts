// Tells instants of the monotonic clock as those of the wall clock: one instant the same each time, and as of the wall clock of
// now when that has been set.

/** Between the looks at two clocks a busy machine lets so much pass, and a clock that was set moves by more. */
const SET_BY_MS = 500;

/** Of the wall clock, when the monotonic one began. */
let beganAtMs = Date.now() - performance.now();

/** RFC 3339, of an instant on the clock of `performance.now()`. */
export function timeOf(atMs: number): string {
  const seenMs = Date.now() - performance.now();
  if (Math.abs(seenMs - beganAtMs) > SET_BY_MS) beganAtMs = seenMs;
  return new Date(beganAtMs + atMs).toISOString();
}
