// What programs written for the wsh API rely on, point by point, as they ask it: over their own socket, with the members that
// they know and others that they send in vain. Beside it stand, with stories of their own: waiting.test.ts and
// fleet-waiting.test.ts (idle), tickets.test.ts and access-rules.test.ts (credentials), scrollback.test.ts, highlights.test.ts
// (screens), elements.test.ts (overlays, panels, focus, screen mode), json-sockets.test.ts and json-subscriptions.test.ts
// (WebSockets), compat-mcp.test.ts, fleet.test.ts, fleet-lists.test.ts, fleet-faults.test.ts and
// cluster-orchestration.test.ts (several servers), and wsh.test.ts (the command).
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Answer, type Ask, ask } from "./harness/http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

/** Of a session, as these programs know it. */
const SESSION_MEMBERS = ["name", "pid", "command", "rows", "cols", "clients", "tags", "last_activity_ms", "server"];
const SCREEN_MEMBERS = [
  "epoch",
  "first_line_index",
  "total_lines",
  "lines",
  "cursor",
  "cols",
  "rows",
  "alternate_active",
];

let server: TestServer;
const say = (asked: Ask): Promise<Answer> => ask({ socketPath: server.compatSocketPath }, asked);
const create = (body: object) => say({ path: "/sessions", body });
const remove = (name: string) => say({ method: "DELETE", path: `/sessions/${name}` });
const names = async (query: string) =>
  (await say({ path: `/sessions${query}` })).json.map(({ name }: { name: string }) => name);

before(async () => {
  server = await startServer({ tcp: true, args: ["--hostname", "hub-1"] });
});
after(() => server[Symbol.asyncDispose]());

function assertHas(value: object, members: readonly string[]): void {
  for (const member of members) assert.ok(member in value, `${member} is not in ${JSON.stringify(value)}`);
}

/** Prints, and stays. */
async function startPrinting(name: string, text: string): Promise<void> {
  const argv = ["/bin/sh", "-c", `printf '${text}'; exec cat`];
  assert.equal((await create({ name, argv })).status, 201);
  const until = { pattern: { regex: "over", on: "screen" } };
  assert.equal((await say({ path: `/sessions/${name}/wait`, body: { until } })).json.reason, "pattern");
}

describe("sessions", () => {
  it("are made with 201, by numbers where they have no names, and what is not known is ignored by name", async () => {
    const first = await create({ command: "cat", color: "always" });
    const second = await create({ command: "cat" });
    assert.deepEqual([first.status, first.json.name, second.json.name], [201, "0", "1"]);
    assert.equal(first.headers["fleetty-ignored"], "color");
    assertHas(first.json, SESSION_MEMBERS);
    assert.deepEqual([first.json.rows, first.json.cols, first.json.command], [24, 80, "cat"]);
    for (const name of ["0", "1"]) assert.equal((await remove(name)).status, 204);
  });

  it("have one name each while they live, tags in order, and are listed by any of them", async () => {
    const build = await create({ name: "build", argv: ["/bin/cat"], tags: ["web", "ci", "ci"] });
    assert.deepEqual(build.json.tags, ["ci", "web"]);
    assert.equal((await create({ name: "unit", argv: ["/bin/cat"], tags: ["nightly"] })).status, 201);
    assertRefused(await create({ name: "build", argv: ["/bin/cat"] }), "session_name_conflict");
    assert.deepEqual(await names("?tag=ci,nightly"), ["build", "unit"]);
    assert.deepEqual(
      [await names("?tag=ci"), await names("?tag="), await names("?tag=other")],
      [["build"], ["build", "unit"], []],
    );
    const renamed = await say({ method: "PATCH", path: "/sessions/build", body: { name: "built" } });
    assert.deepEqual([renamed.status, renamed.json.name, renamed.json.tags], [200, "built", ["ci", "web"]]);
    assertRefused(await say({ path: "/sessions/build" }), "session_not_found");
    for (const name of ["built", "unit"]) {
      assert.equal((await remove(name)).status, 204);
      assertRefused(await remove(name), "session_not_found");
    }
  });
});

describe("what is shown", () => {
  it("has spans with what is set alone, colours by number and by value, and no line for a blank one", async () => {
    await startPrinting("paint", "\\033[1;31mred\\033[0;38;5;200mpink\\033[38;2;1;2;3mdark\\033[0m none\\n\\nover");
    const { json } = await say({ path: "/sessions/paint/screen" });
    assertHas(json, SCREEN_MEMBERS);
    assert.equal(json.lines.length, 24);
    assert.deepEqual(json.lines.slice(0, 3), [
      [
        { text: "red", fg: { indexed: 1 }, bold: true },
        { text: "pink", fg: { indexed: 200 } },
        { text: "dark", fg: { rgb: { r: 1, g: 2, b: 3 } } },
        { text: " none" },
      ],
      [],
      [{ text: "over" }],
    ]);
    const plain = await say({ path: "/sessions/paint/screen?format=plain" });
    assert.deepEqual(plain.json.lines.slice(0, 3), ["redpinkdark none", "", "over"]);
    assertRefused(await say({ path: "/sessions/paint/screen?format=html" }), "invalid_format");
    await remove("paint");
  });

  it("is read from its oldest line on, to beyond its end, as far as one likes", async () => {
    await startPrinting("long", `${Array.from({ length: 40 }, (_, at) => `line ${at}\\n`).join("")}over`);
    const lines = async (query: string) => (await say({ path: `/sessions/long/scrollback?format=plain${query}` })).json;
    const { json: screen } = await say({ path: "/sessions/long/screen?format=plain" });
    assert.deepEqual([screen.total_lines, screen.first_line_index, screen.lines[0]], [41, 17, "line 17"]);
    assert.deepEqual((await lines("&offset=0&limit=2")).lines, ["line 0", "line 1"]);
    assert.equal((await lines("")).lines.length, 41);
    assert.equal((await lines("&limit=1000000")).lines.at(-1), "over");
    const { lines: none, total_lines: total, offset } = await lines("&offset=1000");
    assert.deepEqual([none, total, offset], [[], 41, 1000]);
    await remove("long");
  });
});

describe("quiet", () => {
  const idle = (query: string, path = "/sessions/calm/idle") => say({ path: `${path}?format=plain&${query}` });

  before(() => startPrinting("calm", "over"));
  after(() => remove("calm"));

  it("is said at once where it is, and again under its older name", async () => {
    const { status, json } = await idle("timeout_ms=0");
    assert.equal(status, 200);
    assertHas(json, ["screen", "scrollback_lines", "generation"]);
    const older = await idle("timeout_ms=0", "/sessions/calm/quiesce");
    assert.deepEqual(
      [older.status, older.json.generation, older.json.screen.lines],
      [200, json.generation, json.screen.lines],
    );
  });

  it("is waited for anew after the generation that was seen, and not after any other", async () => {
    const { generation } = (await idle("timeout_ms=0")).json;
    const after = (seen: number) => idle(`timeout_ms=0&max_wait_ms=0&last_generation=${seen}`);
    assertRefused(await after(generation), "idle_timeout");
    for (const seen of [generation - 1, generation + 1]) assert.equal((await after(seen)).status, 200);
  });

  it("is refused with 408 when it does not come in time, and asked for too long is cut, not refused", async () => {
    assertRefused(await idle("timeout_ms=999999999&max_wait_ms=0"), "idle_timeout");
    assertRefused(await idle("timeout_ms=1&fresh=true&max_wait_ms=0"), "idle_timeout");
    assertRefused(await idle("max_wait_ms=0"), "invalid_query");
  });

  it("is that of any of many, each once until it moves, and of nobody where nobody matches", async () => {
    for (const path of ["/idle", "/quiesce"]) {
      const { status, json } = await idle("timeout_ms=0", path);
      assert.deepEqual([status, json.session, json.server], [200, "calm", "hub-1"]);
      const seen = `last_session=calm&last_generation=${json.generation}`;
      assertRefused(await idle(`timeout_ms=0&max_wait_ms=0&${seen}`, path), "idle_timeout");
      assertRefused(await idle("timeout_ms=0&tag=nobody", path), "no_sessions");
    }
  });
});

describe("servers", () => {
  const TOKEN = "of-that-server-alone";

  it("begin with the one that is asked, take others by their addresses, and never show a token", async () => {
    const added = await say({ path: "/servers", body: { address: "http://127.0.0.1:1", token: TOKEN } });
    assert.deepEqual([added.status, added.json.health], [201, "connecting"]);
    const { json: all } = await say({ path: "/servers" });
    assert.deepEqual(
      [all[0].hostname, all[0].address, all[0].health, all[0].role],
      ["hub-1", "local", "healthy", "member"],
    );
    assertHas(all[1], ["hostname", "address", "health", "role", "server_id", "sessions"]);
    assertRefused(
      await say({ path: "/servers", body: { address: "HTTP://127.0.0.1:1/" } }),
      "server_already_registered",
    );
    for (const address of [
      "127.0.0.1:7337",
      "ftp://web-1",
      "http://",
      "http://0.0.0.0:1",
      "http://u:p@web-1",
      undefined,
    ])
      assertRefused(await say({ path: "/servers", body: { address } }), "invalid_request");
    assertRefused(await say({ path: "/servers/nobody" }), "server_not_found");
    const { id } = all[1];
    assertRefused(await create({ server: id, argv: ["/bin/cat"] }), "server_unavailable");
    assert.ok(!JSON.stringify([added.json, all, (await say({ path: `/servers/${id}` })).json]).includes(TOKEN));
    assert.equal((await say({ method: "DELETE", path: `/servers/${id}` })).status, 204);
    assertRefused(await say({ method: "DELETE", path: "/servers/hub-1" }), "server_not_found");
  });

  it("are never stopped in the place of another", async () => {
    const stop = { method: "POST", path: "/server/shutdown" } as const;
    assertRefused(await say({ ...stop, body: { server: "web-1", end_sessions: true } }), "invalid_request");
    assertRefused(await say({ ...stop, path: "/server/shutdown?server=web-1" }), "invalid_request");
    assertRefused(await say({ path: "/server/token?server=web-1" }), "invalid_request");
    assert.equal((await say({ path: "/server/token?server=local" })).json.token, server.token);
  });

  it("are this one by its own name", async () => {
    const made = await create({ name: "here", server: "hub-1", argv: ["/bin/cat"] });
    assert.deepEqual([made.status, made.json.server], [201, "hub-1"]);
    assert.equal((await say({ path: "/sessions/here?server=hub-1" })).json.id, made.json.id);
    await remove("here");
  });
});

describe("a credential", () => {
  it("is wanted over TCP and not on the socket, and never read from an address", async () => {
    const sessions = { path: "/sessions" };
    assert.equal((await say(sessions)).status, 200);
    assertRefused(await server.askTcp(sessions, ""), "auth_required");
    assertRefused(await server.askTcp(sessions, "wrong"), "auth_invalid");
    assertRefused(await server.askTcp({ path: `/sessions?token=${server.token}` }, ""), "auth_required");
    assert.equal((await server.askTcp(sessions)).status, 200);
    assert.deepEqual((await server.askTcp({ path: "/health" }, "")).json, { status: "ok" });
    const { json } = await server.askTcp({ method: "POST", path: "/auth/ws-ticket" });
    assert.match(json.ticket, /^[A-Za-z0-9]{32}$/);
  });
});
