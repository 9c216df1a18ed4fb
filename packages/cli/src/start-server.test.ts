import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { lockInstance } from "@fleetty/worker/state/instance-lock";
import { waitUntil } from "../../../tests/harness/wait-until.ts";
import { OwnFleet } from "../test/own-fleet.ts";

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

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

  it("waits for one that is stopping, and starts the next", async () => {
    const state = join(fleet.folder, "state/fleetty/default");
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const stopping = lockInstance(join(state, "lock.db"));
    const made = fleetty("new", "build", "--", "sleep", "100");
    await waitUntil("a start was refused", () => /already runs/.test(readIfThere(join(state, "server.log"))));
    stopping.release();
    assert.deepEqual(await made, { code: 0, stdout: "build\n", stderr: "" });
  });

  it("says who answers, for programs too", async () => {
    assert.match((await fleetty("server", "start")).stdout, /^a server answers at .*default\.http\.sock\n$/);
    const { stdout } = await fleetty("server", "start", "--json");
    assert.equal(JSON.parse(stdout).socket_path, join(fleet.folder, "fleetty/default.http.sock"));
  });

  it("shows what the server said when it does not come up", async () => {
    mkdirSync(join(fleet.folder, "state/fleetty/default"), { recursive: true, mode: 0o700 });
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
