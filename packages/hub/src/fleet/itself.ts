// This server as one of its own fleet: the labels that it was given, whether it takes new sessions, and what is not as it should
// be with it. Knows no caller; its sessions are its worker's.
import { FleettyError } from "@fleetty/protocol/errors";
import { type MemberStatus, plainAnswer } from "@fleetty/protocol/link";
import type { WorkerPort } from "@fleetty/protocol/worker-port";
import { hubCall } from "../sessions/hub-call.ts";
import type { HubStore, OwnServerRecord } from "../store/hub-store.ts";
import { type Condition, ToldConditions } from "./conditions.ts";
import type { OwnNews, Standing } from "./fleet-news.ts";
import { KeptRecord, type RecordChange } from "./kept-record.ts";

export interface ItselfParts {
  readonly store: Pick<HubStore, "ownServer" | "putOwnServer">;
  readonly hostname: string;
  /** Of its machine. */
  readonly status: () => Pick<MemberStatus, "arch" | "os">;
  readonly worker: Pick<WorkerPort, "call">;
}

export class Itself implements Standing {
  readonly #parts: ItselfParts;
  readonly #kept: KeptRecord<OwnServerRecord>;
  readonly #told = new ToldConditions();
  readonly #listeners = new Set<(news: OwnNews) => void>();

  private constructor(parts: ItselfParts, record: OwnServerRecord) {
    this.#parts = parts;
    this.#kept = new KeptRecord(record, (changed) => parts.store.putOwnServer(changed));
  }

  /** As it was kept. */
  static async open(parts: ItselfParts): Promise<Itself> {
    const kept = await parts.store.ownServer();
    return new Itself(parts, kept ?? { labels: {}, cordoned: false, draining: false });
  }

  get hostname(): string {
    return this.#parts.hostname;
  }

  /** Those that it was given, which can be changed. */
  get givenLabels(): OwnServerRecord["labels"] {
    return this.#kept.now.labels;
  }

  /** With those that every server has by itself (public contract: os and arch). */
  get labels(): OwnServerRecord["labels"] {
    const { arch, os } = this.#parts.status();
    return { arch, os, ...this.givenLabels };
  }

  get cordoned(): boolean {
    return this.#kept.now.cordoned;
  }

  get draining(): boolean {
    return this.#kept.now.draining;
  }

  async conditions(): Promise<readonly Condition[]> {
    return plainAnswer(await this.#parts.worker.call("worker.status", {}, hubCall())).conditions;
  }

  /** What happens to it, as it becomes known. Returns how to stop listening. */
  news(listener: (news: OwnNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** On the disk when it resolves. */
  async update(change: RecordChange<OwnServerRecord>): Promise<void> {
    const { hostname, labels, cordoned, draining } = this;
    await this.#kept.change(change);
    this.#tell({ kind: "updated", before: { hostname, labels, cordoned, draining } });
  }

  /** Looks what is not as it should be. As long as nobody listens nothing counts as told. */
  async look(): Promise<void> {
    if (this.#listeners.size === 0) return;
    const present = await this.conditions();
    for (const change of this.#told.changes(present)) this.#tell({ kind: "condition", ...change });
  }

  #tell(news: OwnNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}

/** Throws `server_cordoned`; `server` is what it is called. */
export function requireTakesSessions(server: string, { cordoned, draining }: Omit<OwnServerRecord, "labels">): void {
  if (!cordoned && !draining) return;
  const message = `server ${server} is ${draining ? "draining" : "cordoned"}; choose another, or uncordon it`;
  throw new FleettyError("server_cordoned", message, { server });
}
