// A create that is asked again because its answer was lost makes nothing new: at once, later, after the server was restarted,
// and when it died half-way.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { hubDb } from "./harness/audit.ts";
import type { Answer } from "./harness/http.ts";
import { say } from "./harness/raw-http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

function create(key: string, body: object = {}): Promise<Answer> {
  const whole = { argv: ["sleep", "1000"], ...body };
  return server.ask({ path: "/sessions", body: whole, headers: { "idempotency-key": key } });
}

const isReplay = ({ headers }: Answer) => headers["idempotency-replayed"] === "true";

async function live(): Promise<string[]> {
  return (await server.ask({ path: "/sessions" })).json.map(({ id }: { id: string }) => id);
}

describe("a create under an idempotency key", () => {
  it("makes one session, and gives the first answer to whoever asks again", async () => {
    const first = await create("first");
    assert.deepEqual([first.status, isReplay(first)], [201, false]);
    const again = await create("first");
    assert.deepEqual([again.status, isReplay(again), again.json], [201, true, first.json]);
    assert.deepEqual(await live(), [first.json.id]);
  });

  it("makes one session for many who ask at once", async () => {
    const was = await live();
    const made = await Promise.all(Array.from({ length: 8 }, () => create("at-once", { name: "once" })));
    assert.deepEqual([...new Set(made.map(({ status }) => status))], [201]);
    assert.equal(made.filter((one) => !isReplay(one)).length, 1);
    assert.equal((await live()).length, was.length + 1);
  });

  it("is answered as before after the server was restarted, and after the session has ended and gone", async () => {
    const first = await create("restart");
    await server.kill();
    await server.start();
    const again = await create("restart");
    assert.deepEqual([again.status, isReplay(again), again.json], [201, true, first.json]);
    for (let once = 0; once < 2; once += 1) await server.ask({ method: "DELETE", path: `/sessions/${first.json.id}` });
    const was = await live();
    assert.ok(isReplay(await create("restart")));
    assert.deepEqual(await live(), was);
  });

  it("finds the session that a server made which died before its answer was on disk", async () => {
    const { json } = await create("half-way", { name: "half" });
    await server.kill();
    {
      using database = new DatabaseSync(hubDb(server));
      database.exec("UPDATE keys SET answer = NULL WHERE key = 'half-way'");
    }
    await server.start();
    const was = await live();
    const again = await create("half-way", { name: "half" });
    assert.deepEqual([again.status, isReplay(again), again.json.id], [201, true, json.id]);
    assert.deepEqual(await live(), was);
  });

  it("makes the session under the id that was decided, when the server died before it was made", async () => {
    const { json } = await create("not-made", { name: "never" });
    await server.ask({ method: "DELETE", path: "/sessions/never" });
    await server.ask({ method: "DELETE", path: `/sessions/${json.id}` });
    await server.kill();
    {
      using database = new DatabaseSync(hubDb(server));
      database.exec("UPDATE keys SET answer = NULL WHERE key = 'not-made'");
    }
    await server.start();
    const [made, again] = [await create("not-made", { name: "never" }), await create("not-made", { name: "never" })];
    assert.deepEqual([made.json.id, isReplay(made), again.json, isReplay(again)], [json.id, false, made.json, true]);
  });

  it("is refused when the key came with another body", async () => {
    await create("body", { tags: ["a"] });
    assertRefused(await create("body", { tags: ["b"] }), "idempotency_conflict");
  });

  it("leaves the key free when it was refused", async () => {
    await create("name-1", { name: "taken" });
    assertRefused(await create("name-2", { name: "taken" }), "session_name_conflict");
    assert.equal((await create("name-2", { name: "free" })).status, 201);
    assertRefused(await create("program", { argv: ["/no/such/program"] }), "session_create_failed");
    assert.equal((await create("program")).status, 201);
  });

  it("is refused when the key is none", async () => {
    for (const key of ["", "x".repeat(129), "a b", "a\tb"]) {
      const { details } = assertRefused(await create(key), "invalid_request");
      assert.equal(details["field"], "Idempotency-Key", JSON.stringify(key));
    }
    const twice =
      "POST /sessions HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n\r\n";
    assertRefused((await say({ socketPath: server.socketPath }, twice)) as Answer, "invalid_request");
    assert.equal((await create("!~".repeat(64))).status, 201);
  });

  it("means nothing to operations that take none", async () => {
    const headers = { "idempotency-key": "a b" };
    assert.equal((await server.ask({ path: "/sessions", headers })).status, 200);
  });

  it("is there for the command line and the client", async () => {
    const words = ["new", "--idempotency-key", "cli", "--", "sleep", "1000"];
    const [one, other] = [await server.fleetty(words), await server.fleetty(words)];
    assert.deepEqual([one.code, other.code], [0, 0], one.stderr + other.stderr);
    assert.equal(one.stdout, other.stdout);
    using client = server.client();
    const options = { idempotencyKey: "client" };
    const made = await client.sessions.create({ command: "sleep 1000" }, options);
    assert.equal((await client.sessions.create({ command: "sleep 1000" }, options)).id, made.id);
    await assert.rejects(client.sessions.create({ command: "true" }, options), { code: "idempotency_conflict" });
    await assert.rejects(client.sessions.list({}, options), { code: "invalid_request" });
  });
});
