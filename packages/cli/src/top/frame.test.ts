// What a frame of the fleet holds, and what it says when the terminal is too small for it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { width } from "../print/cells.ts";
import type { FleetReading, Servers, Sessions } from "./fleet-reading.ts";
import { frame, skippedMost } from "./frame.ts";

const NOW = Date.parse("2026-03-02T09:00:00.000Z");

const server = (hostname: string, more: object = {}) =>
  ({
    hostname,
    id: `srv_${hostname}`,
    health: "healthy",
    reason: null,
    cordoned: false,
    draining: false,
    since: "2026-03-02T08:55:00.000Z",
    latency_ms: 2,
    sessions: 1,
    labels: { role: "db" },
    ...more,
  }) as unknown as Servers[number];

const session = (name: string, more: object = {}) =>
  ({
    server: "web-1",
    name,
    state: "running",
    exit: null,
    attention: "needs_input",
    attention_confidence: "heuristic",
    last_activity_ms: 4_000,
    command: "make test",
    ...more,
  }) as unknown as Sessions[number];

const reading = (more: Partial<FleetReading> = {}): FleetReading => ({
  servers: [
    server("hub-1"),
    server("web-1", { health: "unavailable", reason: "silent", latency_ms: null, sessions: null }),
  ],
  sessions: [session("build")],
  sessionsAgeMs: 0,
  away: null,
  ...more,
});

const many = (count: number, kind: (name: string) => unknown) =>
  Array.from({ length: count }, (_, at) => kind(`n${at}`)) as never[];

function texts(of: FleetReading, size: { cols: number; rows: number } | null, skipped = 0): string[] {
  return frame(of, { size, nowMs: NOW, skipped }).map(({ text }) => text);
}

describe("a frame of the fleet", () => {
  it("shows servers with why they are as they are, and sessions with what they do", () => {
    assert.deepEqual(texts(reading(), null), [
      "fleetty top  hub-1  2 servers: 1 healthy, 1 unavailable  1 session  09:00:00Z",
      "",
      "SERVER  HEALTH              SINCE  LATENCY  SESSIONS  LABELS",
      "hub-1   healthy             5m     2 ms     1         role=db",
      "web-1   unavailable silent  5m     -        -         role=db",
      "",
      "SERVER  NAME   STATE    ACTIVE  COMMAND",
      "web-1   build  running  4s      make test",
    ]);
  });

  it("marks what is not well", () => {
    const kinds = frame(reading(), { size: null, nowMs: NOW, skipped: 0 }).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["plain", "plain", "heading", "plain", "alarm", "plain", "heading", "plain"]);
  });

  it("says when the hub is away, why, and how old everything is", () => {
    const away = { forMs: 12_000, why: "the server is gone\x1b[2J" };
    const lines = texts(reading({ away, sessionsAgeMs: 12_000 }), null);
    assert.equal(
      lines[1],
      "hub-1 is away: below is how it was 12s ago, and it is asked again (the server is gone^[[2J)",
    );
    assert.match(lines.at(-1) as string, / 16s /);
  });

  it("fills the terminal and no more, and counts what it leaves out", () => {
    const crowded = reading({ servers: many(20, server), sessions: many(40, session) });
    for (const rows of [1, 3, 8, 12, 24, 100]) {
      const lines = texts(crowded, { cols: 80, rows });
      assert.ok(lines.length <= rows, `${lines.length} lines in ${rows} rows`);
    }
    const lines = texts(crowded, { cols: 80, rows: 24 });
    assert.equal(lines.length, 24);
    const said = lines.filter((line) => line.startsWith("…"));
    const shown = lines.filter((line) => /^(?:n\d+|web-1) /.test(line)).length;
    const left = said.map((line) => Number(/\d+/.exec(line)?.[0])).reduce((sum, count) => sum + count, 0);
    assert.deepEqual([said.length, shown + left], [2, 60]);
    assert.deepEqual(texts(crowded, { cols: 80, rows: 100 }), texts(crowded, null));
  });

  it("leaves out the servers that are well before those that are not", () => {
    const servers = [...many(30, server), server("sick", { health: "unavailable", reason: "closed" })];
    assert.ok(texts(reading({ servers }), { cols: 80, rows: 10 }).some((line) => line.startsWith("sick ")));
  });

  it("scrolls to the last session and not beyond, and says what is above and below", () => {
    const crowded = reading({ sessions: many(40, session) });
    const size = { cols: 80, rows: 20 };
    const most = skippedMost(crowded, size.rows);
    const last = texts(crowded, size, most);
    assert.match(last.at(-2) as string, / n39 /);
    assert.equal(last.at(-1), `… ${most} above, 0 below`);
    assert.deepEqual(texts(crowded, size, 1_000), last);
    assert.match(texts(crowded, size, 3).at(-1) as string, /^… 3 above, \d+ below$/);
    assert.equal(skippedMost(reading(), size.rows), 0);
  });

  it("makes what programs say visible, and never exceeds the columns", () => {
    const command = `\x1b]0;owned\x07${"日本".repeat(60)}`;
    const long = reading({ sessions: [session("x".repeat(64), { command })] });
    for (const cols of [1, 10, 40, 80]) {
      for (const line of texts(long, { cols, rows: 24 })) {
        assert.ok(width(line) <= cols, `${width(line)} of ${cols} columns: ${line}`);
        assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
      }
    }
    assert.match(texts(long, null).at(-1) as string, /\^\[\]0;owned\^G日本/);
    assert.match(texts(long, { cols: 80, rows: 24 }).at(-1) as string, /^web-1 +x+… +running +4s +\^\[\]0;owned/);
  });
});
