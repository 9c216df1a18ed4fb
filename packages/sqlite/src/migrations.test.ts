// Holds the steps of a database file to their promise: each applied once, in order, whole or not at all; never a newer file.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { migrate } from "./migrations.ts";

const first = "CREATE TABLE colours (name TEXT) STRICT; INSERT INTO colours VALUES ('red');";
const second = "ALTER TABLE colours ADD COLUMN depth INTEGER NOT NULL DEFAULT 8;";
const broken = "INSERT INTO colours VALUES ('blue', 1); INSERT INTO nowhere VALUES (1);";

function versionOf(database: DatabaseSync): unknown {
  return database.prepare("PRAGMA user_version").get()?.["user_version"];
}

function coloursIn(database: DatabaseSync): unknown[] {
  return database
    .prepare("SELECT * FROM colours")
    .all()
    .map((row) => ({ ...row }));
}

describe("migrations", () => {
  it("make a new file and give it the number of the last step", () => {
    using database = new DatabaseSync(":memory:");
    migrate(database, [first, second]);
    assert.equal(versionOf(database), 2);
    assert.deepEqual(coloursIn(database), [{ name: "red", depth: 8 }]);
  });

  it("bring a file of an older version up to date, with its rows", () => {
    using database = new DatabaseSync(":memory:");
    migrate(database, [first]);
    assert.equal(versionOf(database), 1);
    migrate(database, [first, second]);
    assert.equal(versionOf(database), 2);
    assert.deepEqual(coloursIn(database), [{ name: "red", depth: 8 }]);
  });

  it("apply a step once, however often the file is opened", () => {
    using database = new DatabaseSync(":memory:");
    for (let opened = 0; opened < 3; opened += 1) migrate(database, [first, second]);
    assert.deepEqual(coloursIn(database), [{ name: "red", depth: 8 }]);
  });

  it("leave a file as it was when a step fails half-way", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "some.db");
    using trying = new DatabaseSync(path);
    assert.throws(() => migrate(trying, [first, second, broken]), /nowhere/);
    trying.close();
    using after = new DatabaseSync(path);
    assert.equal(versionOf(after), 2);
    assert.deepEqual(coloursIn(after), [{ name: "red", depth: 8 }]);
  });

  it("refuse a file of a newer program and do not touch it", () => {
    using database = new DatabaseSync(":memory:");
    database.exec("PRAGMA user_version = 7");
    assert.throws(() => migrate(database, [first]), /version is 7, this program knows 1; run the newer fleetty/);
    assert.equal(versionOf(database), 7);
    assert.deepEqual(database.prepare("SELECT name FROM sqlite_schema").all(), []);
  });
});
