// Holds the keeper of records to its promise: written, however long the disk refuses, and never in vain after a forget.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { pino } from "pino";
import type { SessionRow, WorkerStore } from "../store/worker-store.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { SessionIndex } from "./session-index.ts";

const log = pino({ level: "silent" });

/** A store that refuses the first `refusals` records, as a full disk does. */
function store(refusals: number) {
  const rows: SessionRow[] = [];
  let asked = 0;
  const recordSession = async (row: SessionRow) => {
    asked += 1;
    if (asked <= refusals) throw new Error("database or disk is full");
    rows.push(row);
  };
  return { rows, asked: () => asked, recordSession } as unknown as WorkerStore & {
    rows: SessionRow[];
    asked(): number;
  };
}

function indexWithOne() {
  const index = new SessionIndex(1);
  const entry = index.reserve("ses_01K3Z8Q4T6V9X2B5N7M0R1S3WD", "build");
  index.started(entry, "host", { id: entry.id, name: "build" } as SessionInfo);
  return { index, entry };
}

describe("the keeper of records", () => {
  it("writes what the disk refused as soon as it takes it", async () => {
    const { index, entry } = indexWithOne();
    const disk = store(1);
    const keeper = new RecordKeeper({ store: disk, index, log });
    const kept = keeper.keep(entry);
    index.ended(entry, entry.info as SessionInfo);
    assert.equal(await kept, true);
    assert.deepEqual([disk.asked(), disk.rows.map((row) => row.state)], [2, ["ended"]]);
  });

  it("lets go of a session that was forgotten meanwhile", async () => {
    const { index, entry } = indexWithOne();
    const disk = store(1);
    const kept = new RecordKeeper({ store: disk, index, log }).keep(entry);
    index.forget(entry);
    assert.equal(await kept, true);
    assert.deepEqual(disk.rows, []);
  });

  it("gives up when it is closed, and says so", async () => {
    const { index, entry } = indexWithOne();
    const disk = store(Number.POSITIVE_INFINITY);
    const keeper = new RecordKeeper({ store: disk, index, log });
    const kept = keeper.keep(entry);
    keeper.close();
    assert.equal(await kept, false);
  });
});
