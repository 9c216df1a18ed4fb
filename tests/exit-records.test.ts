// What is known of a session that has ended, through the real binary: by name while nobody else has it, by its id for as long as
// it is kept, also after the server was killed.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

async function run(name: string, script: string): Promise<string> {
  const { json } = await server.ask({ path: "/sessions", body: { name, argv: ["/bin/sh", "-c", script] } });
  await server.ask({ path: `/sessions/${json.id}/wait`, body: { until: { exit: true } } });
  return json.id;
}

const infoOf = async (session: string) => (await server.ask({ path: `/sessions/${session}` })).json;

describe("a session that has ended", () => {
  it("says by its id how and when it ended, whoever has its name now, before and after a crash of the server", async () => {
    const ended: readonly [script: string, exit: object][] = [
      ["exit 0", { code: 0 }],
      ["exit 7", { code: 7 }],
      ["kill -TERM $$", { signal: "SIGTERM" }],
    ];
    const records = [];
    for (const [script, exit] of ended) {
      const id = await run("again", script);
      const info = await infoOf(id);
      assert.deepEqual([info.state, info.exit, info.end_reason], ["exited", exit, "exited"]);
      assert.ok(info.exited_at >= info.created_at, `${info.created_at} ${info.exited_at}`);
      assert.equal((await infoOf("again")).id, id);
      const isFree = async () => {
        const { status, json } = await server.ask({ path: "/sessions", body: { name: "again", argv: ["/bin/cat"] } });
        return status === 201 && (await server.ask({ method: "DELETE", path: `/sessions/${json.id}` })).status === 204;
      };
      await waitUntil("its name is free", isFree);
      records.push(info);
    }
    await server.kill();
    await server.start();
    for (const info of records) {
      const { last_activity_ms: _, ...now } = await infoOf(info.id);
      const { last_activity_ms: __, ...was } = info;
      assert.deepEqual(now, was);
    }
  });

  it("says by its id that it was killed, and is found by no name", async () => {
    const { json } = await server.ask({ path: "/sessions", body: { name: "killed", argv: ["/bin/cat"] } });
    await server.ask({ method: "DELETE", path: "/sessions/killed" });
    const info = await infoOf(json.id);
    assert.deepEqual([info.state, info.exit, info.end_reason], ["exited", { signal: "SIGKILL" }, "killed"]);
    assertRefused(await server.ask({ path: "/sessions/killed" }), "session_not_found");
  });

  it("says what its program said last when that ended within a second of its start", async () => {
    // A loaded machine may take longer to see it end: then another is started.
    const brief = async () => {
      const id = await run("brief", "printf '\\033[31mno such file\\033[m\\n' >&2; exit 2");
      const { tail } = await infoOf(id);
      await server.ask({ method: "DELETE", path: `/sessions/${id}` });
      return tail;
    };
    assert.equal(await waitUntil("one ends within a second", brief), "no such file\n");
    const id = await run("long", "echo here; sleep 1.1");
    assert.equal((await infoOf(id)).tail, undefined);
    const { json: all } = await server.ask({ path: "/sessions?include=exited" });
    assert.ok(all.every((info: object) => !("tail" in info)));
  });
});
