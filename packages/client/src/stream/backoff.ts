// Decides how long to stay away after a failed attempt to connect. Pure: the caller brings the random number.

/** First pause: a server that was killed and started again answers within a second or so. */
const FIRST_MS = 50;
/** Longest pause: whoever brings a server back waits no longer for the viewers, and a thousand of them ask 500 times/s. */
const LONGEST_MS = 2_000;

/** Pause before attempt `failures + 1`, in ms; `random` in [0, 1) spreads many clients over half of it. */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return full * (0.5 + random / 2);
}
