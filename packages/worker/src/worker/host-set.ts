// Holds the session hosts of one state folder: finds those that live, keeps a link to each, gives each new session its
// place and starts a host where none has room, and clears away what a dead one left. Knows of sessions only how many.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { invariant } from "@fleetty/protocol/invariant";
import type { HubEnd, JournalEvent } from "@fleetty/protocol/link";
import type { OperationOutput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { isRunning } from "../pty/processes.ts";
import type { HostRecord } from "../session-host/host-record.ts";
import { hostPaths, hostsDir } from "../session-host/paths.ts";
import { HostConditions } from "./host-conditions.ts";
import { HostLink } from "./host-link.ts";
import { type HostStartOptions, startHost } from "./host-start.ts";
import { placeSession } from "./placement.ts";

export interface HostSetOptions extends HostStartOptions {
  readonly incarnation: number;
  readonly nextLinkGeneration: () => number;
  /** Hosts of this version at once; more only when older ones of it were left behind by another limit. */
  readonly maxHosts: number;
  /** Live sessions of each host. */
  readonly sessionCounts: () => ReadonlyMap<string, number>;
  readonly log: Logger;
  readonly onInventory: (hostId: string, sessions: SessionInfo[]) => void;
  readonly onEvent: (hostId: string, event: JournalEvent) => void;
  readonly onChanged: (session: string) => void;
  /** A host's process is gone; its link will not come back. */
  readonly onLost: (hostId: string) => void;
}

/** What is known of hosts for `server.info`. */
export type HostStatus = OperationOutput<"worker.status">;

/** Room for one session on a host, taken until it is given back: by then the session counts itself, or there is none. */
export interface Place extends Disposable {
  readonly link: HostLink;
}

/** Folders of dead hosts that are left for whoever wants to know why, newest first. */
const DEAD_KEPT = 4;

export class HostSet {
  readonly #options: HostSetOptions;
  readonly #links = new Map<string, HostLink>();
  /** Sessions that each host was given and has not started yet. */
  readonly #coming = new Map<string, number>();
  readonly #conditions: HostConditions;
  #starting: Promise<HostLink> | null = null;
  /** A host that has been started and is not linked yet. */
  #newest: string | null = null;

  constructor(options: HostSetOptions) {
    this.#options = options;
    this.#conditions = new HostConditions(options.log);
  }

  /** Opens a link to every host that lives; resolves when each has been tried. Clears away what the others left. */
  async adopt(): Promise<void> {
    const { stateDir, runtimeDir, log } = this.#options;
    const records = readRecords(stateDir, runtimeDir, (path, err) =>
      log.error({ path, err }, "what a session host says of itself cannot be read; it is left alone"),
    );
    const alive = records.filter((record) =>
      isRunning({ pid: record.pid, startTime: record.start_time, bootId: record.boot_id }),
    );
    for (const record of records) if (!alive.includes(record)) this.#clear(record.id);
    await Promise.all(alive.map((record) => this.#open(record)));
  }

  get all(): HostLink[] {
    return [...this.#links.values()];
  }

  /**
   * Whether every host is linked that may hold sessions: behind one that is being dialled again there are some that nobody can
   * use, behind one that is dialled for the first time there are none.
   */
  get isLinked(): boolean {
    return this.all.every(({ id, state }) => state !== "connecting" || id === this.#newest);
  }

  has(hostId: string): boolean {
    return this.#links.has(hostId);
  }

  /** The open end of a host's link; null when the host is gone. Rejects with `server_unavailable` when there is none. */
  async end(hostId: string): Promise<HubEnd | null> {
    try {
      return (await this.#links.get(hostId)?.end()) ?? null;
    } catch (thrown) {
      if (this.has(hostId)) throw thrown;
      return null;
    }
  }

  /**
   * A host for a new session. One that is being dialled again is given a moment; where none has room another is started,
   * for all that ask meanwhile. Rejects with `session_create_failed`.
   */
  async placeNewSession(): Promise<Place> {
    if (this.#usable().length === 0) await Promise.all(this.all.map((link) => link.settled()));
    for (;;) {
      const place = placeSession(this.#loads(), this.#options.maxHosts);
      if (place !== "another") return this.#take(this.#links.get(place));
      const started = await this.#another();
      // Whoever asks it for a session hears why it cannot be reached.
      if (!started?.takesSessions) return this.#take(started ?? this.#leastLoaded());
    }
  }

  get status(): HostStatus {
    const counts = this.#options.sessionCounts();
    const session_hosts = this.all.map(({ id, record, state, busy, isRetiring }) => {
      const { pid, version, protocol } = record;
      return { id, pid, version, protocol, state, sessions: counts.get(id) ?? 0, busy, retiring: isRetiring };
    });
    return { session_hosts, conditions: this.#conditions.all };
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  #usable(): HostLink[] {
    return this.all.filter((link) => link.takesSessions);
  }

  #loads() {
    const counts = this.#options.sessionCounts();
    return this.#usable().map(({ id, busy }) => ({
      id,
      busy,
      sessions: counts.get(id) ?? 0,
      starting: this.#coming.get(id) ?? 0,
    }));
  }

  /** A host that is started for all that ask meanwhile; null when that failed, and those that are there must do. */
  async #another(): Promise<HostLink | null> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    try {
      return await this.#starting;
    } catch (err) {
      if (this.#usable().length === 0) throw err;
      this.#options.log.error({ err }, "another session host could not be started; those that are there take more");
      return null;
    }
  }

  #leastLoaded(): HostLink | undefined {
    return this.#links.get(placeSession(this.#loads(), 0));
  }

  #take(link: HostLink | undefined): Place {
    invariant(link, "a session is placed on a host that there is");
    this.#count(link.id, 1);
    return { link, [Symbol.dispose]: () => this.#count(link.id, -1) };
  }

  #count(id: string, change: number): void {
    const coming = (this.#coming.get(id) ?? 0) + change;
    if (coming === 0) this.#coming.delete(id);
    else this.#coming.set(id, coming);
  }

  async #start(): Promise<HostLink> {
    const record = await startHost(this.#options);
    this.#options.log.info({ host: record.id, pid: record.pid }, "session host started");
    this.#newest = record.id;
    try {
      return await this.#open(record);
    } finally {
      this.#newest = null;
    }
  }

  async #open(record: HostRecord): Promise<HostLink> {
    const { stateDir, runtimeDir, onInventory, onEvent, onLost } = this.#options;
    const link = new HostLink({
      record,
      keyPath: hostPaths(stateDir, record.id, runtimeDir).key,
      serverId: this.#options.serverId,
      incarnation: this.#options.incarnation,
      log: this.#options.log,
      nextLinkGeneration: this.#options.nextLinkGeneration,
      onInventory: (sessions) => onInventory(record.id, sessions),
      onEvent: (event) => onEvent(record.id, event),
      onChanged: this.#options.onChanged,
      onLost: () => {
        this.#links.delete(record.id);
        this.#clear(record.id);
        this.#conditions.forget(record.id);
        onLost(record.id);
      },
    });
    this.#links.set(record.id, link);
    await Promise.all([link.open(), this.#conditions.look(record)]);
    return link;
  }

  /** What a dead host left behind; its log stays as long as it is among the newest. */
  #clear(hostId: string): void {
    const paths = hostPaths(this.#options.stateDir, hostId, this.#options.runtimeDir);
    rmSync(paths.socket, { force: true });
    rmSync(paths.hostJson, { force: true });
    this.#sweep();
  }

  /** A host that is just being started has no record yet either, and the newest folder. */
  #sweep(): void {
    const { stateDir, runtimeDir } = this.#options;
    const dead = hostIds(stateDir)
      .map((id) => hostPaths(stateDir, id, runtimeDir))
      .filter(({ hostJson }) => !existsSync(hostJson))
      .map(({ dir }) => ({ dir, changedAtMs: statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((one, other) => other.changedAtMs - one.changedAtMs);
    for (const { dir } of dead.slice(DEAD_KEPT)) rmSync(dir, { recursive: true, force: true });
  }
}

/** What the hosts of a state folder say of themselves. A record that is none is told to `onBroken`, and left out. */
export function readRecords(
  stateDir: string,
  runtimeDir: string,
  onBroken: (path: string, error: unknown) => void = () => {},
): HostRecord[] {
  return hostIds(stateDir).flatMap((id) => {
    const { hostJson } = hostPaths(stateDir, id, runtimeDir);
    try {
      return existsSync(hostJson) ? [hostRecord(readFileSync(hostJson, "utf8"))] : [];
    } catch (thrown) {
      onBroken(hostJson, thrown);
      return [];
    }
  });
}

function hostIds(stateDir: string): string[] {
  const dir = hostsDir(stateDir);
  return existsSync(dir) ? readdirSync(dir).filter((name) => /^[a-z2-9]{8}$/.test(name)) : [];
}

function hostRecord(text: string): HostRecord {
  const record = JSON.parse(text) as HostRecord;
  const isWhole =
    typeof record.pid === "number" && typeof record.start_time === "number" && record.boot_id !== undefined;
  invariant(isWhole && typeof record.socket === "string", "host.json names a process and its socket");
  return record;
}
