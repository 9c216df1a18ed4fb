// Asks every operation what nobody would ask, from a fixed seed: each request is answered or refused by a code that its
// operation declares, nothing breaks inside, and the server lives on.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { catalogue, isErrorCode } from "@fleetty/protocol/errors";
import { openapiDocument } from "@fleetty/protocol/openapi";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import fc from "fast-check";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { randomRequests } from "./harness/random-requests.ts";
import { say } from "./harness/raw-http.ts";
import { startServer, type TestServer } from "./harness/server.ts";

const SEED = 20_261_124;
const RUNS = 120;
/** No request here may block: one that has no answer by then hangs. */
const ANSWER_WITHIN_MS = 20_000;
/** Refusals of the HTTP layer, before there is an operation. */
const BEFORE_ANY_OPERATION = ["not_found", "headers_too_large"];
/** The one refusal above 499 that a caller can bring about alone: a program that cannot be executed. */
const CALLERS_OWN = ["session_create_failed"];

let server: TestServer;
let tcp: Where;
let hosts: number[];
/** Codes that the OpenAPI document tells of each operation. */
const declared = new Map<string, string[]>();

before(async () => {
  server = await startServer({ tcp: true });
  tcp = { ...(await server.tcp()), token: server.token };
  const sink = "stty raw -echo; printf ready; exec cat > /dev/null";
  await server.ask({ path: "/sessions", body: { name: "live", argv: ["/bin/sh", "-c", sink], tags: ["ci"] } });
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/true"] } });
  await server.ask({ path: "/sessions/over/wait", body: {} });
  await server.ask({ path: "/sessions/live/wait", body: { until: { pattern: { regex: "ready", on: "screen" } } } });
  hosts = server.hosts().map(({ pid }) => pid);
  const { paths } = (await openapiDocument("0")) as { paths: Record<string, Record<string, Described>> };
  for (const { operationId, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    declared.set(operationId, [
      ...BEFORE_ANY_OPERATION,
      ...Object.values(responses).flatMap(({ description }) => description.split(", ")),
    ]);
  }
});

after(() => server[Symbol.asyncDispose]());

interface Described {
  readonly operationId: string;
  readonly responses: Record<string, { readonly description: string }>;
}

function assertAnswered(row: AnyOperation, answer: Answer, asked: Ask): void {
  const seen = `${JSON.stringify(asked)}: ${answer.status} ${answer.body.toString("utf8").slice(0, 300)}`;
  if (answer.status === row.status) return;
  const code = String(answer.json?.error?.code);
  assert.ok(isErrorCode(code) && catalogue[code].status === answer.status, seen);
  assert.ok(declared.get(row.name)?.includes(code), `${row.name} does not declare ${code}: ${seen}`);
  assert.ok(answer.status < 500 || CALLERS_OWN.includes(code), seen);
}

/** Runs the law over random requests to one operation. */
async function holds(requests: fc.Arbitrary<Ask>, law: (asked: Ask) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(requests, law), { seed: SEED, numRuns: RUNS });
}

function askQuickly(where: Where, asked: Ask): Promise<Answer> {
  return ask(where, { ...asked, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
}

/** Operations that need more than the two sessions, or must not succeed. */
const apart = [
  "sessions.create",
  "sessions.update",
  "sessions.kill",
  "sessions.watch",
  "server.shutdown",
  "server.token_rotate",
];

describe("requests that nobody would write", () => {
  for (const row of (Object.values(operations) as AnyOperation[]).filter(({ name }) => !apart.includes(name))) {
    it(`to ${row.name} are answered or refused`, async () => {
      const unix = { socketPath: server.socketPath };
      await holds(await randomRequests(row), async (asked) =>
        assertAnswered(row, await askQuickly(unix, asked), asked),
      );
    });
  }

  it("to sessions.create are answered or refused", async () => {
    const row = operations["sessions.create"];
    await holds(await randomRequests(row), async (asked) => {
      const answer = await askQuickly(tcp, asked);
      assertAnswered(row, answer, asked);
      if (answer.status !== 201) return;
      const forgotten = { method: "DELETE", path: `/sessions/${answer.json.id}` };
      assert.equal((await askQuickly(tcp, forgotten)).status, 204);
    });
  });

  it("to sessions.update are answered or refused", async () => {
    const row = operations["sessions.update"];
    const { json } = await server.ask({ path: "/sessions", body: { name: "changing", argv: ["/bin/cat"] } });
    const requests = fc.oneof(
      await randomRequests(row, { session: json.id }),
      await randomRequests(row, { session: "nobody" }),
    );
    await holds(requests, async (asked) => assertAnswered(row, await askQuickly(tcp, asked), asked));
    assert.equal((await server.ask({ method: "DELETE", path: `/sessions/${json.id}` })).status, 204);
  });

  it("to sessions.kill are answered or refused", async () => {
    const row = operations["sessions.kill"];
    const requests = fc.oneof(
      await randomRequests(row, { session: "victim" }),
      await randomRequests(row, { session: "nobody" }),
    );
    await holds(requests, async (asked) => {
      await server.ask({ path: "/sessions", body: { name: "victim", argv: ["/bin/cat"] } });
      assertAnswered(row, await askQuickly(tcp, asked), asked);
    });
  });

  for (const name of ["server.shutdown", "server.token_rotate"] as const) {
    it(`to ${name} are refused over TCP, whatever they say`, async () => {
      const row = operations[name];
      await holds(await randomRequests(row), async (asked) => {
        const answer = await askQuickly(tcp, asked);
        assertAnswered(row, answer, asked);
        assert.ok(answer.status >= 400, JSON.stringify(asked));
      });
    });
  }

  it("to sessions.watch are answered or refused, with an upgrade and without", async () => {
    const row = operations["sessions.watch"];
    const handshake =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
    await holds(await randomRequests(row), async (asked) => {
      const unix = { socketPath: server.socketPath };
      const plain = await askQuickly(unix, asked);
      assert.equal(plain.json.error.code === "upgrade_required" || plain.json.error.code === "invalid_request", true);
      const upgraded = await say(unix, `GET ${asked.path} HTTP/1.1\r\nHost: localhost\r\n${handshake}\r\n\r\n`);
      assert.ok(upgraded, `no answer to ${asked.path}`);
      assertAnswered(row, upgraded, asked);
    });
  });

  it("break nothing inside, and the server and its sessions live on", async () => {
    const files = globSync(join(server.stateDir, "hosts/*/host.log"));
    for (const log of [server.log, ...files.map((file) => readFileSync(file, "utf8"))]) {
      const lines = log.split("\n").filter((line) => line !== "");
      const bad = lines.filter((line) => !line.startsWith("{") || JSON.parse(line).level >= 50);
      assert.deepEqual(bad, []);
    }
    assert.deepEqual(
      server.hosts().map(({ pid }) => pid),
      hosts,
    );
    const { json: live } = await server.ask({ path: "/sessions/live" });
    assert.deepEqual([live.state, live.tags], ["running", ["ci"]]);
    const created = await server.ask({ path: "/sessions", body: { argv: ["/bin/sh", "-c", "exit 7"] } });
    const waited = await server.ask({ path: `/sessions/${created.json.id}/wait`, body: {} });
    assert.equal(waited.json.exit_code, 7);
  });
});
