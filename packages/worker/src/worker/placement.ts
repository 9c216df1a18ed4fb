// Decides which session host takes a new session, or that another host is to be started for it. Pure: it is given what is
// known of each host, and knows neither links nor processes.
//
// How busy a host is comes late, by some seconds. So sessions that are being started count for it at once: a burst of
// creates goes to all hosts, not to the one that was the quietest when it began.

/** A host that takes new sessions. */
export interface HostLoad {
  readonly id: string;
  /** Share of its last 10 s that it worked, 0 to 1. */
  readonly busy: number;
  /** Live sessions. */
  readonly sessions: number;
  /** Sessions that it was asked to start and has not started yet. */
  readonly starting: number;
}

export const BUSY_MAX = 0.5;
export const SESSIONS_MAX = 128;

/** The id of a host, or "another": none has room and there may be one more. `hosts` are all that count for `maxHosts`. */
export function placeSession(hosts: readonly HostLoad[], maxHosts: number): string | "another" {
  const withRoom = hosts.filter(hasRoom);
  if (withRoom.length === 0 && hosts.length < Math.max(1, maxHosts)) return "another";
  const [first, ...others] = withRoom.length > 0 ? withRoom : hosts;
  return others.reduce((best, one) => (isLessLoaded(one, best) ? one : best), first as HostLoad).id;
}

function hasRoom({ busy, sessions, starting }: HostLoad): boolean {
  return busy <= BUSY_MAX && sessions + starting < SESSIONS_MAX;
}

/** Tenths of busy, and one more for each session that is coming; among equals, the one with fewer sessions. */
function isLessLoaded(one: HostLoad, other: HostLoad): boolean {
  const difference = weightOf(one) - weightOf(other);
  return difference < 0 || (difference === 0 && one.sessions + one.starting < other.sessions + other.starting);
}

function weightOf({ busy, starting }: HostLoad): number {
  return Math.round(busy * 10) + starting;
}
