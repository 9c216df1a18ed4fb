// Other names and tags, with the worker and its hosts: who gets a name, what is told, what survives, and that nothing is
// left of what could not be recorded.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import type { AnyEvent } from "@fleetty/protocol/events";
import type { OperationInput } from "@fleetty/protocol/operations";
import type { SessionInfo } from "@fleetty/protocol/schemas/common";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { program } from "../pty/pty-harness.ts";
import { call, TestWorker } from "./worker-harness.ts";

const idle = { argv: [program("read-nothing")] };

function update(test: TestWorker, input: OperationInput<"sessions.update">): Promise<SessionInfo> {
  return test.worker.call("sessions.update", input, call) as Promise<SessionInfo>;
}

async function seen(test: TestWorker, include: ["exited"] | [] = []): Promise<[name: string, tags: string][]> {
  const all = (await test.worker.call("sessions.list", { include: [...include] }, call)) as SessionInfo[];
  return all.map(({ name, tags }) => [name, tags.join()]);
}

/** Whether the store has a session under this name. */
function readsName(test: TestWorker, id: string, name: string): boolean {
  const database = new DatabaseSync(join(test.stateDir, "worker.db"), { readOnly: true });
  const row = database.prepare("SELECT row FROM sessions WHERE id = ?").get(id);
  database.close();
  return JSON.parse(String(row?.["row"])).name === name;
}

const conflict = { code: "session_name_conflict" };

describe("a session that is called otherwise", () => {
  it("is found by its new name and by its id, and leaves the old name to others", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ name: "build", tags: ["ci", "old"], ...idle });
    const changed = await update(test, { session: "build", name: "test", add_tags: ["new"], remove_tags: ["old"] });
    assert.deepEqual([changed.id, changed.name, changed.tags, changed.state], [id, "test", ["ci", "new"], "running"]);
    await assert.rejects(test.worker.call("sessions.get", { session: "build" }, call), { code: "session_not_found" });
    for (const session of ["test", id]) {
      const info = (await test.worker.call("sessions.get", { session }, call)) as SessionInfo;
      assert.deepEqual([info.name, info.tags], ["test", ["ci", "new"]]);
    }
    await assert.rejects(test.start({ name: "test", ...idle }), conflict);
    await test.start({ name: "build", ...idle });
    await assert.rejects(update(test, { session: "build", name: "test" }), conflict);
    const waited = await test.worker.call("sessions.wait", { session: "test", max_wait_ms: 0 }, call);
    assert.equal((waited as { session: string }).session, "test");
  });

  it("has the name that only one of several who ask at once can have, and every tag that was added", async () => {
    await using test = await TestWorker.open();
    for (const name of ["a", "b", "c"]) await test.start({ name, ...idle });
    const all = ["a", "b", "c"].map((session) => update(test, { session, name: "wanted", add_tags: [session] }));
    const outcomes = await Promise.allSettled(all);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected"]);
    const tags = Array.from({ length: 20 }, (_, n) => `t${n}`);
    await Promise.all(tags.map((tag) => update(test, { session: "wanted", add_tags: [tag] })));
    const found = (await seen(test)).find(([name]) => name === "wanted");
    for (const tag of tags) assert.ok(found?.[1].split(",").includes(tag), `${tag} is lost: ${found}`);
  });

  it("gives its names back whatever is asked at once", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ name: "x", ...idle });
    await Promise.all(["y", "z"].map((name) => update(test, { session: id, name })));
    const [[name = ""] = []] = await seen(test);
    for (const other of ["x", "y", "z"].filter((one) => one !== name)) await test.start({ name: other, ...idle });
    await assert.rejects(test.start({ name, ...idle }), conflict);
  });

  it("is so after the worker was closed at any moment and opened again, alive or ended", async () => {
    await using test = await TestWorker.open();
    await test.start({ name: "live", ...idle });
    const { id } = await test.start({ name: "over", argv: ["/bin/true"] });
    await test.worker.call("sessions.wait", { session: id }, call);
    await update(test, { session: "live", name: "lively", add_tags: ["a"] });
    await update(test, { session: "over", name: "gone", add_tags: ["b"] });
    const was = await seen(test, ["exited"]);
    assert.deepEqual(was.toSorted(), [
      ["gone", "b"],
      ["lively", "a"],
    ]);
    await test.reopen();
    assert.deepEqual(await seen(test, ["exited"]), was);
    await test.worker.call("sessions.kill", { session: "lively" }, call);
    await test.reopen();
    assert.deepEqual((await seen(test, ["exited"])).toSorted(), was.toSorted());
  });

  it("has the name that its host had taken when the worker died before it recorded that", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ name: "build", tags: ["a"], ...idle });
    test.disk = "hangs";
    void update(test, { session: "build", name: "test", add_tags: ["b"] });
    const named = () => test.list().then(([info]) => info?.name);
    await waitUntil("its host has it", async () => (await named()) === "test", { seen: named });
    test.disk = "works";
    await test.reopen();
    assert.deepEqual(await seen(test), [["test", "a,b"]]);
    await assert.rejects(test.worker.call("sessions.get", { session: "build" }, call), { code: "session_not_found" });
    await waitUntil("it is on the disk too", () => readsName(test, id, "test"));
  });

  it("is called as before when that cannot be recorded, and the name is free", async () => {
    await using test = await TestWorker.open();
    await test.start({ name: "build", tags: ["a"], ...idle });
    const { id } = await test.start({ name: "over", argv: ["/bin/true"] });
    await test.worker.call("sessions.wait", { session: id }, call);
    await waitUntil("its end is recorded", async () => (await seen(test)).length === 1);
    const was = await seen(test, ["exited"]);
    test.disk = "is full";
    for (const session of ["build", "over"]) {
      await assert.rejects(update(test, { session, name: "test", add_tags: ["b"], remove_tags: ["a"] }), {
        code: "resource_limit_reached",
        details: { limit: "disk", may_have_run: false },
      });
      assert.deepEqual(await seen(test, ["exited"]), was);
    }
    test.disk = "works";
    await test.start({ name: "test", ...idle });
    await test.reopen();
    assert.deepEqual((await seen(test, ["exited"])).slice(0, 2), was);
  });
});

describe("what is told of labels", () => {
  it("is each change once, what came before what went, and nothing when nothing changed", async () => {
    await using test = await TestWorker.open();
    const { id } = await test.start({ name: "build", tags: ["old"], ...idle });
    const told: AnyEvent[] = [];
    const stop = test.worker.events((event) => told.push(event));
    await update(test, { session: id });
    await update(test, { session: id, add_tags: ["old"], remove_tags: ["nobody"] });
    assert.deepEqual(told, []);
    await update(test, { session: id, name: "test", add_tags: ["new"], remove_tags: ["old"] });
    stop();
    const seen = told.map((event) => {
      const { session, ...rest } = event as AnyEvent & { session: SessionInfo };
      return [session.id, session.name, rest];
    });
    assert.deepEqual(seen, [
      [id, "test", { type: "session.renamed", old_name: "build", new_name: "test" }],
      [id, "test", { type: "session.tags_changed", added: ["new"], removed: [] }],
      [id, "test", { type: "session.tags_changed", added: [], removed: ["old"] }],
    ]);
  });
});
