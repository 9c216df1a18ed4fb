// The life of a session over HTTP, through the real binary.
import assert from "node:assert/strict";
import { it } from "node:test";
import { startServer } from "./harness/server.ts";

it("a session is created, typed into, waited for, read and ended", async () => {
  await using server = await startServer();
  const created = await server.ask({
    path: "/sessions",
    body: { name: "build", tags: ["nightly", "ci", "ci"], cols: 100 },
  });
  assert.equal(created.status, 201);
  assert.deepEqual([created.json.name, created.json.tags, created.json.cols], ["build", ["ci", "nightly"], 100]);

  const typed = await server.ask({ path: "/sessions/build/input", body: "echo he''llo; exit 3\n" });
  assert.equal(typed.status, 200);
  const waited = await server.ask({
    path: "/sessions/build/wait",
    body: { since: typed.json, until: { pattern: { regex: "^hello$", on: "output" } } },
  });
  assert.deepEqual([waited.json.reason, waited.json.match.text, waited.json.timed_out], ["pattern", "hello", false]);

  const ended = await server.ask({ path: "/sessions/build/wait", body: { until: { exit: true } } });
  assert.deepEqual([ended.json.reason, ended.json.confidence, ended.json.exit_code], ["exit", "exact", 3]);
  const screen = await server.ask({ path: "/sessions/build/screen?format=plain" });
  assert.ok(screen.json.lines.includes("hello"), JSON.stringify(screen.json.lines));
  const output = await server.ask({ path: "/sessions/build/output" });
  assert.match(output.json.text, /\nhello\n/);

  assert.equal((await server.ask({ method: "DELETE", path: "/sessions/build" })).status, 204);
  assert.equal((await server.ask({ path: "/sessions/build" })).json.error.code, "session_not_found");
});
