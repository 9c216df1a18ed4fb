// The tables of the event log in hub.db: the events, from the front of which the old go, what they have told of each session
// last, and how far they go in the journals of other servers. Numbers are never used again, also when no event is left (sqlite.org/autoinc.html).
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { EventBatch, EventLogState, EventRecord, HeardRecord, LastKnownSession, ToldRecord } from "./hub-store.ts";

export class EventTable {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #after;
  readonly #ends;
  readonly #tooOld;
  readonly #expire;
  readonly #told;
  readonly #lastKnown;
  readonly #tell;
  readonly #untell;
  readonly #untellServer;
  readonly #heard;
  readonly #hear;
  readonly #unhear;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      `INSERT INTO events (seq, at, type, server, server_id, session, session_id, tags, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#after = database.prepare("SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?");
    this.#ends = database.prepare(
      `SELECT (SELECT min(seq) FROM events) AS first,
         (SELECT at FROM events ORDER BY seq DESC LIMIT 1) AS last_at,
         coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS last`,
    );
    this.#tooOld = database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM events WHERE at < ?");
    this.#expire = database.prepare("DELETE FROM events WHERE seq <= ?");
    this.#told = database.prepare(
      "SELECT server_id, session_id, name, tags, is_ended, is_away FROM told ORDER BY server_id, session_id",
    );
    this.#lastKnown = database.prepare(
      "SELECT server_id, info, info_at AS at FROM told WHERE info IS NOT NULL ORDER BY server_id, session_id",
    );
    this.#tell = database.prepare(
      `INSERT INTO told (server_id, session_id, name, tags, is_ended, is_away, info, info_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, tags = excluded.tags, is_ended = excluded.is_ended,
         is_away = excluded.is_away, info = coalesce(excluded.info, info), info_at = coalesce(excluded.info_at, info_at)`,
    );
    this.#untell = database.prepare("DELETE FROM told WHERE server_id = ? AND session_id = ?");
    this.#untellServer = database.prepare("DELETE FROM told WHERE server_id = ?");
    this.#heard = database.prepare("SELECT server_id, seq FROM heard");
    this.#hear = database.prepare("INSERT OR REPLACE INTO heard (server_id, seq) VALUES (?, ?)");
    this.#unhear = database.prepare("DELETE FROM heard WHERE server_id = ?");
  }

  state(): EventLogState {
    const id = String(this.#database.prepare("SELECT id FROM event_log").get()?.["id"]);
    const { first, last, last_at } = this.#ends.get() as { first: number | null; last: number; last_at: string | null };
    return { id, first: first ?? last + 1, last, last_at };
  }

  write({ events, told, heard }: EventBatch): void {
    for (const { seq, at, type, server, server_id, session, session_id, tags, data } of events)
      this.#insert.run(seq, at, type, server, server_id, session, session_id, JSON.stringify(tags), data);
    for (const { server_id, seq } of heard) this.#hear.run(server_id, seq);
    for (const change of told) this.#change(change);
  }

  after(seq: number, max: number): EventRecord[] {
    return this.#after.all(seq, max).map((row) => ({ ...(row as unknown as EventRecord), tags: tagsOf(row) }));
  }

  expire(before: string, kept: number): number {
    const { last } = this.state();
    const { seq } = this.#tooOld.get(before) as { seq: number };
    this.#expire.run(Math.max(seq, last - kept));
    return this.state().first;
  }

  told(): ToldRecord[] {
    return this.#told.all().map((row) => ({
      ...(row as unknown as ToldRecord),
      tags: tagsOf(row),
      is_ended: row["is_ended"] === 1,
      is_away: row["is_away"] === 1,
    }));
  }

  lastKnown(): LastKnownSession[] {
    return this.#lastKnown.all().map((row) => ({
      ...(row as unknown as LastKnownSession),
      info: JSON.parse(String(row["info"])),
    }));
  }

  heard(): HeardRecord[] {
    return this.#heard.all().map((row) => ({ ...row })) as unknown as HeardRecord[];
  }

  #change({ server_id, session_id, told, info, at }: EventBatch["told"][number]): void {
    if (session_id === null) {
      this.#untellServer.run(server_id);
      this.#unhear.run(server_id);
    } else if (told === null) this.#untell.run(server_id, session_id);
    else {
      const { name, tags, is_ended, is_away } = told;
      const known = info ? [JSON.stringify(info), at] : [null, null];
      this.#tell.run(server_id, session_id, name, JSON.stringify(tags), Number(is_ended), Number(is_away), ...known);
    }
  }
}

function tagsOf(row: Record<string, SQLOutputValue>): string[] {
  return JSON.parse(String(row["tags"]));
}
