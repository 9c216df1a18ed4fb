// Every refusal that rows of the table have by their kind: whatever provokes it is said by one loop to each row, which refuses
// so if the table says that it does, and not if not. And the order of refusals where several apply.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HubCalls } from "@fleetty/hub/calls";
import type { ErrorCode } from "@fleetty/protocol/errors";
import { httpForm } from "@fleetty/protocol/http-form";
import { type AnyOperation, type OperationName, operations } from "@fleetty/protocol/operations";
import { type GeneralCode, refusalsOf } from "@fleetty/protocol/refusals";
import { asking, withQuery } from "./harness/asking.ts";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { OwnFaces } from "./harness/own-faces.ts";
import { say } from "./harness/raw-http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";

/** A request is to have arrived after 30 s. */
const RECEIVED_WITHIN_MS = 40_000;
const EVIL = "evil.example";

let server: TestServer;
/** Behind these faces no promise is kept, so that nothing happens when a row does not refuse. */
let broken: OwnFaces;
let unix: Where;
let tcp: { host: string; port: number };
/** Asked first and answered last: by name of the row, a request whose body never comes. */
let late: Map<string, Promise<Answer | null>>;

const rows = Object.values(operations) as (AnyOperation & { name: OperationName })[];

before(async () => {
  server = await startServer({ tcp: true, args: ["--trust-proxy", "127.0.0.1"] });
  tcp = await server.tcp();
  const calls = ["call", "watch", "follow", "observe", "announce"] as const satisfies readonly (keyof HubCalls)[];
  broken = await OwnFaces.open(Object.fromEntries(calls.map((call) => [call, breakPromise])) as unknown as HubCalls);
  unix = { socketPath: broken.socketPath };
  late = new Map(rows.map((row) => [row.name, sayHead(row, ["Content-Length: 10"], RECEIVED_WITHIN_MS)]));
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/true"] } });
  await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
});

after(async () => {
  await broken[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function breakPromise(): Promise<never> {
  throw new TypeError("a detail that is nobody's business");
}

/** The row's request line and some headers, and no body. */
function sayHead(row: AnyOperation, headers: readonly string[], withinMs?: number): Promise<Answer | null> {
  const { method, path } = plain(row);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json", ...headers];
  return say(unix, `${lines.join("\r\n")}\r\n\r\n`, withinMs);
}

function plain(row: AnyOperation): Ask {
  return { ...asking[row.name as OperationName]("nobody"), method: httpForm(row)?.method ?? "" };
}

function withHeaders(row: AnyOperation, headers: Readonly<Record<string, string>>): Ask {
  const asked = plain(row);
  return { ...asked, headers: { ...asked.headers, ...headers } };
}

const root = () => ({ ...tcp, token: server.token });
const json = (row: AnyOperation, body: string): Ask => ({
  ...withHeaders(row, { "content-type": "application/json" }),
  body,
});

/** An address of its own for each who guesses: they are counted by address. */
let guesses = 0;
const wrong = (address: string) => ({ authorization: "Bearer wrong", "x-forwarded-for": address });

/** How each is provoked, for whichever row; null where no caller of today can. */
const provoked: Record<GeneralCode, (row: AnyOperation) => Promise<Answer | null>> = {
  host_not_allowed: (row) => ask(root(), withHeaders(row, { host: EVIL })),
  origin_not_allowed: (row) => ask(unix, withHeaders(row, { origin: `http://${EVIL}` })),
  invalid_request: (row) => sayHead(row, ["Host: other"]),
  internal_error: (row) => ask(unix, plain(row)),
  auth_required: (row) => ask(tcp, plain(row)),
  auth_invalid: (row) => ask(tcp, withHeaders(row, wrong(`198.51.100.${++guesses}`))),
  rate_limited: (row) => ask(tcp, withHeaders(row, wrong("192.0.2.1"))),
  // Every credential of today has every verb but this one.
  forbidden: async (row) => (row.verb === "unix" ? ask(root(), plain(row)) : null),
  invalid_query: (row) =>
    ask(unix, withQuery(plain(row), row.core ? "server=a&server=b&cursor=a&cursor=b" : "unknown=1")),
  body_too_large: (row) => sayHead(row, ["Content-Length: 1048577"]),
  request_timeout: (row) => late.get(row.name) ?? Promise.resolve(null),
  unsupported_media_type: (row) => ask(unix, { ...withHeaders(row, { "content-type": "text/plain" }), body: "{}" }),
  invalid_json: (row) => ask(unix, json(row, "{")),
  invalid_body: (row) => ask(unix, json(row, "[]")),
};

describe("every row of the table that says so, and no other,", () => {
  before(async () => {
    for (let count = 0; count < 20; count += 1) {
      await ask(tcp, { path: "/sessions", headers: wrong("192.0.2.1") });
    }
  });

  for (const [code, provoke] of Object.entries(provoked) as [GeneralCode, (typeof provoked)[GeneralCode]][]) {
    it(`refuses with ${code}`, async () => {
      for (const row of rows) {
        const answer = await provoke(row);
        const isDeclared = (await refusalsOf(row)).includes(code);
        if (answer && isDeclared) assertRefusedBy(row, answer, code);
        else assert.notEqual(answer?.json?.error?.code, code, `${row.name} does not declare ${code}`);
        assert.ok(answer || code === "forbidden", `${row.name} says nothing`);
      }
    });
  }

  it("is found only by its method, and by a request whose headers are read", async () => {
    for (const row of rows) {
      const { path, method = "" } = plain(row);
      const other = await ask(unix, { path, method: "TRACE" });
      assertRefusedBy(row, other, "method_not_allowed");
      assert.ok(String(other.headers.allow).split(", ").includes(method), `${row.name}: ${other.headers.allow}`);
      assertRefusedBy(row, (await sayHead(row, [`X: ${"x".repeat(16_384)}`])) as Answer, "headers_too_large");
    }
  });

  it("says of a defect only the id under which the log has it", async () => {
    for (const row of rows) {
      const { message, details } = assertRefusedBy(row, await ask(unix, plain(row)), "internal_error");
      assert.doesNotMatch(message, /nobody's business/);
      const logged = broken.logged.find(({ request_id: id }) => id === details["request_id"]);
      assert.match(JSON.stringify(logged?.err), /nobody's business/, row.name);
    }
  });
});

function assertRefusedBy(row: AnyOperation, answer: Answer, code: ErrorCode) {
  try {
    return assertRefused(answer, code);
  } catch (thrown) {
    throw new Error(`${row.name} is to be refused with ${code}: ${(thrown as Error).message}`, { cause: thrown });
  }
}

describe("a request that is wrong in every way", () => {
  it("is refused for the first of them, and once that is mended for the next", async () => {
    const asked: { -readonly [Member in keyof Ask]: Ask[Member] } & { headers: Record<string, string> } = {
      path: "/nothing/nobody/resize?server=elsewhere",
      body: "{",
      headers: { host: EVIL, origin: `http://${EVIL}`, ...wrong("192.0.2.1") },
    };
    const { headers } = asked;
    const mending: [ErrorCode, () => unknown][] = [
      ["host_not_allowed", () => Object.assign(headers, { host: "localhost" })],
      ["origin_not_allowed", () => delete headers["origin"]],
      ["rate_limited", () => Object.assign(headers, wrong("192.0.2.9"))],
      ["auth_invalid", () => delete headers["authorization"]],
      ["auth_required", () => Object.assign(headers, { authorization: `Bearer ${server.token}` })],
      ["not_found", () => Object.assign(asked, { path: asked.path.replace("nothing", "sessions") })],
      ["unsupported_media_type", () => Object.assign(headers, { "content-type": "application/json" })],
      ["invalid_json", () => Object.assign(asked, { body: "{}" })],
      ["invalid_body", () => Object.assign(asked, { body: { rows: 5, cols: 5 } })],
      ["server_not_found", () => Object.assign(asked, { path: "/sessions/nobody/resize" })],
      ["session_not_found", () => Object.assign(asked, { path: "/sessions/over/resize" })],
      ["session_exited", () => {}],
    ];
    for (const [code, mend] of mending) {
      assertRefused(await ask(tcp, asked), code);
      mend();
    }
  });

  it("is refused for its body before its verb", async () => {
    const shutdown = { path: "/server/shutdown", headers: { "content-type": "application/json" } };
    assertRefused(await ask(root(), { ...shutdown, body: "{" }), "invalid_json");
    assertRefused(await ask(root(), { ...shutdown, body: '{"end_sessions":1}' }), "invalid_body");
    assertRefused(await ask(root(), { ...shutdown, body: "{}" }), "forbidden");
  });
});
