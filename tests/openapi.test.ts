// Holds what the server really answers to what the operation table says that it answers, and to the OpenAPI document that it
// serves, which is read with the tools of strangers.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { openapiDocument } from "@fleetty/protocol/openapi";
import { type AnyOperation, type OperationName, operations, statusOf } from "@fleetty/protocol/operations";
import { Validator } from "@seriousme/openapi-schema-validator";
import { writeConfig } from "./harness/config.ts";
import { DescribedAnswers } from "./harness/described-answers.ts";
import { type ElementOperation, elementAsk } from "./harness/elements.ts";
import type { Answer, Ask } from "./harness/http.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { StrictOutputs } from "./harness/strict-outputs.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** All but streams, which answer in frames. */
type Answering = Exclude<OperationName, "sessions.watch" | "sessions.socket" | "fleet.socket">;

/**
 * Requests to each operation that together show every form of its answer. `live` prints "ready" in colour and stays, `over`
 * has ended; `server.shutdown` is asked last, and what needs a ticket or the id of something made has a test of
 * its own.
 */
const asks: Record<
  Exclude<
    Answering,
    | "server.shutdown"
    | "auth.session"
    | "auth.session_end"
    | "tokens.remove"
    | "servers.join_code_revoke"
    | "sessions.lease"
    | "sessions.lease_release"
    | ElementOperation
  >,
  () => readonly Ask[]
> = {
  "health.get": () => [{ path: "/health" }],
  "openapi.get": () => [{ path: "/openapi.json" }],
  "openapi.yaml": () => [{ path: "/openapi.yaml" }],
  "ready.get": () => [{ path: "/readyz" }],
  "metrics.get": () => [{ path: "/metrics" }],
  "server.info": () => [{ path: "/server/info" }, { path: "/server/info?server=local" }],
  "docs.get": () => [{ path: "/docs" }],
  "server.persist_get": () => [{ path: "/server/persist" }, { path: "/server/persist?server=local" }],
  "server.persist": () => [{ method: "PUT", path: "/server/persist", body: { persistent: true } }],
  "server.token": () => [{ path: "/server/token" }],
  "server.token_rotate": () => [{ method: "POST", path: "/server/token" }],
  "server.reload": () => {
    writeConfig(server.home, "");
    return [{ method: "POST", path: "/server/reload-config" }];
  },
  "auth.ws_ticket": () => [{ method: "POST", path: "/auth/ws-ticket" }],
  "auth.login_ticket": () => [{ path: "/auth/login-ticket", body: {} }],
  "auth.whoami": () => [{ path: "/auth/session" }],
  "tokens.create": () => [
    { path: "/tokens", body: { name: "ci", verbs: ["observe"] } },
    {
      path: "/tokens",
      body: { name: "web", kind: "human", verbs: ["input"], on: "@env=a", tags: ["t"], expires_in_ms: 60_000 },
    },
  ],
  "presets.list": () => [{ path: "/presets" }, { path: "/presets?limit=1" }],
  "tokens.list": () => [{ path: "/tokens" }, { path: "/tokens?limit=1" }],
  "servers.add": () => [
    // Nobody listens on port 1.
    { path: "/servers", body: { address: "http://127.0.0.1:1/x", name: "far", labels: { role: "web", zone: "" } } },
    { path: "/servers", body: { address: "http://127.0.0.1:1/y", token: "not a token of anybody" } },
  ],
  "servers.list": () => [{ path: "/servers" }],
  "servers.get": () => [
    { path: "/servers/far" },
    { path: "/servers/local" },
    { path: `/servers/${encodeURIComponent("http://127.0.0.1:1/y")}` },
  ],
  "servers.capabilities": () => [{ path: "/servers/local/capabilities" }],
  "servers.resolve": () => [
    { path: "/servers/resolve", body: { on: "*" } },
    { path: "/servers/resolve", body: { on: "@role=web,!local nobody-[1-3]" } },
  ],
  "servers.update": () => [
    { method: "PATCH", path: "/servers/far", body: {} },
    {
      method: "PATCH",
      path: "/servers/far",
      body: { name: "farther", cordoned: true, draining: false, token: null, labels: { zone: null, a: "b" } },
    },
  ],
  "servers.approve": () => [{ path: "/servers/farther/approve", body: {} }],
  "servers.revoke": () => [{ method: "POST", path: `/servers/${encodeURIComponent("http://127.0.0.1:1/y")}/revoke` }],
  "servers.join_code": () => [
    { path: "/servers/join-codes", body: {} },
    { path: "/servers/join-codes", body: { name: "joined", labels: { a: "b" }, ttl_ms: 1_000, approve: true } },
  ],
  "servers.remove": () => [{ method: "DELETE", path: "/servers/farther" }],
  "events.stream": () => [
    ...["max_wait_ms=0", "cursor=oldest", "cursor=oldest&limit=1&types=session.", "cursor=ev_00000000_1"].map(
      (query) => ({
        path: `/events?${query}`,
        headers: { accept: "application/json" },
      }),
    ),
  ],
  "sessions.create": () => [
    { path: "/sessions", body: {} },
    { path: "/sessions", body: { time_limit_ms: 60_000, idle_exit_ms: 9_007_199_254_740_991 } },
    {
      path: "/sessions",
      body: { name: "made", argv: ["/bin/true"], tags: ["b", "a"], cols: 100, env: { A: "b" }, cwd: "/" },
    },
  ],
  "sessions.list": () => [
    { path: "/sessions" },
    { path: "/sessions?include=exited" },
    { path: "/sessions?tag=nobody" },
    { path: "/sessions?on=*&include=exited,unreachable&envelope=1&limit=1&deadline_ms=5000" },
  ],
  "sessions.get": () => [{ path: "/sessions/live" }, { path: "/sessions/over?include=unreachable" }],
  "sessions.update": () => [
    { method: "PATCH", path: "/sessions/live", body: {} },
    { method: "PATCH", path: "/sessions/live", body: { name: "lively", add_tags: ["b", "a"], remove_tags: ["b"] } },
    { method: "PATCH", path: "/sessions/lively", body: { name: "live", remove_tags: ["a"] } },
    { method: "PATCH", path: "/sessions/over", body: { add_tags: ["a"] } },
  ],
  "sessions.input": () => [
    { path: "/sessions/live/input", body: "x" },
    { method: "POST", path: "/sessions/live/input" },
    { path: "/sessions/live/input?input_id=a1&client=c", body: "x" },
    { path: "/sessions/live/input?input_id=a2", body: "x" },
    { path: "/sessions/live/input?input_id=a2", body: "x" },
  ],
  "sessions.keys": () => [
    { path: "/sessions/live/keys", body: { keys: ["Up", { key: "C-a" }, { text: "x" }], repeat: 2, input_id: "k1" } },
    { path: "/sessions/live/keys", body: { keys: ["Up", { key: "C-a" }, { text: "x" }], repeat: 2, input_id: "k1" } },
  ],
  "sessions.paste": () => [
    { path: "/sessions/live/paste", body: { text: "one\ntwo" } },
    { path: "/sessions/live/paste", body: { text: "", enter: true, bracketed: "never", input_id: "p1" } },
    { path: "/sessions/live/paste", body: { text: "", enter: true, bracketed: "never", input_id: "p1" } },
  ],
  "sessions.signal": () => [
    { path: "/sessions/live/signal", body: { signal: "CONT" } },
    { path: "/sessions/live/signal", body: { signal: "SIGWINCH", to: "session" } },
  ],
  "sessions.secret": () => [
    { path: "/sessions/asking/secret", body: { value: "hunter2", enter: false } },
    { path: "/sessions/asking/secret", body: { name: "told", wait_ms: 1_000, input_id: "s1" } },
    { path: "/sessions/asking/secret", body: { name: "told", wait_ms: 1_000, input_id: "s1" } },
  ],
  "sessions.resize": () => [
    { path: "/sessions/live/resize", body: { rows: 10, cols: 40 } },
    { path: "/sessions/live/resize", body: { rows: 0, cols: 60_000 } },
  ],
  "sessions.screen": () => [
    ...["live", "over"].flatMap((name) =>
      ["", "?format=plain", "?format=styled", "?since_epoch=0", "?since_epoch=999999", "?highlights=1"].map(
        (query) => ({
          path: `/sessions/${name}/screen${query}`,
        }),
      ),
    ),
  ],
  "sessions.scrollback": () => [
    ...["live", "over"].flatMap((name) =>
      ["", "?format=plain", "?offset=-3&limit=2", "?offset=999999", "?limit=0", "?limit=999999"].map((query) => ({
        path: `/sessions/${name}/scrollback${query}`,
      })),
    ),
  ],
  "sessions.output": () => [
    ...["live", "over"].flatMap((name) =>
      ["", "?format=base64", "?from=-3", "?from=1&to=3", "?from=999999", "?max_bytes=1"].map((query) => ({
        path: `/sessions/${name}/output${query}`,
      })),
    ),
  ],
  "sessions.idle": () => [
    { path: "/sessions/live/idle?timeout_ms=0" },
    { path: "/sessions/live/idle?timeout_ms=0&format=plain" },
    { path: "/sessions/over/idle?timeout_ms=0" },
  ],
  "sessions.wait": () => [
    ...["live", "over"].flatMap((name) =>
      [
        {},
        { until: { idle: { timeout_ms: 0 } }, screen: "styled" },
        { until: { pattern: { regex: "r(e)(x)?", on: "output" } }, since: { offset: 0 }, screen: { since_epoch: 0 } },
        { until: { pattern: { regex: "ready", on: "screen" } }, screen: "plain" },
        { until: { pattern: { regex: "never", on: "output" } }, since: { offset: 0 } },
        { until: { command: true, attention: ["working", "unknown"] }, since: { generation: 0 } },
      ].map((body) => ({ path: `/sessions/${name}/wait`, body: { ...body, max_wait_ms: 0 } })),
    ),
  ],
  "sessions.run": () => [
    { path: "/sessions/shell/run", body: { command: "echo one" } },
    {
      path: "/sessions/shell/run",
      body: { command: "echo two; false", max_bytes: 2, screen: "plain", input_id: "r1" },
    },
    {
      path: "/sessions/shell/run",
      body: { command: "echo two; false", max_bytes: 2, screen: "plain", input_id: "r1" },
    },
    { path: "/sessions/shell/run", body: { command: "read x", screen: "styled" } },
  ],
  "sessions.explain": () => ["live", "over", "shell"].map((name) => ({ path: `/sessions/${name}/explain` })),
  "sessions.idle_any": () => [
    { path: "/idle?timeout_ms=0" },
    { path: "/idle?timeout_ms=0&format=plain&server=local&fresh=true" },
  ],
  "fleet.wait": () => [
    { path: "/wait", body: { select: { on: "*" }, max_wait_ms: 0, coalesce_ms: 0 } },
    {
      path: "/wait",
      body: {
        select: { sessions: ["over", "live"] },
        until: { idle: { timeout_ms: 0 } },
        mode: "all",
        screen: "plain",
      },
    },
  ],
  "secrets.set": () => [
    { method: "PUT", path: "/secrets/told", body: { value: "hunter2" } },
    { method: "PUT", path: "/secrets/told", body: { value: "hunter2", tags: ["ci"], prompt: "^Password" } },
  ],
  "secrets.list": () => [{ path: "/secrets" }, { path: "/secrets?server=local&limit=1" }],
  "secrets.remove": () => [{ method: "DELETE", path: "/secrets/told" }],
  "sessions.detach": () => [
    { method: "POST", path: "/sessions/live/detach" },
    { path: "/sessions/over/detach", body: {} },
  ],
  "sessions.kill": () => [
    { method: "DELETE", path: "/sessions/live" },
    { method: "DELETE", path: "/sessions/over" },
  ],
};

let server: TestServer;
let outputs: StrictOutputs;
let described: DescribedAnswers;

before(async () => {
  server = await startServer({ tcp: true });
  outputs = await StrictOutputs.of(Object.values(operations));
  described = new DescribedAnswers((await server.ask({ path: "/openapi.json" })).json);
  const program = resolve(import.meta.dirname, "programs/read-nothing");
  const colour = `printf '\\033[1;31mred \\033[38;2;1;2;3mand \\033[44mready\\033[m'; exec ${program}`;
  await server.ask({ path: "/sessions", body: { name: "live", argv: ["/bin/sh", "-c", colour], tags: ["ci"] } });
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/sh", "-c", "printf ready; kill -9 $$"] } });
  await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
  await server.ask({ path: "/sessions", body: { name: "shell", argv: ["bash"] } });
  const asking = ["/bin/sh", "-c", `${resolve(import.meta.dirname, "programs/ask-password")}; exec cat`];
  await server.ask({ path: "/sessions", body: { name: "asking", argv: asking } });
  await server.ask({ method: "PUT", path: "/secrets/told", body: { value: "hunter2" } });
  const asked = { pattern: { regex: "Password", on: "screen" } };
  assert.equal((await server.ask({ path: "/sessions/asking/wait", body: { until: asked } })).json.reason, "pattern");
  const until = { pattern: { regex: "readyready", on: "screen" } };
  assert.equal((await server.ask({ path: "/sessions/live/wait", body: { until } })).json.reason, "pattern");
});

after(() => server[Symbol.asyncDispose]());

async function assertAsTheTableSays(row: AnyOperation, answer: Answer, asked: Ask): Promise<void> {
  const seen = `${JSON.stringify(asked)}: ${answer.status} ${answer.body.toString("utf8").slice(0, 500)}`;
  assert.equal(answer.status, statusOf(row, Object(asked.body)), seen);
  if (row.text) assert.equal(answer.headers["content-type"], row.text.mediaType, seen);
  const problem = outputs.problem(row.name, row.text ? answer.body.toString("utf8") : answer.json);
  assert.equal(problem, null, `${seen}\n${problem}`);
  described.check(row.name, answer);
  if (row.status === 204) assert.equal(answer.body.byteLength, 0);
}

describe("what the server answers", () => {
  for (const [name, requests] of Object.entries(asks)) {
    it(`to ${name} is what the table says`, async () => {
      for (const asked of requests()) {
        await assertAsTheTableSays(operations[name as Answering], await server.ask(asked), asked);
      }
    });
  }

  it("to a browser that logs in and out is what the table says", async () => {
    const { json: login } = await server.ask({ method: "POST", path: "/auth/login-ticket" });
    const asked = { path: "/auth/session", body: { ticket: login.ticket } };
    const answer = await server.askTcp(asked, "");
    await assertAsTheTableSays(operations["auth.session"], answer, asked);
    const whoami = { path: "/auth/session" };
    await assertAsTheTableSays(operations["auth.whoami"], await server.askTcp(whoami, answer.json.token), whoami);
    const end = { method: "DELETE", path: "/auth/session" };
    await assertAsTheTableSays(operations["auth.session_end"], await server.askTcp(end, answer.json.token), end);
  });

  it("to tokens.remove is what the table says", async () => {
    const { json: made } = await server.ask({ path: "/tokens", body: { name: "gone", verbs: ["observe"] } });
    const asked = { method: "DELETE", path: `/tokens/${made.id}` };
    await assertAsTheTableSays(operations["tokens.remove"], await server.ask(asked), asked);
  });

  it("to a lease from its taking to its release is what the table says", async () => {
    await server.ask({ path: "/sessions", body: { name: "leased", argv: ["/bin/cat"] } });
    const lease = async (body: object) => {
      const asked = { path: "/sessions/leased/lease", body };
      const answer = await server.ask(asked);
      await assertAsTheTableSays(operations["sessions.lease"], answer, asked);
      return answer.json.id as string;
    };
    await lease({});
    const id = await lease({ ttl_ms: 600_000, kind: "human", take_over: true });
    assert.equal(await lease({ lease: id }), id);
    const asked = { path: "/sessions/leased" };
    await assertAsTheTableSays(operations["sessions.get"], await server.ask(asked), asked);
    // Again, when it is there no more.
    for (let once = 0; once < 2; once += 1) {
      const release = { method: "DELETE", path: `/sessions/leased/lease?lease=${id}` };
      await assertAsTheTableSays(operations["sessions.lease_release"], await server.ask(release), release);
    }
  });

  it("about overlays, panels and modes is what the table says", async () => {
    await server.ask({ path: "/sessions", body: { name: "painted", argv: ["/bin/cat"] } });
    const asks = async (name: ElementOperation, asked: Ask) => {
      const answer = await server.ask(asked);
      await assertAsTheTableSays(operations[name], answer, asked);
      return answer.json?.id as string;
    };
    const plainly = (name: ElementOperation, id?: string) => asks(name, elementAsk(name, "painted", id));
    const look = { fg: "red", bg: { r: 1, g: 2, b: 3 }, bold: true, italic: true, underline: true, id: "a" };
    const more = { z: -3, focusable: true, background: { bg: "blue" }, spans: [{ text: "x", ...look }] };
    const made = { overlays: { x: 0, y: 0, width: 9, height: 1 }, panels: { position: "top", height: 1 } };
    await plainly("sessions.enter_alt");
    for (const kind of ["overlays", "panels"] as const) {
      const path = `/sessions/painted/${kind.slice(0, -1)}`;
      const id = await asks(`sessions.${kind}.create`, { path, body: { ...made[kind], ...more } });
      await plainly(`sessions.${kind}.create`);
      for (const word of ["spans", "write", "get", "patch", "replace", "list"] as const)
        await plainly(`sessions.${kind}.${word}`, id);
      for (const name of ["focus", "focus_get", "unfocus"] as const) await plainly(`sessions.${name}`, id);
      await plainly(`sessions.${kind}.remove`, id);
      await plainly(`sessions.${kind}.clear`);
    }
    const modes = ["exit_alt", "screen_mode", "capture", "input_mode", "focus_get", "release"] as const;
    for (const name of modes) await plainly(`sessions.${name}`);
  });

  it("to a join code that is taken back is what the table says", async () => {
    const { json: made } = await server.ask({ path: "/servers/join-codes", body: {} });
    const asked = { method: "DELETE", path: `/servers/join-codes/${made.id}` };
    await assertAsTheTableSays(operations["servers.join_code_revoke"], await server.ask(asked), asked);
  });

  it("about its own interface is the document of the table", async () => {
    const { json: info } = await server.ask({ path: "/server/info" });
    const { json } = await server.askTcp({ path: "/openapi.json" });
    assert.deepEqual(json, JSON.parse(JSON.stringify(await openapiDocument(info.version))));
    assert.deepEqual(await new Validator().validate(json), { valid: true });
  });

  it("when it refuses is what the document describes", async () => {
    const refused: readonly [string, Ask][] = [
      ["sessions.get", { path: "/sessions/nobody" }],
      ["sessions.screen", { path: "/sessions/live/screen?format=x" }],
      ["sessions.create", { path: "/sessions", body: { name: "live" } }],
      ["sessions.create", { path: "/sessions", body: "x" }],
      ["tokens.create", { path: "/tokens", body: {} }],
      ["sessions.idle", { path: "/sessions/live/idle?timeout_ms=1&fresh=true&max_wait_ms=0" }],
      ["sessions.watch", { path: "/sessions/live/ws/raw" }],
    ];
    for (const [operation, asked] of refused) described.check(operation, await server.ask(asked));
    described.check("sessions.list", await server.askTcp({ path: "/sessions" }, ""));
    described.check("sessions.list", await server.askTcp({ path: "/sessions" }, "wrong"));
  });

  it("to server.shutdown is what the table says", async () => {
    const asked = { path: "/server/shutdown", body: {} };
    await assertAsTheTableSays(operations["server.shutdown"], await server.ask(asked), asked);
    await waitUntil("the server has stopped", async () => !(await server.answers()));
    await server.stop();
  });
});
