// Whose cursor is whose, and for how long: by principal, kind and the hour after its last use.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pino } from "pino";
import type { HubStore, WaitRecord } from "../store/hub-store.ts";
import { RECORD_KEPT_MS, RECORDS_MAX, WaitRecords } from "./wait-records.ts";

/** A disk of wait records, and a clock: it goes by itself, or is set. */
class Place {
  readonly rows = new Map<string, WaitRecord>();
  readonly forgotten: string[] = [];
  steadyMs = 1_000_000;
  setByMs = 1_800_000_000_000;

  open(): Promise<WaitRecords> {
    const store: Pick<HubStore, "waitRecords" | "putWaitRecord" | "removeWaitRecords"> = {
      waitRecords: async (usedMs) => [...this.rows.values()].filter(({ used_ms }) => used_ms >= usedMs),
      putWaitRecord: async (row) => void this.rows.set(row.id, row),
      removeWaitRecords: async (ids) => {
        for (const id of ids) this.rows.delete(id);
      },
    };
    return WaitRecords.open({
      store: store as HubStore,
      log: pino({ level: "silent" }),
      onForgotten: (id) => this.forgotten.push(id),
      nowMs: () => this.steadyMs + this.setByMs,
      steadyMs: () => this.steadyMs,
    });
  }
}

const refused = { code: "invalid_cursor" };

describe("the cursor of a record", () => {
  it("is good for its principal and its kind alone, over a restart too", async () => {
    const place = new Place();
    const before = await place.open();
    const { row, written } = before.begin("wait", "ci", { mode: "all" });
    await written;
    const cursor = before.cursor(row, 7);
    before.close();
    const records = await place.open();
    const { position, row: found } = records.use("wait", cursor, "ci");
    assert.deepEqual([position, JSON.parse(found.asked)], [7, { mode: "all" }]);
    assert.throws(() => records.use("wait", cursor, "somebody else"), refused);
    assert.throws(() => records.use("idle", cursor, "ci"), refused);
    for (const other of [cursor.replace("fwt_", "idl_"), `${cursor}x`, `${cursor.slice(0, -2)}.-1`, "", "fwt_"]) {
      assert.throws(() => records.use("wait", other, "ci"), refused, other);
    }
    records.close();
  });

  it("ends an hour after it was used last, and its record with it", async () => {
    const place = new Place();
    const records = await place.open();
    const { row } = records.begin("wait", "ci", {});
    const cursor = records.cursor(row, 0);
    place.steadyMs += RECORD_KEPT_MS;
    records.use("wait", cursor, "ci");
    place.steadyMs += RECORD_KEPT_MS;
    records.sweep();
    records.use("wait", cursor, "ci");
    place.steadyMs += RECORD_KEPT_MS + 1;
    assert.throws(() => records.use("wait", cursor, "ci"), refused);
    records.sweep();
    assert.deepEqual([place.forgotten, place.rows.size], [[row.id], 0]);
    records.close();
  });

  it("is as good as before when the clock is set, for its hour, over a restart too", async () => {
    const place = new Place();
    const before = await place.open();
    const { row, written } = before.begin("wait", "ci", {});
    await written;
    const cursor = before.cursor(row, 0);
    for (const days of [1, -2, 1]) {
      place.setByMs += days * 24 * RECORD_KEPT_MS;
      before.sweep();
      before.use("wait", cursor, "ci");
    }
    before.close();
    place.steadyMs += RECORD_KEPT_MS / 2;
    const records = await place.open();
    place.steadyMs += RECORD_KEPT_MS / 2 + 1;
    assert.throws(() => records.use("wait", cursor, "ci"), refused);
    records.close();
  });

  it("is one of a thousand of its principal; of idle ones that nobody came back for the oldest gives way", async () => {
    const place = new Place();
    const records = await place.open();
    const used = records.begin("idle", "ci", {}).row;
    records.use("idle", records.cursor(used, 0), "ci");
    const unused = records.begin("idle", "ci", {}).row;
    for (let count = 2; count < RECORDS_MAX; count += 1) records.begin("wait", "ci", {});
    records.begin("wait", "ci", {});
    assert.deepEqual(place.forgotten, [unused.id]);
    const full = { code: "resource_limit_reached", details: { limit: "wait_cursors", max: RECORDS_MAX } };
    assert.throws(() => records.begin("wait", "ci", {}), full);
    assert.throws(() => records.begin("idle", "ci", {}), full);
    records.begin("wait", "somebody else", {});
    place.steadyMs += RECORD_KEPT_MS + 1;
    records.begin("wait", "ci", {});
    records.close();
  });
});
