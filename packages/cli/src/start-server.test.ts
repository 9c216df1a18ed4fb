import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { OwnFleet } from "../test/own-fleet.ts";

describe("a command that needs a server", () => {
  let fleet: OwnFleet;
  const fleetty = (...args: string[]) => fleet.fleetty(...args);

  beforeEach(() => {
    fleet = new OwnFleet();
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  it("starts one that lives on, on the same instance", async () => {
    const { code, stdout, stderr } = await fleetty("-L", "other", "new", "build", "--", "sleep", "100");
    assert.deepEqual([code, stdout, stderr], [0, "build\n", ""]);
    assert.match((await fleetty("-L", "other", "ls")).stdout, /^build +running/m);
    assert.equal((await fleetty("ls")).code, 8);
    await fleetty("-L", "other", "session-host", "stop", "--end-sessions");
    await fleetty("-L", "other", "stop");
  });

  it("starts one only when several commands find none at once", async () => {
    const names = ["a", "b", "c"];
    const all = await Promise.all(names.map((name) => fleetty("new", name, "--", "sleep", "100")));
    assert.deepEqual(
      all.map(({ stdout }) => stdout),
      ["a\n", "b\n", "c\n"],
      JSON.stringify(all),
    );
    const { stdout } = await fleetty("ls", "--json");
    const listed = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    assert.deepEqual(listed.sort(), names);
  });

  it("shows what the server said when it does not come up", async () => {
    mkdirSync(join(fleet.folder, "state/fleetty/default"), { recursive: true, mode: 0o755 });
    writeFileSync(join(fleet.folder, "state/fleetty/default/lock.db"), "this is no database, and never was one");
    const { code, stderr } = await fleetty("new", "build");
    assert.equal(code, 8);
    assert.match(stderr, /did not come up[\s\S]*it said:\n.+/);
  });

  it("leaves no server behind where a listing finds none", async () => {
    assert.equal((await fleetty("ls")).code, 8);
    assert.equal(existsSync(join(fleet.folder, "state")), false);
  });
});
