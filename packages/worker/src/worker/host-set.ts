// Holds the session hosts of one state folder: finds those that live, keeps a link to each, starts one when there is
// none to take a new session, and clears away what a dead one left. Knows no session.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { invariant } from "@fleetty/protocol/invariant";
import type { HubEnd, JournalEvent } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { isRunning } from "../pty/processes.ts";
import type { HostRecord } from "../session-host/host-record.ts";
import { hostPaths, hostsDir } from "../session-host/paths.ts";
import { HostLink } from "./host-link.ts";
import { type HostStartOptions, startHost } from "./host-start.ts";

export interface HostSetOptions extends HostStartOptions {
  readonly incarnation: number;
  readonly nextLinkGeneration: () => number;
  readonly log: Logger;
  readonly onInventory: (hostId: string, sessions: SessionInfo[]) => void;
  readonly onEvent: (hostId: string, event: JournalEvent) => void;
  readonly onChanged: (session: string) => void;
  /** A host's process is gone; its link will not come back. */
  readonly onLost: (hostId: string) => void;
}

/** Folders of dead hosts that are left for whoever wants to know why, newest first. */
const DEAD_KEPT = 4;

export class HostSet {
  readonly #options: HostSetOptions;
  readonly #links = new Map<string, HostLink>();
  #starting: Promise<HostLink> | null = null;

  constructor(options: HostSetOptions) {
    this.#options = options;
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
   * A host that takes new sessions. One that is being dialled again is given a moment; where none answers another is
   * started. Rejects with `session_create_failed`.
   */
  async forNewSession(): Promise<HostLink> {
    if (!this.#anyUp()) await Promise.all(this.all.map((link) => link.settled()));
    const usable = this.#anyUp();
    if (usable) return usable;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  #anyUp(): HostLink | undefined {
    return this.all.find((link) => link.state === "up");
  }

  async #start(): Promise<HostLink> {
    const record = await startHost(this.#options);
    this.#options.log.info({ host: record.id, pid: record.pid }, "session host started");
    return this.#open(record);
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
        onLost(record.id);
      },
    });
    this.#links.set(record.id, link);
    await link.open();
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
