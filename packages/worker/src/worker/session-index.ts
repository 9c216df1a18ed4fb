// Knows every session of this worker by id and by name: the live ones, those that are being made, and those that ended
// and are kept. Decides names, the counter, what a reference means and what retention lets go. In memory; no I/O.
//
//   reserved ──started──► live ──exit──► ended ──retention, or killed and then by id only──► forgotten
import { FleettyError } from "@fleetty/protocol/errors";
import { invariant } from "@fleetty/protocol/invariant";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { SessionRow } from "../store/worker-store.ts";

export type EntryState = "reserved" | "live" | "ended";

export interface Entry {
  readonly id: string;
  name: string;
  state: EntryState;
  /** Host that holds it, or held it. */
  hostId: string;
  /** Last known; of a live session its host knows better. */
  info: SessionInfo | null;
  /** Killed: readable by id until retention ends, and by name no more. */
  isHidden: boolean;
  /** Ended, but its files could not be written: its host still answers for it. */
  isInHost: boolean;
}

/** Ended sessions that are kept, and for how long (public limits). */
export const ENDED_MAX = 200;
export const ENDED_KEPT_MS = 3_600_000;

/** A name that may have been given by counting. */
const NUMBER = /^(0|[1-9][0-9]{0,11})$/;

export class SessionIndex {
  readonly #byId = new Map<string, Entry>();
  readonly #liveByName = new Map<string, Entry>();
  /** Names that live sessions are being given or are giving up. */
  readonly #claimed = new Set<string>();
  #counter: number;

  /** `counter`: the next number that may become a name; it never goes back. */
  constructor(counter: number) {
    this.#counter = counter;
  }

  get counter(): number {
    return this.#counter;
  }

  get liveCount(): number {
    return this.#liveByName.size;
  }

  /** Takes a name for a session that is being made: the one asked for, or the lowest unused number. */
  reserve(id: string, asked: string | undefined): Entry {
    const name = asked ?? this.#nextName();
    this.#requireFree(name, "choose another name or leave it out");
    return this.#add({ id, name, state: "reserved", hostId: "", info: null, isHidden: false, isInHost: false });
  }

  started(entry: Entry, hostId: string, info: SessionInfo): void {
    this.#call(entry, info.name);
    entry.hostId = hostId;
    entry.info = info;
    entry.state = "live";
  }

  /** Takes a name that a session is to have; neither it nor the one given up is anybody else's before `release`. */
  claim(name: string): void {
    this.#requireFree(name, "choose another name");
    this.#claimed.add(name);
  }

  /** A session has this name and these tags now; the name has been claimed. Its end may have been told meanwhile. */
  relabelled(entry: Entry, { name, tags }: SessionInfo): void {
    invariant(entry.info, "a session that is called otherwise has been started");
    if (entry.state !== "ended" && entry.name !== name) this.#claimed.add(entry.name);
    this.#call(entry, name);
    entry.info = { ...entry.info, name, tags };
  }

  release(names: readonly string[]): void {
    for (const name of names) this.#claimed.delete(name);
  }

  /** A session that the store knows, from before this process. */
  adopt(entry: Entry): Entry {
    return this.#add(entry);
  }

  /** A session that only its host knows: a crash came before it was recorded, and so before its number was. */
  discover(entry: Entry): Entry {
    if (NUMBER.test(entry.name)) this.#counter = Math.max(this.#counter, Number(entry.name) + 1);
    return this.#add(entry);
  }

  ended(entry: Entry, info: SessionInfo): void {
    entry.state = "ended";
    entry.info = info;
    entry.isHidden = info.end_reason === "killed";
    this.#free(entry);
    entry.name = info.name;
  }

  forget(entry: Entry): void {
    this.#byId.delete(entry.id);
    this.#free(entry);
  }

  byId(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** What a reference means: an id; else the live session of that name; else the newest ended one that was not killed. */
  find(reference: string): Entry {
    const entry = this.lookUp(reference);
    if (entry) return entry;
    throw new FleettyError(
      "session_not_found",
      `session ${JSON.stringify(reference)} not found; list the sessions to see what is there`,
    );
  }

  /** The same, among those that are meant at all; undefined where nothing is. */
  lookUp(reference: string, isMeant: (info: SessionInfo) => boolean = () => true): Entry | undefined {
    const among = (entry: Entry | undefined) =>
      entry?.info && entry.state !== "reserved" && isMeant(entry.info) ? entry : undefined;
    return (
      among(this.#byId.get(reference)) ??
      among(this.#liveByName.get(reference)) ??
      this.#newestEnded(reference, (entry) => among(entry) !== undefined)
    );
  }

  live(): Entry[] {
    return [...this.#byId.values()].filter((entry) => entry.state === "live");
  }

  /** Those of one host that have not ended. */
  liveOn(hostId: string): Entry[] {
    return this.live().filter((entry) => entry.hostId === hostId);
  }

  /** How many live sessions each host holds. */
  countByHost(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { state, hostId } of this.#byId.values())
      if (state === "live") counts.set(hostId, (counts.get(hostId) ?? 0) + 1);
    return counts;
  }

  allEnded(): Entry[] {
    return [...this.#byId.values()].filter((entry) => entry.state === "ended");
  }

  /** Ended sessions whose time is over, oldest first. */
  expired(nowMs: number): Entry[] {
    const kept = this.allEnded().sort((a, b) => endedAtMs(b) - endedAtMs(a));
    return kept.filter((entry, index) => index >= ENDED_MAX || nowMs - endedAtMs(entry) > ENDED_KEPT_MS).reverse();
  }

  #add(entry: Entry): Entry {
    this.#byId.set(entry.id, entry);
    if (entry.state !== "ended") this.#liveByName.set(entry.name, entry);
    return entry;
  }

  /** Its host has the last word on its name, which was found to be free before the host had it. */
  #call(entry: Entry, name: string): void {
    if (entry.state !== "ended") {
      this.#free(entry);
      this.#liveByName.set(name, entry);
    }
    entry.name = name;
  }

  #free(entry: Entry): void {
    if (this.#liveByName.get(entry.name) === entry) this.#liveByName.delete(entry.name);
  }

  #isTaken(name: string): boolean {
    return this.#liveByName.has(name) || this.#claimed.has(name);
  }

  #requireFree(name: string, hint: string): void {
    if (!this.#isTaken(name)) return;
    const message = `a live session is already called ${JSON.stringify(name)}; ${hint}`;
    throw new FleettyError("session_name_conflict", message);
  }

  #nextName(): string {
    while (this.#isTaken(String(this.#counter))) this.#counter += 1;
    return String(this.#counter++);
  }

  #newestEnded(name: string, isMeant: (entry: Entry) => boolean): Entry | undefined {
    const named = this.allEnded().filter((entry) => entry.name === name && !entry.isHidden && isMeant(entry));
    return named.sort((a, b) => endedAtMs(b) - endedAtMs(a))[0];
  }
}

function endedAtMs(entry: Entry): number {
  return Date.parse(entry.info?.exited_at ?? "") || 0;
}

/** A session as its host tells of it, which is known from nowhere else; the host comes with `started`. */
export function newEntry(info: SessionInfo): Entry {
  const state = info.state === "exited" ? "ended" : "live";
  const isHidden = info.end_reason === "killed";
  return { id: info.id, name: info.name, state, hostId: "", info, isHidden, isInHost: false };
}

/** An entry as it is recorded; one that is being made is recorded when it lives. */
export function rowOf(entry: Entry): SessionRow {
  const { id, name, hostId, isHidden } = entry;
  invariant(entry.info, "a session that is recorded has been started");
  return { id, name, state: entry.state === "ended" ? "ended" : "live", hostId, info: entry.info, isHidden };
}
