// The thread that holds hub.db: its tables, and what each request does to them. All SQL of the hub is here.
import { serve } from "@fleetty/sqlite/thread";
import { AuditTable } from "./audit-table.ts";
import { EventTable } from "./event-table.ts";
import {
  AUDIT_KEPT_DAYS,
  type AuditEntry,
  type EventBatch,
  type JoinCodeRecord,
  type Joined,
  type KeyClaim,
  type KeyRef,
  type MemberRecord,
  type OwnServerRecord,
  type TokenRecord,
  type TokenUse,
  type WaitRecord,
} from "./hub-store.ts";
import { JoinCodeTable } from "./join-code-table.ts";
import { KeyTable } from "./key-table.ts";
import { MemberTable } from "./member-table.ts";
import { OwnServerTable } from "./own-server-table.ts";
import { TokenTable } from "./token-table.ts";
import { WaitTable } from "./wait-table.ts";

/** What is asked of hub.db, as it crosses the thread's port. */
export type HubRequest =
  | { readonly do: "check" }
  | { readonly do: "audit"; readonly entries: readonly AuditEntry[] }
  | { readonly do: "expire"; readonly before: string; readonly marker: AuditEntry }
  | { readonly do: "claim"; readonly claim: KeyClaim; readonly max: number }
  | { readonly do: "answer"; readonly key: KeyRef; readonly answer: string }
  | { readonly do: "free"; readonly key: KeyRef }
  | { readonly do: "open_claims" }
  | { readonly do: "members" }
  | { readonly do: "put_member"; readonly record: MemberRecord }
  | { readonly do: "remove_member"; readonly id: string }
  | { readonly do: "own_server" }
  | { readonly do: "put_own_server"; readonly record: OwnServerRecord }
  | { readonly do: "tokens" }
  | { readonly do: "add_token"; readonly record: TokenRecord }
  | { readonly do: "tokens_used"; readonly uses: readonly TokenUse[] }
  | { readonly do: "remove_token"; readonly id: string }
  | { readonly do: "revoke_member"; readonly record: MemberRecord }
  | { readonly do: "revoked_keys" }
  | { readonly do: "add_join_code"; readonly code: JoinCodeRecord; readonly nowMs: number }
  | { readonly do: "join_code"; readonly id: string }
  | { readonly do: "remove_join_code"; readonly id: string; readonly nowMs: number }
  | { readonly do: "join_member"; readonly joined: Joined }
  | { readonly do: "event_log" }
  | { readonly do: "write_events"; readonly batch: EventBatch }
  | { readonly do: "events_after"; readonly seq: number; readonly max: number }
  | { readonly do: "expire_events"; readonly before: string; readonly kept: number }
  | { readonly do: "told_sessions" }
  | { readonly do: "heard_servers" }
  | { readonly do: "last_known_sessions" }
  | { readonly do: "wait_records"; readonly usedMs: number }
  | { readonly do: "put_wait_record"; readonly record: WaitRecord }
  | { readonly do: "remove_wait_records"; readonly ids: readonly string[] };

/** Step n brings a file from version n to n + 1. */
const steps: readonly string[] = [
  `CREATE TABLE audit (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     at TEXT NOT NULL, request_id TEXT, principal TEXT NOT NULL, kind TEXT NOT NULL, face TEXT NOT NULL, address TEXT,
     operation TEXT NOT NULL, session TEXT, session_id TEXT, outcome TEXT NOT NULL, detail TEXT NOT NULL
   ) STRICT;
   CREATE INDEX audit_at ON audit (at);
   CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit BEGIN
     SELECT RAISE(ABORT, 'the audit is not rewritten');
   END;
   CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
     WHEN OLD.at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-${AUDIT_KEPT_DAYS} days') BEGIN
     SELECT RAISE(ABORT, 'the audit is kept for ${AUDIT_KEPT_DAYS} days');
   END;
   CREATE TABLE keys (
     principal TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
     body_hash TEXT NOT NULL, id TEXT NOT NULL, at_ms INTEGER NOT NULL, answer TEXT,
     PRIMARY KEY (principal, operation, key)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX keys_at ON keys (at_ms);`,
  `CREATE TABLE members (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE, address TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, name TEXT, labels TEXT NOT NULL,
     cordoned INTEGER NOT NULL, draining INTEGER NOT NULL, token TEXT,
     server TEXT, key TEXT, hostname TEXT, link_generation INTEGER NOT NULL, added_at TEXT NOT NULL
   ) STRICT;`,
  `CREATE TABLE tokens (
     id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, verbs TEXT NOT NULL,
     "on" TEXT NOT NULL, tags TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, last_used_at TEXT
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE members ADD COLUMN approved INTEGER NOT NULL DEFAULT 1;
   ALTER TABLE members ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
   CREATE TABLE revoked_keys (key TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE join_codes (
     id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL, name TEXT, labels TEXT NOT NULL, approve INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL, used_at_ms INTEGER
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     at TEXT NOT NULL, type TEXT NOT NULL, server TEXT NOT NULL, server_id TEXT NOT NULL,
     session TEXT, session_id TEXT, tags TEXT NOT NULL, data TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_at ON events (at);
   CREATE TABLE event_log (id TEXT NOT NULL) STRICT;
   INSERT INTO event_log VALUES (lower(hex(randomblob(4))));
   CREATE TABLE told (
     server_id TEXT NOT NULL, session_id TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL,
     is_ended INTEGER NOT NULL, is_away INTEGER NOT NULL,
     PRIMARY KEY (server_id, session_id)
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE wait_records (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, principal TEXT NOT NULL, asked TEXT NOT NULL,
     started_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE heard (server_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   ALTER TABLE told ADD COLUMN info TEXT;
   ALTER TABLE told ADD COLUMN info_at TEXT;`,
  `CREATE TABLE own_server (
     id INTEGER PRIMARY KEY CHECK (id = 1), labels TEXT NOT NULL, cordoned INTEGER NOT NULL, draining INTEGER NOT NULL
   ) STRICT;`,
];

serve<HubRequest>({
  steps,
  prepare: (database) => {
    const audit = new AuditTable(database);
    const keys = new KeyTable(database);
    const members = new MemberTable(database);
    const own = new OwnServerTable(database);
    const waits = new WaitTable(database);
    const tokens = new TokenTable(database);
    const codes = new JoinCodeTable(database);
    const events = new EventTable(database);
    return (request) => {
      switch (request.do) {
        case "check":
          return null;
        case "audit":
          return audit.add(request.entries);
        case "expire":
          return audit.expire(request.before, request.marker);
        case "claim":
          return keys.claim(request.claim, request.max);
        case "answer":
          return keys.answer(request.key, request.answer);
        case "free":
          return keys.free(request.key);
        case "open_claims":
          return keys.open();
        case "members":
          return members.all();
        case "put_member":
          return members.put(request.record);
        case "remove_member":
          return members.remove(request.id);
        case "own_server":
          return own.get();
        case "put_own_server":
          return own.put(request.record);
        case "wait_records":
          return waits.usedSince(request.usedMs);
        case "put_wait_record":
          return waits.put(request.record);
        case "remove_wait_records":
          return waits.remove(request.ids);
        case "tokens":
          return tokens.all();
        case "add_token":
          return tokens.add(request.record);
        case "tokens_used":
          return tokens.used(request.uses);
        case "remove_token":
          return tokens.remove(request.id);
        case "revoke_member":
          return members.revoke(request.record);
        case "revoked_keys":
          return members.revokedKeys();
        case "add_join_code":
          return codes.add(request.code, request.nowMs);
        case "join_code":
          return codes.find(request.id);
        case "remove_join_code":
          return codes.remove(request.id, request.nowMs);
        case "join_member": {
          const { code, record, at_ms: atMs } = request.joined;
          const isUsed = codes.use(code, atMs);
          if (isUsed) members.put(record);
          return isUsed;
        }
        case "event_log":
          return events.state();
        case "write_events":
          return events.write(request.batch);
        case "events_after":
          return events.after(request.seq, request.max);
        case "expire_events":
          return events.expire(request.before, request.kept);
        case "told_sessions":
          return events.told();
        case "heard_servers":
          return events.heard();
        case "last_known_sessions":
          return events.lastKnown();
      }
    };
  },
});
