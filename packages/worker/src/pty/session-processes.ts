// Decides which processes belong to a session, from its leader's identity and the kernel's process table. Knows what it
// has seen before, so that a child which changed parent or session between two looks stays known. Signals nobody.
import {
  isAlive,
  type ProcessIdentity,
  type ProcessStat,
  type ProcessTable,
  processesNow,
  processesThisTurn,
  readBootId,
} from "./processes.ts";

/**
 * The processes below one leader: all its descendants, in whatever process group or kernel session, and all members of
 * those kernel sessions, also when init has adopted them. Found without the leader too, by the number of its session.
 *
 * Not found: a process that made a session of its own and was adopted by init before anybody looked (a daemon). Nothing
 * in the kernel ties it to the session any more.
 */
export class SessionProcesses {
  readonly #leader: ProcessIdentity;
  /** Start times of all that were seen to belong, by pid. */
  readonly #members = new Map<number, number>();
  /** Numbers of kernel sessions that are ours. A number is not given again while the session has a member (POSIX). */
  readonly #sids = new Set<number>();
  #hasLooked = false;
  /** Of a leader that began no session: that of whoever started it, whose other members are not ours. */
  #outerSid: number | null = null;

  constructor(leader: ProcessIdentity) {
    this.#leader = leader;
    if (leader.startTime === 0) return; // never seen: its number proves nothing
    this.#members.set(leader.pid, leader.startTime);
    this.#sids.add(leader.pid);
  }

  /** All that belong and were alive when this turn first looked, the leader first. Throws `unsupported` where there is no /proc. */
  look(): ProcessStat[] {
    if (this.#leader.bootId !== readBootId()) return [];
    const table = this.#table();
    this.#forgetReusedNumbers(table);
    this.#noteOuterSession(table);
    while (this.#adopt(table)); // until no further generation is found
    const members = [...this.#members.keys()].map((pid) => table.get(pid)).filter((stat) => stat !== undefined);
    return members.filter(isAlive);
  }

  /** A leader that began after the table was read is not in it, which must not be taken for its end. */
  #table(): ProcessTable {
    const shared = processesThisTurn();
    const isKnown = this.#hasLooked || shared.get(this.#leader.pid)?.startTime === this.#leader.startTime;
    this.#hasLooked = true;
    return isKnown ? shared : processesNow();
  }

  #forgetReusedNumbers(table: ProcessTable): void {
    for (const sid of this.#sids) {
      const holder = table.get(sid);
      if (holder && holder.startTime !== this.#members.get(sid)) this.#sids.delete(sid);
    }
    for (const [pid, startTime] of this.#members) {
      if (table.get(pid)?.startTime !== startTime) this.#members.delete(pid);
    }
    const inUse = new Set([...table.values()].map((stat) => stat.sid));
    for (const sid of this.#sids) if (!inUse.has(sid)) this.#sids.delete(sid);
  }

  #noteOuterSession(table: ProcessTable): void {
    const leader = this.#members.has(this.#leader.pid) ? table.get(this.#leader.pid) : undefined;
    if (leader && leader.sid !== leader.pid) this.#outerSid = leader.sid;
  }

  /** Takes in the children of members and the members of their kernel sessions; returns whether there were new ones. */
  #adopt(table: ProcessTable): boolean {
    const before = this.#members.size;
    for (const stat of table.values()) {
      if (stat.pid === process.pid) continue; // whatever a record says, never the process that asks
      if (this.#sids.has(stat.sid) || this.#members.has(stat.ppid)) this.#members.set(stat.pid, stat.startTime);
      // Whatever other session one of its descendants is in began below the leader.
      if (this.#members.has(stat.pid) && stat.sid !== this.#outerSid) this.#sids.add(stat.sid);
    }
    return this.#members.size > before;
  }
}
