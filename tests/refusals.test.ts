// Which names, tags, members and values operations refuse, through the real binary: over the unix socket and over TCP, in one
// form, with nothing changed. That every declared refusal is there is held by refusals-declared.test.ts.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ErrorCode } from "@fleetty/protocol/errors";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { lasting } from "./harness/lasting.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

interface Refusal {
  readonly asked: Ask;
  readonly code: ErrorCode;
  readonly details?: object;
  /** What the message names. */
  readonly names?: string;
}

const PROGRAMS = resolve(import.meta.dirname, "programs");
const SESSION_ID = "ses_01M86YT9RVK3H58PY09G4NGP3Q";

let server: TestServer;
const faces: Record<string, Where> = {};

before(async () => {
  server = await startServer({ tcp: true });
  faces["the unix socket"] = { socketPath: server.socketPath };
  faces["TCP"] = { ...(await server.tcp()), token: server.token };
  await server.ask({ path: "/sessions", body: { name: "live", argv: [join(PROGRAMS, "read-nothing")] } });
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/sh", "-c", "exit 3"] } });
  const ended = await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
  assert.equal(ended.json.reason, "exit");
  await server.ask({
    path: "/sessions/live/wait",
    body: { until: { pattern: { regex: "ready", on: "screen" } } },
  });
});

after(() => server[Symbol.asyncDispose]());

/** All that a refused call could have changed. */
async function whatIsThere(): Promise<unknown> {
  const { json } = await server.ask({ path: "/sessions?include=exited" });
  return json.map(lasting);
}

async function assertRefuses(where: Where, { asked, code, details, names }: Refusal): Promise<void> {
  const was = await whatIsThere();
  const refused = assertRefused(await ask(where, asked), code);
  if (details) assert.partialDeepStrictEqual(refused.details, details);
  if (names) assert.ok(refused.message.includes(names), `${refused.message} does not name ${names}`);
  assert.deepEqual(await whatIsThere(), was, `${JSON.stringify(asked)} changed something`);
}

/** One test per face and sentence. */
function refuses(sentence: string, cases: () => readonly Refusal[]): void {
  for (const face of ["the unix socket", "TCP"]) {
    it(`${sentence}, over ${face}`, async () => {
      for (const refusal of cases()) await assertRefuses(faces[face] as Where, refusal);
      assert.ok(await server.answers());
    });
  }
}

const creating = (body: unknown): Ask => ({ path: "/sessions", body });

describe("a session is not created", () => {
  refuses("under a name that could not be used", () =>
    ["", ".", "..", "a b", "a/b", "a\nb", "a\0", "né&", "x".repeat(65), "ü".repeat(33), SESSION_ID].map((name) => ({
      asked: creating({ name }),
      code: "invalid_session_name",
      names: JSON.stringify(name),
    })),
  );

  refuses("with tags that could not be used, or too many", () => [
    ...["", "a,b", "a b", "\ud800", "y".repeat(65)].map(
      (tag): Refusal => ({ asked: creating({ tags: ["fine", tag] }), code: "invalid_tag" }),
    ),
    { asked: creating({ tags: Array.from({ length: 65 }, (_, n) => `t${n}`) }), code: "invalid_tag", names: "64" },
  ]);

  refuses("with members of another kind or beyond their range", () =>
    [
      { rows: 1.5 },
      { cols: "80" },
      { rows: -1 },
      { cols: 65_536 },
      { cols: 2 ** 53 },
      { name: 5 },
      { tags: "ci" },
      { tags: [5] },
      { env: { "A-B": "x" } },
      { env: { A: 5 } },
      { env: { A: "x\0y" } },
      { command: "" },
      { command: "true\0" },
      { command: ["true"] },
      { argv: [] },
      { argv: "true" },
      { argv: ["a\0b"] },
      { command: "true", argv: ["true"] },
      { time_limit_ms: 59_999 },
      { time_limit_ms: "60000" },
      { idle_exit_ms: 0 },
      { idle_exit_ms: 60_000.5 },
      { cwd: "" },
      { cwd: "/tmp\0" },
    ].map((body) => ({ asked: creating(body), code: "invalid_body", names: Object.keys(body).at(-1) as string })),
  );

  refuses("from a body that is no object", () =>
    [[], [{}], "text", 5, true].map((body) => ({
      asked: { path: "/sessions", body: JSON.stringify(body), headers: { "content-type": "application/json" } },
      code: "invalid_body",
    })),
  );

  refuses("in a folder that is none", () => {
    writeFileSync(join(server.home.root, "file"), "");
    return [
      { cwd: "here", reason: undefined },
      { cwd: "~nobody/x", reason: undefined },
      { cwd: "/no/such/folder", reason: "not_found" },
      { cwd: join(server.home.root, "file"), reason: "not_a_directory" },
    ].map(({ cwd, reason }) => ({
      asked: creating({ cwd }),
      code: "invalid_request" as const,
      details: { field: "cwd", ...(reason && { reason }) },
      names: JSON.stringify(cwd),
    }));
  });

  refuses("for a program that cannot be executed", () => {
    const at = (name: string) => join(server.home.root, name);
    mkdirSync(at("folder"), { recursive: true });
    writeFileSync(at("plain"), "#!/bin/sh\n", { mode: 0o644 });
    writeFileSync(at("orphan"), "#!/no/such/interpreter\n", { mode: 0o755 });
    return [
      { program: "/no/such/program", reason: "not_found" },
      { program: "no-such-program-in-path", reason: "not_found" },
      { program: "", reason: "not_found" },
      { program: at("plain"), reason: "permission_denied" },
      { program: at("folder"), reason: "is_a_directory" },
      { program: at("orphan"), reason: "interpreter_missing" },
    ].map(({ program, reason }) => ({
      asked: creating({ argv: [program, "argument"] }),
      code: "session_create_failed" as const,
      details: { step: "program", reason, may_have_run: false },
    }));
  });

  refuses("on a server without a name, or on two", () => [
    { asked: creating({ server: "" }), code: "invalid_body", names: "server" },
    {
      asked: { path: "/sessions?server=local", body: { server: "elsewhere" } },
      code: "invalid_request",
      details: { field: "server" },
    },
  ]);

  for (const face of ["the unix socket", "TCP"]) {
    it(`twice under one name that two ask for at once: one gets it, over ${face}`, async () => {
      const where = faces[face] as Where;
      const both = await Promise.all([1, 2].map(() => ask(where, creating({ name: "wanted", command: "sleep 100" }))));
      const [refused, created] = both.sort((a, b) => b.status - a.status) as [Answer, Answer];
      assertRefused(refused, "session_name_conflict");
      assert.equal(created.status, 201);
      const named = (await server.ask({ path: "/sessions" })).json.filter(
        ({ name }: Answer["json"]) => name === "wanted",
      );
      assert.deepEqual(
        named.map(({ id }: Answer["json"]) => id),
        [created.json.id],
      );
      assert.equal((await ask(where, { method: "DELETE", path: `/sessions/${created.json.id}` })).status, 204);
    });
  }

  it("in a size beyond the limits: it gets the nearest that is possible", async () => {
    for (const [asked, given] of [
      [
        { cols: 0, rows: 0 },
        { cols: 2, rows: 1 },
      ],
      [
        { cols: 1, rows: 1 },
        { cols: 2, rows: 1 },
      ],
      [
        { cols: 80, rows: 5000 },
        { cols: 80, rows: 1000 },
      ],
      [
        { cols: 5000, rows: 5000 },
        { cols: 1000, rows: 250 },
      ],
    ] as const) {
      const created = await server.ask(creating({ ...asked, command: "sleep 100" }));
      assert.equal(created.status, 201);
      assert.partialDeepStrictEqual(created.json, given);
      await server.ask({ method: "DELETE", path: `/sessions/${created.json.id}` });
    }
  });
});

describe("a session is called nothing else", () => {
  const changing = (body: unknown): Ask => ({ method: "PATCH", path: "/sessions/live", body });

  refuses("by a name that could not be used", () =>
    ["", ".", "..", "a b", "a/b", "a\0", "x".repeat(65), SESSION_ID].map((name) => ({
      asked: changing({ name, add_tags: ["fine"] }),
      code: "invalid_session_name",
      names: JSON.stringify(name),
    })),
  );

  refuses("by its own name, or that of another live session, also after it has ended", () => [
    { asked: changing({ name: "live", add_tags: ["fine"] }), code: "session_name_conflict", names: '"live"' },
    { asked: { method: "PATCH", path: "/sessions/over", body: { name: "live" } }, code: "session_name_conflict" },
    { asked: { method: "PATCH", path: "/sessions/over", body: { name: "over" } }, code: "session_name_conflict" },
  ]);

  refuses("with tags that could not be used, or too many, and keeps its name", () => [
    ...["", "a,b", "y".repeat(65)].flatMap((tag): Refusal[] => [
      { asked: changing({ name: "other", add_tags: ["fine", tag] }), code: "invalid_tag" },
      { asked: changing({ name: "other", remove_tags: [tag] }), code: "invalid_tag" },
    ]),
    {
      asked: changing({ name: "other", add_tags: Array.from({ length: 65 }, (_, n) => `t${n}`) }),
      code: "invalid_tag",
      names: "64",
    },
  ]);

  refuses("with members of another kind", () =>
    [{ name: 5 }, { add_tags: "ci" }, { remove_tags: [5] }].map((body) => ({
      asked: changing(body),
      code: "invalid_body",
      names: Object.keys(body)[0] as string,
    })),
  );
});

describe("an operation on a live session", () => {
  refuses("refuses members that are missing, of another kind or out of range", () => [
    ...[{}, { rows: 5 }, { rows: 5, cols: "5" }, { rows: 1.5, cols: 5 }, { rows: -1, cols: 5 }].map(
      (body): Refusal => ({ asked: { path: "/sessions/live/resize", body }, code: "invalid_body" }),
    ),
    ...[
      { until: 5 },
      { until: {} },
      { until: { exit: false } },
      { since: 5 },
      { max_wait_ms: -1 },
      { screen: "big" },
    ].map(
      (body): Refusal => ({
        asked: { path: "/sessions/live/wait", body },
        code: "invalid_body",
        names: Object.keys(body)[0] as string,
      }),
    ),
    ...["idle", "idle?timeout_ms=", "idle?timeout_ms=1.5", "idle?timeout_ms=-1", "idle?timeout_ms=1e3"].map(
      (path): Refusal => ({
        asked: { path: `/sessions/live/${path}` },
        code: "invalid_query",
        details: { field: "timeout_ms" },
      }),
    ),
    ...["offset=x", "offset=1.5", "limit=-1", "limit=x"].map(
      (query): Refusal => ({
        asked: { path: `/sessions/live/scrollback?${query}` },
        code: "invalid_query",
        details: { field: query.split("=")[0] },
      }),
    ),
    { asked: { path: "/sessions/live/output?max_bytes=0" }, code: "invalid_query", details: { field: "max_bytes" } },
    {
      asked: { method: "DELETE", path: "/sessions/live?grace_ms=30001" },
      code: "invalid_query",
      details: { field: "grace_ms" },
    },
  ]);
});

describe("a misspelt member", () => {
  refuses("is refused by name", () => [
    {
      asked: { path: "/sessions/live/wait", body: { untli: { exit: true } } },
      code: "invalid_body",
      details: { issues: [{ path: ["untli"] }] },
      names: "untli",
    },
    ...[
      { path: ["until", "patern"], body: { until: { exit: true, patern: "x" } } },
      { path: ["until", "pattern", "flag"], body: { until: { pattern: { regex: "x", on: "output", flag: "i" } } } },
      {
        path: ["until", "pattern", "0", "flag"],
        body: { until: { pattern: [{ regex: "x", on: "output", flag: "i" }] } },
      },
      { path: ["until", "pattern", "on"], body: { until: { pattern: { regex: "x", on: "outptu" } } } },
      { path: ["until", "idle", "timeout"], body: { until: { idle: { timeout_ms: 5, timeout: 5 } } } },
      { path: ["screen", "since"], body: { screen: { since_epoch: 1, since: 1 } } },
    ].map(
      ({ path, body }): Refusal => ({
        asked: { path: "/sessions/live/wait", body: { ...body, max_wait_ms: 0 } },
        code: "invalid_body",
        details: { issues: [{ path }] },
        names: path.join("."),
      }),
    ),
    {
      asked: { path: "/sessions/live/wait?max_wait=5", body: { max_wait_ms: 0 } },
      code: "invalid_query",
      details: { field: "max_wait" },
    },
    { asked: { path: "/sessions/live/output?form=1" }, code: "invalid_query", details: { field: "form" } },
    { asked: { path: "/openapi.json?x=1" }, code: "invalid_query", details: { field: "x" } },
  ]);

  it("of an older operation is ignored and named in a header", async () => {
    const listed = await server.ask({ path: "/sessions?tga=ci&x%20y=1" });
    assert.deepEqual([listed.status, listed.headers["fleetty-ignored"]], [200, "tga,x%20y"]);
    const resized = await server.ask({ path: "/sessions/live/resize", body: { rows: 24, cols: 80, colls: 5 } });
    assert.deepEqual([resized.status, resized.headers["fleetty-ignored"]], [200, "colls"]);
  });
});
