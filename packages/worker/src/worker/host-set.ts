// Holds the session hosts of one state folder: finds those that live, keeps a link to each, starts one when there is
// none to take a new session, and clears away what a dead one left. Knows no session.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { HubEnd, JournalEvent } from "@fleetty/protocol/link";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import type { Logger } from "pino";
import { isSameProcess } from "../pty/processes.ts";
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

export class HostSet {
  readonly #options: HostSetOptions;
  readonly #links = new Map<string, HostLink>();
  #starting: Promise<HostLink> | null = null;

  constructor(options: HostSetOptions) {
    this.#options = options;
  }

  /** Opens a link to every host that lives; resolves when each has been tried. Returns the ids of those that are gone. */
  async adopt(): Promise<void> {
    const records = readRecords(this.#options.stateDir, this.#options.runtimeDir);
    const alive = records.filter((record) =>
      isSameProcess({ pid: record.pid, startTime: record.start_time, bootId: record.boot_id }),
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

  /** The open end of a host's link. Rejects with `server_unavailable` when there is none. */
  async end(hostId: string): Promise<HubEnd | null> {
    return (await this.#links.get(hostId)?.end()) ?? null;
  }

  /** A host that takes new sessions; starts one when there is none. Rejects with `session_create_failed`. */
  async forNewSession(): Promise<HostLink> {
    const usable = this.all.find((link) => link.state === "up" || link.state === "connecting");
    if (usable) return usable;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
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

  /** What a dead host left behind; its log stays for whoever wants to know why, until the next start. */
  #clear(hostId: string): void {
    const paths = hostPaths(this.#options.stateDir, hostId, this.#options.runtimeDir);
    rmSync(paths.socket, { force: true });
    rmSync(paths.hostJson, { force: true });
  }
}

/** What the hosts of a state folder say of themselves; folders without a record hold only an old log and go. */
export function readRecords(stateDir: string, runtimeDir: string): HostRecord[] {
  const dir = hostsDir(stateDir);
  const ids = existsSync(dir) ? readdirSync(dir).filter((name) => /^[a-z2-9]{8}$/.test(name)) : [];
  return ids.flatMap((id) => {
    const { hostJson } = hostPaths(stateDir, id, runtimeDir);
    return existsSync(hostJson) ? [JSON.parse(readFileSync(hostJson, "utf8")) as HostRecord] : [];
  });
}
