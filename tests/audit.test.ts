// Who did what: every change is in the audit on disk before its answer is heard, attempts without the right too, and nothing
// that is typed or secret ever is.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { type AuditRow, auditOf, hubDb } from "./harness/audit.ts";
import type { Answer } from "./harness/http.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;

before(async () => {
  server = await startServer({ tcp: true });
});

after(() => server[Symbol.asyncDispose]());

/** The entries of one request, as they are at this moment. */
function entriesOf({ headers }: Answer): AuditRow[] {
  return auditOf(server).filter(({ request_id: id }) => id === headers["fleetty-request-id"]);
}

function create(name: string, more: object = {}): Promise<Answer> {
  return server.ask({ path: "/sessions", body: { name, argv: ["sleep", "1000"], ...more } });
}

describe("the audit", () => {
  it("has a change on disk when its answer is heard: who, when, from where, what, and how it came out", async () => {
    const startedAt = new Date().toISOString();
    const created = await server.askTcp({
      path: "/sessions",
      body: { name: "one", argv: ["sleep", "1000"], tags: ["ci"], rows: 30, env: { A: "b" } },
    });
    const [entry, ...more] = entriesOf(created);
    assert.ok(entry && more.length === 0);
    const { seq: _, at, request_id: __, ...rest } = entry;
    assert.ok(at >= startedAt && at <= new Date().toISOString(), at);
    assert.deepEqual(rest, {
      principal: "root",
      kind: "human",
      face: "http",
      address: "127.0.0.1",
      operation: "sessions.create",
      session: "one",
      session_id: created.json.id,
      outcome: "ok",
      detail: JSON.stringify({ name: "one", argv: ["sleep", "1000"], tags: ["ci"] }),
    });
  });

  it("has a change that was refused, with the code of the refusal", async () => {
    await create("two");
    const [entry] = entriesOf(await create("two"));
    assert.deepEqual([entry?.outcome, entry?.session, entry?.session_id], ["session_name_conflict", null, null]);
    const [killed] = entriesOf(await server.ask({ method: "DELETE", path: "/sessions/nobody" }));
    assert.deepEqual(
      [killed?.operation, killed?.outcome, killed?.session],
      ["sessions.kill", "session_not_found", "nobody"],
    );
  });

  it("has attempts at what the caller has no right to", async () => {
    const answer = await server.askTcp({ path: "/server/shutdown", body: {} });
    assert.equal(answer.status, 403);
    const [entry] = entriesOf(answer);
    assert.deepEqual([entry?.operation, entry?.outcome, entry?.face], ["server.shutdown", "forbidden", "http"]);
  });

  it("has nothing of who only looks", async () => {
    await create("seen");
    for (const path of ["/sessions", "/sessions/seen", "/sessions/seen/screen", "/server/info", "/sessions/nobody"]) {
      assert.deepEqual(entriesOf(await server.ask({ path })), [], path);
    }
    assert.deepEqual(entriesOf(await server.ask({ path: "/sessions/seen/wait", body: { max_wait_ms: 0 } })), []);
  });

  it("has that somebody typed, over HTTP each time and over a stream once for a while", async () => {
    const { json } = await create("typed", { argv: ["cat"] });
    const answer = await server.ask({ path: "/sessions/typed/input", body: "secret-of-http" });
    await waitUntil("the input is in the audit", () => entriesOf(answer).length === 1);
    const viewer = await RawViewer.open(server.socketPath, "typed", { from: 0 });
    for (const number of [1, 2, 3]) viewer.type(number, "secret-of-stream");
    await viewer.until("all is typed", ({ texts }) => texts.some(({ upto }) => upto === 3));
    const typed = () =>
      auditOf(server).filter(({ face, operation }) => face === "ws" && operation === "sessions.input");
    await waitUntil("the typing is in the audit", () => typed().length > 0);
    assert.deepEqual(
      typed().map(({ session_id: id, outcome, detail }) => [id, outcome, detail]),
      [[json.id, "ok", "{}"]],
    );
    viewer.close();
  });

  it("holds nothing that was typed, nothing of an environment and no token", async () => {
    await create("quiet", { env: { PASSWORD: "secret-of-environment" } });
    await waitUntil("what was typed before is in files", () => auditOf(server).some(({ face }) => face === "ws"));
    const files = globSync(join(server.stateDir, "hub.db*"));
    const bytes = Buffer.concat(files.map((file) => readFileSync(file)));
    for (const secret of ["secret-of-http", "secret-of-stream", "secret-of-environment", server.token]) {
      for (const form of [secret, Buffer.from(secret).toString("base64").replace(/=+$/, "")]) {
        assert.equal(bytes.includes(form), false, form);
      }
    }
    assert.ok(bytes.includes("sessions.create"));
  });

  it("survives the death of the server", async () => {
    const answer = await create("before-the-crash");
    await server.kill();
    await server.start();
    assert.equal(entriesOf(answer).length, 1);
  });

  it("holds no change back while its disk refuses, and writes it when there is room again", async () => {
    await create("doomed");
    using database = new DatabaseSync(hubDb(server));
    database.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    const answer = await server.ask({ method: "DELETE", path: "/sessions/doomed" });
    assert.equal(answer.status, 204);
    assert.deepEqual(entriesOf(answer), []);
    assert.match(server.log, /the audit cannot be written/);
    database.exec("DROP TRIGGER full");
    await waitUntil("the entry is written", () => entriesOf(answer).length === 1);
  });
});
