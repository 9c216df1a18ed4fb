// The hub's store over hub.db. Puts its words into requests to the thread that holds the file.
import { SqliteFile } from "@fleetty/sqlite/sqlite-file";
import type { HubRequest } from "./hub-db.ts";
import {
  type AuditEntry,
  type ClaimState,
  type EventBatch,
  type EventLogState,
  type EventRecord,
  type HeardRecord,
  type HubStore,
  type JoinCodeRecord,
  type Joined,
  KEYS_MAX,
  type KeyClaim,
  type KeyRef,
  type LastKnownSession,
  type MemberRecord,
  type OpenClaim,
  type OwnServerRecord,
  type TokenRecord,
  type TokenUse,
  type ToldRecord,
  type WaitRecord,
} from "./hub-store.ts";

export interface SqliteHubStoreOptions {
  /** The database file, made if it is not there. */
  readonly path: string;
  /** Keys that are kept at once. */
  readonly keysMax?: number;
}

export class SqliteHubStore implements HubStore {
  readonly #file: SqliteFile<HubRequest>;
  readonly #keysMax: number;

  constructor({ path, keysMax = KEYS_MAX }: SqliteHubStoreOptions) {
    this.#file = new SqliteFile({ path, thread: new URL("./hub-db.ts", import.meta.url) });
    this.#keysMax = keysMax;
  }

  async check(): Promise<void> {
    await this.#file.run({ do: "check" });
  }

  async audit(entries: readonly AuditEntry[]): Promise<void> {
    await this.#file.run({ do: "audit", entries });
  }

  async expireAudit(before: string, marker: AuditEntry): Promise<number> {
    return (await this.#file.run({ do: "expire", before, marker })) as number;
  }

  async claimKey(claim: KeyClaim): Promise<ClaimState> {
    return (await this.#file.run({ do: "claim", claim, max: this.#keysMax })) as ClaimState;
  }

  async answerKey(key: KeyRef, answer: string): Promise<void> {
    await this.#file.run({ do: "answer", key, answer });
  }

  async freeKey(key: KeyRef): Promise<void> {
    await this.#file.run({ do: "free", key });
  }

  async openClaims(): Promise<readonly OpenClaim[]> {
    return (await this.#file.run({ do: "open_claims" })) as readonly OpenClaim[];
  }

  async members(): Promise<readonly MemberRecord[]> {
    return (await this.#file.run({ do: "members" })) as readonly MemberRecord[];
  }

  async putMember(record: MemberRecord): Promise<void> {
    await this.#file.run({ do: "put_member", record });
  }

  async removeMember(id: string): Promise<void> {
    await this.#file.run({ do: "remove_member", id });
  }

  async ownServer(): Promise<OwnServerRecord | null> {
    return (await this.#file.run({ do: "own_server" })) as OwnServerRecord | null;
  }

  async putOwnServer(record: OwnServerRecord): Promise<void> {
    await this.#file.run({ do: "put_own_server", record });
  }

  async tokens(): Promise<readonly TokenRecord[]> {
    return (await this.#file.run({ do: "tokens" })) as readonly TokenRecord[];
  }

  async addToken(record: TokenRecord): Promise<void> {
    await this.#file.run({ do: "add_token", record });
  }

  async tokensUsed(uses: readonly TokenUse[]): Promise<void> {
    await this.#file.run({ do: "tokens_used", uses });
  }

  async removeToken(id: string): Promise<void> {
    await this.#file.run({ do: "remove_token", id });
  }

  async eventLog(): Promise<EventLogState> {
    return (await this.#file.run({ do: "event_log" })) as EventLogState;
  }

  async writeEvents(batch: EventBatch): Promise<void> {
    await this.#file.run({ do: "write_events", batch });
  }

  async eventsAfter(seq: number, max: number): Promise<readonly EventRecord[]> {
    return (await this.#file.run({ do: "events_after", seq, max })) as readonly EventRecord[];
  }

  async expireEvents(before: string, kept: number): Promise<number> {
    return (await this.#file.run({ do: "expire_events", before, kept })) as number;
  }

  async toldSessions(): Promise<readonly ToldRecord[]> {
    return (await this.#file.run({ do: "told_sessions" })) as readonly ToldRecord[];
  }

  async heardServers(): Promise<readonly HeardRecord[]> {
    return (await this.#file.run({ do: "heard_servers" })) as readonly HeardRecord[];
  }

  async lastKnownSessions(): Promise<readonly LastKnownSession[]> {
    return (await this.#file.run({ do: "last_known_sessions" })) as readonly LastKnownSession[];
  }

  async revokeMember(record: MemberRecord): Promise<void> {
    await this.#file.run({ do: "revoke_member", record });
  }

  async revokedKeys(): Promise<readonly string[]> {
    return (await this.#file.run({ do: "revoked_keys" })) as readonly string[];
  }

  async addJoinCode(code: JoinCodeRecord, nowMs: number): Promise<boolean> {
    return (await this.#file.run({ do: "add_join_code", code, nowMs })) as boolean;
  }

  async joinCode(id: string): Promise<JoinCodeRecord | null> {
    return (await this.#file.run({ do: "join_code", id })) as JoinCodeRecord | null;
  }

  async removeJoinCode(id: string, nowMs: number): Promise<boolean> {
    return (await this.#file.run({ do: "remove_join_code", id, nowMs })) as boolean;
  }

  async joinMember(joined: Joined): Promise<boolean> {
    return (await this.#file.run({ do: "join_member", joined })) as boolean;
  }

  async waitRecords(usedMs: number): Promise<readonly WaitRecord[]> {
    return (await this.#file.run({ do: "wait_records", usedMs })) as readonly WaitRecord[];
  }

  async putWaitRecord(record: WaitRecord): Promise<void> {
    await this.#file.run({ do: "put_wait_record", record });
  }

  async removeWaitRecords(ids: readonly string[]): Promise<void> {
    await this.#file.run({ do: "remove_wait_records", ids });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
