// Holds the store over hub.db to the suite of all stores, and its file to what it says of itself: an audit that is neither
// rewritten nor shortened, whoever writes SQL.
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { entry, hubStoreSuite, type StorePlace } from "./hub-store-suite.ts";
import { SqliteHubStore } from "./sqlite-hub-store.ts";

function makePlace(): StorePlace & { readonly path: string } {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  const path = join(folder.path, "hub.db");
  const stores: SqliteHubStore[] = [];
  return {
    path,
    open(options) {
      const store = new SqliteHubStore({ path, ...options });
      stores.push(store);
      return store;
    },
    auditOnDisk() {
      using other = new DatabaseSync(path, { readOnly: true });
      return other
        .prepare("SELECT * FROM audit ORDER BY seq")
        .all()
        .map((row) => ({ ...row }));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()));
      folder.remove();
    },
  };
}

hubStoreSuite("the hub's store over SQLite", makePlace);

describe("hub.db", () => {
  it("refuses to rewrite an audit entry, and to remove one that is not 400 days old", async () => {
    await using place = makePlace();
    const day = 86_400_000;
    const daysAgo = (days: number) => new Date(Date.now() - days * day).toISOString();
    await place.open().audit([entry({ at: daysAgo(401) }), entry({ at: daysAgo(399) })]);
    using other = new DatabaseSync(place.path);
    assert.throws(() => other.exec("UPDATE audit SET outcome = 'ok'"), /the audit is not rewritten/);
    assert.throws(() => other.exec("DELETE FROM audit"), /kept for 400 days/);
    assert.equal(place.auditOnDisk().length, 2);
    assert.equal(other.prepare("DELETE FROM audit WHERE at < ?").run(daysAgo(400)).changes, 1);
  });

  it("holds no answer when its disk refuses, and takes it later", async () => {
    await using place = makePlace();
    const store = place.open();
    await store.check();
    using other = new DatabaseSync(place.path);
    other.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    await assert.rejects(store.audit([entry()]), { name: "StoreError", message: "hub.db: no room" });
    other.exec("DROP TRIGGER full");
    await store.audit([entry()]);
    assert.equal(place.auditOnDisk().length, 1);
  });

  it("refuses a file of a newer program, and leaves it alone", async () => {
    await using place = makePlace();
    using other = new DatabaseSync(place.path);
    other.exec("PRAGMA user_version = 9");
    await assert.rejects(place.open().check(), { name: "StoreError", message: /^hub\.db: .*run the newer fleetty$/ });
    assert.equal(other.prepare("PRAGMA user_version").get()?.["user_version"], 9);
  });
});
