// What the hub keeps on its disk, in its own words: who changed what, what was answered under
// which key, who is a member and who was given a token. Whoever
// implements it knows SQL; nobody else does.
import type { SessionInfo } from "@fleetty/protocol/schemas/common";

/** One change, or one refused attempt at it. Spelled as it is stored. */
export interface AuditEntry {
  /** RFC 3339 in UTC, with milliseconds. */
  readonly at: string;
  readonly request_id: string | null;
  readonly principal: string;
  readonly kind: string;
  readonly face: string;
  /** Of the caller's machine; null on the unix socket. */
  readonly address: string | null;
  readonly operation: string;
  /** As the caller named it, or as the new one is called. */
  readonly session: string | null;
  readonly session_id: string | null;
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
  /** JSON: the members of the input that the operation's audit rule names. */
  readonly detail: string;
}

/** A caller's key for one change, within one principal and one operation. */
export interface KeyRef {
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
}

export interface KeyClaim extends KeyRef {
  readonly body_hash: string;
  /** What the change will make gets this id; kept before it is asked for, so that it cannot be made twice. */
  readonly id: string;
  readonly at_ms: number;
}

/** What became of a claim. */
export type ClaimState =
  | { readonly state: "new" }
  /** Asked for before, under this id, and not answered, as far as is known. */
  | { readonly state: "open"; readonly id: string }
  /** The answer as JSON text. */
  | { readonly state: "answered"; readonly answer: string }
  /** The key was used with another body. */
  | { readonly state: "other_body" }
  /** As many keys as are kept are in use. */
  | { readonly state: "full" };

export type OpenClaim = KeyRef & Pick<KeyClaim, "id">;

/** A member of the fleet, as it was registered and as it was met. */
export interface MemberRecord {
  /** `srv_…`, given at registration. */
  readonly id: string;
  /** In its normal form. */
  readonly address: string;
  /** Who brought it: a caller, the operator's file, which then says its name, its labels and its token, or itself, with a join code. */
  readonly origin: "api" | "config" | "join";
  /** Name that an operator gave, in place of the reported one. */
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly cordoned: boolean;
  readonly draining: boolean;
  /** Sealed; null where there is none. */
  readonly token: string | null;
  /** Lasting id, key and hostname that it had when it was met first, or last for the hostname; null before. */
  readonly server: string | null;
  readonly key: string | null;
  readonly hostname: string | null;
  /** Number of the newest link that was given to it. */
  readonly link_generation: number;
  readonly added_at: string;
  /** Whether a person has let it in, where its join code asked for that. */
  readonly approved: boolean;
  /** Its key was taken back for ever. */
  readonly revoked: boolean;
}

/** What is kept of the server whose store it is. */
export type OwnServerRecord = Pick<MemberRecord, "labels" | "cordoned" | "draining">;

/** A code with which one server may join, once. Its secret is not kept. */
export interface JoinCodeRecord {
  /** `jcd_…` */
  readonly id: string;
  readonly secret_hash: string;
  /** What the server that joins with it is to be called, and to carry. */
  readonly name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether a person has to approve who joins with it. */
  readonly approve: boolean;
  readonly expires_at_ms: number;
  /** Null until a server has joined with it. */
  readonly used_at_ms: number | null;
}

/** A first contact: who joins, with which code. */
export interface Joined {
  readonly code: string;
  readonly record: MemberRecord;
  readonly at_ms: number;
}

/** A credential that an operator gave away. Spelled as it is stored. */
export interface TokenRecord {
  /** `tok_…` */
  readonly id: string;
  /** SHA-256 of its text, base64url. */
  readonly hash: string;
  readonly name: string;
  readonly kind: "human" | "agent";
  readonly verbs: readonly string[];
  /** Text of a server set. */
  readonly on: string;
  /** None is no bound. */
  readonly tags: readonly string[];
  readonly created_at: string;
  readonly expires_at: string;
  /** Null while it was not used. */
  readonly last_used_at: string | null;
}

export type TokenUse = Pick<TokenRecord, "id" | "last_used_at">;

/** One event of the log, spelled as it is stored. */
export interface EventRecord {
  /** From 1, without holes; never used again. */
  readonly seq: number;
  /** RFC 3339 in UTC, with milliseconds: when this hub learned of it. */
  readonly at: string;
  readonly type: string;
  /** As the server was called then, and its id. */
  readonly server: string;
  readonly server_id: string;
  /** Of events of a session: its name, id and tags then. */
  readonly session: string | null;
  readonly session_id: string | null;
  readonly tags: readonly string[];
  /** JSON. */
  readonly data: string;
}

/** What the log has told of one session last: the next thing told of it begins there. */
export interface ToldRecord {
  readonly server_id: string;
  readonly session_id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly is_ended: boolean;
  /** Its server was told to be away. */
  readonly is_away: boolean;
}

/** `told`: null takes what was told away; of all sessions of a server where no session is named, and how far it was heard. */
export interface ToldChange {
  readonly server_id: string;
  readonly session_id: string | null;
  readonly told: ToldRecord | null;
  /** As its server has told it; what was kept stays where that is not said anew. */
  readonly info?: SessionInfo | undefined;
}

/** A session of another server as it was told last, RFC 3339 when. */
export interface LastKnownSession {
  readonly server_id: string;
  readonly info: SessionInfo;
  readonly at: string;
}

/** Up to which number of a server's own journal the log has it. */
export interface HeardRecord {
  readonly server_id: string;
  readonly seq: number;
}

/** Events, what has been told with them, and how far that goes in the journals of their servers: in one transaction. */
export interface EventBatch {
  readonly events: readonly EventRecord[];
  /** `at`: when it was told. */
  readonly told: readonly (ToldChange & { readonly at: string })[];
  readonly heard: readonly HeardRecord[];
}

/** Which log it is, and how far it goes. */
export interface EventLogState {
  /** Of this log alone: a cursor of another one is told by it. */
  readonly id: string;
  /** Numbers of the oldest and the newest event that there is or was; `first` is one more than `last` of an empty one. */
  readonly first: number;
  readonly last: number;
  /** Of the newest event that is kept. */
  readonly last_at: string | null;
}

/** What a wait over many sessions was asked for, so that its cursors outlive the hub. */
export interface WaitRecord {
  /** As it stands in its cursors. */
  readonly id: string;
  readonly kind: "idle" | "wait";
  readonly principal: string;
  /** JSON: what was asked. */
  readonly asked: string;
  readonly started_ms: number;
  /** When it was used last, to within a minute. */
  readonly used_ms: number;
}

/** Every write is on the disk when it resolves; writes asked for together share one transaction. Refusals are StoreErrors. */
export interface HubStore {
  /** Resolves when the store can be read. */
  check(): Promise<void>;
  audit(entries: readonly AuditEntry[]): Promise<void>;
  /** Lets go of entries older than `before` (as `at`), and leaves `marker` with their number in its detail if there were any. */
  expireAudit(before: string, marker: AuditEntry): Promise<number>;
  claimKey(claim: KeyClaim): Promise<ClaimState>;
  answerKey(key: KeyRef, answer: string): Promise<void>;
  /** Nothing was done under it: it can be used again, with any body. */
  freeKey(key: KeyRef): Promise<void>;
  /** Claims that were not answered, of this run and of earlier ones. */
  openClaims(): Promise<readonly OpenClaim[]>;
  /** In the order of registration. */
  members(): Promise<readonly MemberRecord[]>;
  /** Adds one, or replaces what is kept of it; its place in the order stays. */
  putMember(record: MemberRecord): Promise<void>;
  removeMember(id: string): Promise<void>;
  /** Null as long as nothing was kept. */
  ownServer(): Promise<OwnServerRecord | null>;
  putOwnServer(record: OwnServerRecord): Promise<void>;
  /** Those used since `usedMs`; others are forgotten. */
  waitRecords(usedMs: number): Promise<readonly WaitRecord[]>;
  /** Adds one, or replaces it. */
  putWaitRecord(record: WaitRecord): Promise<void>;
  removeWaitRecords(ids: readonly string[]): Promise<void>;
  /** Oldest first. */
  tokens(): Promise<readonly TokenRecord[]>;
  addToken(record: TokenRecord): Promise<void>;
  /** Those that are not there any more are passed over. */
  tokensUsed(uses: readonly TokenUse[]): Promise<void>;
  removeToken(id: string): Promise<void>;
  eventLog(): Promise<EventLogState>;
  writeEvents(batch: EventBatch): Promise<void>;
  /** Events after number `seq`, oldest first. */
  eventsAfter(seq: number, max: number): Promise<readonly EventRecord[]>;
  /** Lets go of events older than `before` (as `at`), and of the oldest beyond `kept`; returns the number of the oldest left. */
  expireEvents(before: string, kept: number): Promise<number>;
  toldSessions(): Promise<readonly ToldRecord[]>;
  heardServers(): Promise<readonly HeardRecord[]>;
  lastKnownSessions(): Promise<readonly LastKnownSession[]>;
  /** Keeps the member, and refuses the key in its record for ever. */
  revokeMember(record: MemberRecord): Promise<void>;
  revokedKeys(): Promise<readonly string[]>;
  /** False when as many are outstanding as may be. */
  addJoinCode(code: JoinCodeRecord, nowMs: number): Promise<boolean>;
  /** Used and expired ones are known for another day. */
  joinCode(id: string): Promise<JoinCodeRecord | null>;
  /** False when there is no such code that could still be used. */
  removeJoinCode(id: string, nowMs: number): Promise<boolean>;
  /** Uses the code up and keeps the member, in one transaction; false, and nothing done, when the code is not to be used. */
  joinMember(joined: Joined): Promise<boolean>;
  close(): Promise<void>;
}

/** How long a key is kept, and how many are (public limits). */
export const KEY_KEPT_MS = 86_400_000;
export const KEYS_MAX = 100_000;
/** Join codes that wait to be used (public limits), and how long one is remembered that cannot be used any more. */
export const JOIN_CODES_MAX = 1_000;
export const JOIN_CODE_KEPT_MS = 86_400_000;
/** How long the audit is kept (public limits). The database refuses to let go of anything younger. */
export const AUDIT_KEPT_DAYS = 400;
