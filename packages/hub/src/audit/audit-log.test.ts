// Holds the audit to its order and its patience, over a disk that refuses when told to.
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { pino } from "pino";
import type { AuditEntry, HubStore } from "../store/hub-store.ts";
import { entry } from "../store/hub-store-suite.ts";
import { AuditLog } from "./audit-log.ts";

/** A store whose disk takes what it is given when it is let. */
class ChosenDisk {
  readonly written: AuditEntry[][] = [];
  isFull = false;
  /** Held back until it is resolved. */
  held: PromiseWithResolvers<void> | null = null;

  async audit(entries: readonly AuditEntry[]): Promise<void> {
    await this.held?.promise;
    if (this.isFull) throw new Error("no room");
    this.written.push([...entries]);
  }

  get sessions(): unknown[] {
    return this.written.flat().map(({ session }) => session);
  }
}

/** Long enough for all that is under way in this process and needs no timer. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

describe("the audit", () => {
  let disk: ChosenDisk;
  let audit: AuditLog;
  let logged: string[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    disk = new ChosenDisk();
    logged = [];
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line).msg) });
    audit = new AuditLog({ store: disk as unknown as HubStore, log });
  });
  afterEach(async () => {
    mock.timers.reset();
    await audit.close();
  });

  it("holds an answer until its entry is on disk", async () => {
    disk.held = Promise.withResolvers();
    let isAnswered = false;
    const answered = audit.record(entry()).then(() => {
      isAnswered = true;
    });
    await turns();
    assert.equal(isAnswered, false);
    disk.held.resolve();
    await answered;
    assert.equal(disk.written.length, 1);
  });

  it("writes what one turn brings together, and in order what comes meanwhile", async () => {
    disk.held = Promise.withResolvers();
    const first = [1, 2, 3].map((n) => audit.record(entry({ session: `${n}` })));
    await turns();
    const second = [4, 5].map((n) => audit.record(entry({ session: `${n}` })));
    disk.held.resolve();
    await Promise.all([...first, ...second]);
    assert.deepEqual(
      disk.written.map((batch) => batch.length),
      [3, 2],
    );
    assert.deepEqual(disk.sessions, ["1", "2", "3", "4", "5"]);
  });

  it("gathers what nobody waits for, and takes it along in its order with what somebody does", async () => {
    audit.note(entry({ session: "1" }));
    audit.note(entry({ session: "2" }));
    await turns();
    mock.timers.tick(249);
    await turns();
    assert.deepEqual(disk.written, []);
    mock.timers.tick(1);
    await turns();
    assert.deepEqual(disk.sessions, ["1", "2"]);
    audit.note(entry({ session: "3" }));
    await audit.record(entry({ session: "4" }));
    assert.deepEqual(disk.sessions, ["1", "2", "3", "4"]);
    audit.note(entry({ session: "5" }));
    await audit.close();
    assert.equal(disk.sessions.at(-1), "5");
  });

  it("gathers no more than one transaction takes", async () => {
    for (let n = 0; n < 999; n += 1) audit.note(entry());
    await turns();
    assert.equal(disk.written.length, 0);
    audit.note(entry());
    await turns();
    assert.deepEqual(
      disk.written.map((batch) => batch.length),
      [1_000],
    );
  });

  it("keeps what the disk refuses, holds nobody for it, and writes it when there is room", async () => {
    disk.isFull = true;
    await audit.record(entry({ session: "1" }));
    await audit.record(entry({ session: "2" }));
    await turns();
    assert.deepEqual([audit.isWell, audit.waiting, disk.written.length], [false, 2, 0]);
    mock.timers.tick(1_000);
    await turns();
    assert.equal(logged.filter((line) => line.includes("cannot be written")).length, 1, "said once");
    disk.isFull = false;
    mock.timers.tick(1_000);
    await turns();
    assert.deepEqual([audit.isWell, audit.waiting, disk.sessions], [true, 0, ["1", "2"]]);
  });

  it("counts what finds no room in memory, and writes the number in its place", async () => {
    disk.isFull = true;
    await audit.record(entry());
    for (let n = 1; n < 10_003; n += 1) await audit.record(entry());
    assert.equal(audit.waiting, 10_000);
    disk.isFull = false;
    mock.timers.tick(1_000);
    while (audit.waiting > 0) await turns();
    const told = disk.written.flat().filter(({ operation }) => operation === "audit.gap");
    assert.deepEqual(
      told.map(({ detail }) => detail),
      ['{"entries":3}'],
    );
    assert.equal(disk.written.flat().length, 10_001);
  });

  it("writes what waits before it closes, and says what it could not", async () => {
    disk.isFull = true;
    await audit.record(entry({ session: "1" }));
    await turns();
    disk.isFull = false;
    await audit.close();
    assert.deepEqual(disk.sessions, ["1"]);
    disk.isFull = true;
    await audit.record(entry());
    await audit.close();
    assert.ok(logged.some((line) => line.includes("are lost")));
  });
});
