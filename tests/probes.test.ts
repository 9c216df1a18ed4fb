// What looks after a server sees: that it lives, whether it is ready, what it has counted, what it offers, and who asked.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { hubDb } from "./harness/audit.ts";
import { mcpOverStdio } from "./harness/mcp.ts";
import { kill } from "./harness/processes.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;

before(async () => {
  server = await startServer({ tcp: true, args: ["--access-log"] });
  await server.ask({ path: "/sessions", body: { name: "live", argv: ["cat"] } });
});

after(() => server[Symbol.asyncDispose]());

/** One sample, by its name with labels as it is written; undefined when there is none. */
async function sample(name: string): Promise<number | undefined> {
  const text = (await server.ask({ path: "/metrics" })).body.toString("utf8");
  const line = text.split("\n").find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

interface AccessLine {
  readonly request_id: string;
  readonly [member: string]: unknown;
}

function accessLines(): AccessLine[] {
  const lines = server.log.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
  return lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
}

describe("a probe", () => {
  it("hears without a token that the process lives and is ready", async () => {
    for (const path of ["/health", "/healthz"]) {
      assert.deepEqual((await server.askTcp({ path }, "")).json, { status: "ok" });
    }
    assert.deepEqual((await server.askTcp({ path: "/readyz" }, "")).json, { status: "ready" });
    const { code, stdout } = await server.fleetty(["ready"]);
    assert.deepEqual([code, stdout], [0, "status  ready\n"]);
  });

  it("finds health and readiness at the root beside a base prefix, and the rest below it only", async () => {
    await using prefixed = await startServer({ tcp: true, args: ["--base-prefix", "/x"] });
    for (const path of ["/health", "/healthz", "/readyz", "/x/health", "/x/healthz", "/x/readyz"]) {
      assert.equal((await prefixed.askTcp({ path }, "")).status, 200, path);
    }
    for (const path of ["/metrics", "/openapi", "/openapi.yaml"]) {
      assertRefused(await prefixed.askTcp({ path }), "not_found");
      assert.equal((await prefixed.askTcp({ path: `/x${path}` })).status, 200, path);
    }
  });

  it("hears that a server is not ready whose store cannot be written, and is ready when it can", async () => {
    using database = new DatabaseSync(hubDb(server));
    database.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END");
    await server.ask({ method: "DELETE", path: "/sessions/nobody" });
    const refused = assertRefused(await server.askTcp({ path: "/readyz" }, ""), "not_ready");
    assert.deepEqual(refused.details, { checks: { store: false, session_host: true } });
    assert.equal((await server.fleetty(["ready"])).code, 8);
    assert.equal((await server.ask({ path: "/health" })).status, 200);
    database.exec("DROP TRIGGER full");
    await waitUntil("it is ready", async () => (await server.ask({ path: "/readyz" })).status === 200);
  });

  it("hears that a server is not ready whose session host does not answer, and is ready when it does", async () => {
    const [host] = server.hosts();
    assert.ok(host);
    await server.stop();
    kill(host, "SIGSTOP");
    try {
      await server.start();
      const refused = assertRefused(await server.ask({ path: "/readyz" }), "not_ready");
      assert.deepEqual(refused.details, { checks: { store: true, session_host: false } });
    } finally {
      kill(host, "SIGCONT");
    }
    await waitUntil("it is ready", async () => (await server.ask({ path: "/readyz" })).status === 200);
  });
});

describe("the metrics", () => {
  it("count requests by operation and outcome, and nothing by name", async () => {
    const name = (code: string) => `fleetty_requests_total{operation="sessions.get",code="${code}"}`;
    const was = [(await sample(name("ok"))) ?? 0, (await sample(name("session_not_found"))) ?? 0] as const;
    for (const session of ["live", "live", "nobody"]) await server.ask({ path: `/sessions/${session}` });
    await waitUntil("all are counted", async () => (await sample(name("session_not_found"))) === was[1] + 1);
    assert.equal(await sample(name("ok")), was[0] + 2);
    assert.ok(((await sample('fleetty_request_seconds_count{operation="sessions.get"}')) ?? 0) >= 3);
    const text = (await server.ask({ path: "/metrics" })).body.toString("utf8");
    assert.ok(!text.includes("nobody") && !text.includes("live"), text);
  });

  it("count what a tool of MCP is refused by its code", async () => {
    const name = (code: string) => `fleetty_requests_total{operation="sessions.screen",code="${code}"}`;
    const was = [(await sample(name("ok"))) ?? 0, (await sample(name("session_not_found"))) ?? 0] as const;
    await using agent = await mcpOverStdio(server);
    for (const session of ["live", "nobody"]) await agent.call("get_screen", { session });
    await assert.rejects(agent.call("get_screen", { session: 7 }));
    await waitUntil("all are counted", async () => (await sample(name("invalid_body"))) === 1);
    assert.deepEqual([await sample(name("ok")), await sample(name("session_not_found"))], [was[0] + 1, was[1] + 1]);
  });

  it("tell sessions by state, viewers, what they were sent, and typing", async () => {
    await server.ask({ path: "/sessions", body: { argv: ["/bin/true"], name: "over" } });
    await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
    assert.equal(await sample('fleetty_sessions{state="running"}'), 1);
    assert.equal(await sample('fleetty_sessions{state="exited"}'), 1);
    assert.equal(await sample('fleetty_clients{kind="stream"}'), 0);
    const viewer = await RawViewer.open(server.socketPath, "live", { from: 0 });
    assert.equal(await sample('fleetty_clients{kind="stream"}'), 1);
    const typed = (await sample("fleetty_input_seconds_count")) ?? 0;
    const sent = (await sample("fleetty_output_bytes_total")) ?? 0;
    await server.ask({ path: "/sessions/live/input", body: "hello\n" });
    await viewer.until("it is echoed", ({ text }) => text.includes("hello"));
    await waitUntil("it is counted", async () => (await sample("fleetty_input_seconds_count")) === typed + 1);
    assert.ok(((await sample("fleetty_output_bytes_total")) ?? 0) >= sent + "hello".length);
    assert.equal(await sample('fleetty_gaps_total{stream="output"}'), undefined);
    await waitUntil("the audit is on disk", async () => (await sample("fleetty_audit_unwritten")) === 0);
    for (const one of ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"]) {
      assert.ok(((await sample(one)) ?? 0) > 0, one);
    }
    viewer.close();
  });

  it("are for callers only, and there for the command line", async () => {
    assertRefused(await server.askTcp({ path: "/metrics" }, ""), "auth_required");
    const { code, stdout } = await server.fleetty(["metrics"]);
    assert.equal(code, 0);
    assert.match(stdout, /^# HELP fleetty_requests_total/m);
  });
});

describe("the description of the API", () => {
  it("is the same in JSON, under its other name, in YAML, and on the command line", async () => {
    const { json } = await server.ask({ path: "/openapi.json" });
    assert.equal(json.openapi, "3.1.0");
    assert.deepEqual((await server.ask({ path: "/openapi" })).json, json);
    const yaml = await server.ask({ path: "/openapi.yaml" });
    assert.deepEqual(parse(yaml.body.toString("utf8")), json);
    assert.deepEqual(JSON.parse((await server.fleetty(["openapi"])).stdout), json);
    assert.deepEqual(parse((await server.fleetty(["openapi", "yaml"])).stdout), json);
    using client = server.client();
    assert.deepEqual(parse(await client.openapi.yaml()), json);
    assertRefused(await server.askTcp({ path: "/openapi.yaml" }, ""), "auth_required");
  });
});

describe("the access log", () => {
  const lineOf = (id: unknown) =>
    waitUntil("the request is logged", () => accessLines().find(({ request_id: one }) => one === id));

  it("has one line for each request: who, what, and how it came out", async () => {
    const answer = await server.askTcp({ path: "/sessions/nobody?server=local" });
    const { level: _, time: __, pid: ___, ms, ...line } = await lineOf(answer.headers["fleetty-request-id"]);
    assert.ok(Number(ms) >= 0);
    assert.deepEqual(line, {
      request_id: answer.headers["fleetty-request-id"],
      face: "http",
      method: "GET",
      path: "/sessions/nobody",
      query: ["server"],
      operation: "sessions.get",
      status: 404,
      code: "session_not_found",
      principal: "root",
      address: "127.0.0.1",
      msg: "request",
    });
  });

  it("has strangers and paths that are none", async () => {
    const stranger = await lineOf((await server.askTcp({ path: "/sessions" }, "")).headers["fleetty-request-id"]);
    assert.deepEqual([stranger["code"], stranger["principal"], stranger["status"]], ["auth_required", null, 401]);
    const nowhere = await lineOf((await server.ask({ path: "/nowhere" })).headers["fleetty-request-id"]);
    assert.deepEqual([nowhere["code"], nowhere["operation"]], ["not_found", null]);
  });

  it("has upgrades, made and refused", async () => {
    const upgrades = (code: string) => accessLines().filter((line) => line["face"] === "ws" && line["code"] === code);
    const viewer = await RawViewer.open(server.socketPath, "live", { from: 0 });
    viewer.close();
    await waitUntil("the upgrade is logged", () => upgrades("ok").some(({ status }) => status === 101));
    new RawViewer(server.socketPath, "nobody");
    await waitUntil("the refusal is logged", () => upgrades("session_not_found").length === 1);
  });

  it("has nothing of what stands in queries, and no token", async () => {
    const answer = await server.askTcp({ path: "/sessions?ticket=secret-ticket&token=secret-token&tag=secret-tag" });
    const { query } = await lineOf(answer.headers["fleetty-request-id"]);
    assert.deepEqual(query, ["ticket", "token", "tag"]);
    for (const secret of ["secret-ticket", "secret-token", "secret-tag", server.token]) {
      assert.equal(server.log.includes(secret), false, secret);
    }
  });

  it("is not written unless it is asked for", async () => {
    await using quiet = await startServer();
    await quiet.ask({ path: "/sessions" });
    assert.ok(!quiet.log.includes('"msg":"request"'));
  });
});
