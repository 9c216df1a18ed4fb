// Holds the worker's store to its promises on a real disk: what it confirmed is there, for whoever looks and whatever dies.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { StoreError } from "@fleetty/sqlite/sqlite-file";
import { SqliteStore } from "./sqlite-store.ts";
import type { SessionRow } from "./worker-store.ts";

function row(id: string, more: Partial<SessionRow> = {}): SessionRow {
  return { id, name: id, state: "live", hostId: "host", info: { id } as SessionInfo, isHidden: false, ...more };
}

/** A store in a folder of its own, and how another program would look into its file. */
function openStore() {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  const path = join(folder.path, "worker.db");
  const stores: SqliteStore[] = [];
  return {
    path,
    open(): SqliteStore {
      const store = new SqliteStore(path);
      stores.push(store);
      return store;
    },
    idsOnDisk(): unknown[] {
      using other = new DatabaseSync(path, { readOnly: true });
      return other
        .prepare("SELECT id FROM sessions ORDER BY rowid")
        .all()
        .map(({ id }) => id);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()));
      folder.remove();
    },
  };
}

/** Transactions in a write-ahead log: frames whose header has a size of the database (sqlite.org/fileformat2.html, 4.1). */
function commitsIn(walPath: string): number {
  const wal = readFileSync(walPath);
  const frameBytes = 24 + wal.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes) {
    if (wal.readUInt32BE(at + 4) !== 0) commits += 1;
  }
  return commits;
}

describe("the worker's store", () => {
  it("counts its runs and gives back what was recorded, oldest first, with the highest counter", async () => {
    await using disk = openStore();
    const store = disk.open();
    assert.deepEqual(await store.begin(), { incarnation: 1, counter: 0, sessions: [] });
    const rows = [row("ses_b", { name: "build" }), row("ses_a", { state: "ended", isHidden: true })];
    await store.recordSession(rows[0] as SessionRow, 7);
    await store.recordSession(rows[1] as SessionRow, 3);
    await store.close();
    assert.deepEqual(await disk.open().begin(), { incarnation: 2, counter: 7, sessions: rows });
  });

  it("has a write on disk when its promise resolves", async () => {
    await using disk = openStore();
    const store = disk.open();
    await store.recordSession(row("ses_a"), 1);
    assert.deepEqual(disk.idsOnDisk(), ["ses_a"]);
    await store.forgetSession("ses_a");
    assert.deepEqual(disk.idsOnDisk(), []);
  });

  it("lands all of many writes asked for at once, in one transaction", async () => {
    await using disk = openStore();
    const store = disk.open();
    await store.begin();
    const before = commitsIn(`${disk.path}-wal`);
    const ids = Array.from({ length: 200 }, (_, index) => `ses_${index}`);
    await Promise.all(ids.map((id, index) => store.recordSession(row(id), index)));
    assert.deepEqual(disk.idsOnDisk(), ids);
    assert.equal(commitsIn(`${disk.path}-wal`) - before, 1);
  });

  it("gathers what is asked for while a transaction is under way into the next one", async () => {
    await using disk = openStore();
    const store = disk.open();
    await store.begin();
    const before = commitsIn(`${disk.path}-wal`);
    using other = new DatabaseSync(disk.path);
    other.exec("BEGIN IMMEDIATE");
    const waiting = [store.recordSession(row("ses_first"), 1)];
    await new Promise(setImmediate); // The first is on its way, and the disk is another's.
    for (let n = 0; n < 50; n += 1) {
      waiting.push(store.recordSession(row(`ses_${n}`), n));
      await new Promise(setImmediate);
    }
    other.exec("ROLLBACK");
    await Promise.all(waiting);
    assert.equal(disk.idsOnDisk().length, 51);
    assert.equal(commitsIn(`${disk.path}-wal`) - before, 2);
  });

  it("keeps the order of writes that share a transaction", async () => {
    await using disk = openStore();
    const store = disk.open();
    const writes = [
      store.recordSession(row("ses_gone"), 1),
      store.forgetSession("ses_gone"),
      store.forgetSession("ses_here"),
      store.recordSession(row("ses_here"), 2),
    ];
    await Promise.all(writes);
    assert.deepEqual(disk.idsOnDisk(), ["ses_here"]);
  });

  it("writes what was asked for before it closes", async () => {
    await using disk = openStore();
    const store = disk.open();
    const written = store.recordSession(row("ses_a"), 1);
    await store.close();
    await written;
    assert.deepEqual(disk.idsOnDisk(), ["ses_a"]);
  });

  it("refuses what is asked of it after it was closed, and closes twice", async () => {
    await using disk = openStore();
    const store = disk.open();
    await store.begin();
    await store.close();
    await assert.rejects(store.recordSession(row("ses_a"), 1), { name: "StoreError", message: /closed/ });
    await store.close();
  });

  it("refuses all of a transaction that the disk refused, by its reason, and takes what comes later", async () => {
    await using disk = openStore();
    const store = disk.open();
    await store.recordSession(row("ses_a"), 1);
    using other = new DatabaseSync(disk.path);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON sessions WHEN new.id = 'ses_c' BEGIN SELECT RAISE(ABORT, 'no room'); END",
    );
    const together = await Promise.allSettled(["ses_b", "ses_c"].map((id) => store.recordSession(row(id), 9)));
    for (const { status, reason } of together as PromiseRejectedResult[]) {
      assert.equal(status, "rejected");
      assert.ok(reason instanceof StoreError, String(reason));
      assert.equal(reason.message, "worker.db: no room");
    }
    other.exec("DROP TRIGGER full");
    await store.recordSession(row("ses_d"), 2);
    assert.deepEqual(disk.idsOnDisk(), ["ses_a", "ses_d"]);
    await store.close();
    assert.equal((await disk.open().begin()).counter, 2, "a refused write has not moved the counter");
  });

  it("refuses a file of a newer program with the way out, and leaves it alone", async () => {
    await using disk = openStore();
    using other = new DatabaseSync(disk.path);
    other.exec("PRAGMA user_version = 9");
    const store = disk.open();
    const wayOut = { name: "StoreError", message: /^worker\.db: its version is 9.*run the newer fleetty$/ };
    await assert.rejects(store.begin(), wayOut);
    await assert.rejects(store.recordSession(row("ses_a"), 1), wayOut);
    assert.equal(other.prepare("PRAGMA user_version").get()?.["user_version"], 9);
  });

  it("says so when its file cannot be opened, to whoever asks and whenever", async () => {
    await using disk = openStore();
    const store = new SqliteStore(join(disk.path, "..", "no-such-folder", "worker.db"));
    const refusal = { name: "StoreError", message: /^worker\.db: .*unable to open/ };
    await assert.rejects(store.begin(), refusal);
    await assert.rejects(store.forgetSession("ses_a"), refusal);
    await store.close();
  });
});

/** The fixture that records for each line, under a limit for the size of files that can be lifted. */
class Writer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, maxBlocks: number | "unlimited") {
    const fixture = fileURLToPath(new URL("./fixtures/write-until-told.ts", import.meta.url));
    const script = `ulimit -S -f ${maxBlocks}; exec "$0" "$@"`;
    this.#child = spawn("/bin/sh", ["-c", script, process.execPath, fixture, path], {
      stdio: "pipe",
      env: { PATH: process.env["PATH"], NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
    });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async hears(): Promise<string> {
    const { value, done } = await this.#lines.next();
    return done ? "ended" : value;
  }

  record(id: string): Promise<string> {
    this.#child.stdin.write(`${id}\n`);
    return this.hears();
  }

  liftLimit(): void {
    execFileSync("prlimit", ["--pid", String(this.#child.pid), "--fsize=unlimited"]);
  }

  async [Symbol.asyncDispose]() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}

describe("the worker's store in a process", () => {
  it("has what it confirmed after that process was killed", async () => {
    await using disk = openStore();
    {
      await using writer = new Writer(disk.path, "unlimited");
      assert.equal(await writer.hears(), "ready");
      for (const id of ["ses_a", "ses_b"]) assert.equal(await writer.record(id), "written");
    }
    const { incarnation, counter, sessions } = await disk.open().begin();
    assert.deepEqual([incarnation, counter, sessions.map(({ id }) => id)], [2, 2, ["ses_a", "ses_b"]]);
  });

  it("refuses clearly what does not fit on the disk, loses nothing, and writes again when there is room", async () => {
    await using disk = openStore();
    await using writer = new Writer(disk.path, 512);
    assert.equal(await writer.hears(), "ready");
    const written: string[] = [];
    let heard = "written";
    for (let n = 0; heard === "written" && n < 100; n += 1) {
      heard = await writer.record(`ses_${n}`);
      if (heard === "written") written.push(`ses_${n}`);
    }
    assert.match(heard, /^StoreError: worker\.db: .*(disk|full)/);
    assert.ok(written.length > 0);
    assert.match(await writer.record("ses_refused"), /^StoreError: /);
    writer.liftLimit();
    assert.equal(await writer.record("ses_late"), "written");
    assert.deepEqual(disk.idsOnDisk(), [...written, "ses_late"]);
  });
});
