// What HTTP promises beyond refusals: whom an answer is about, which answer belongs to which request, what null means, and
// that a server which stops waits for nobody who does not answer.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { type Answer, ask, type Where } from "./harness/http.ts";
import { know } from "./harness/processes.ts";
import { RawConnection } from "./harness/raw-connection.ts";
import { say } from "./harness/raw-http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;
let hostname: string;
const faces: Record<string, Where> = {};

before(async () => {
  server = await startServer({ tcp: true });
  faces["the unix socket"] = { socketPath: server.socketPath };
  faces["TCP"] = { ...(await server.tcp()), token: server.token };
  await server.ask({ path: "/sessions", body: { name: "live", argv: ["sleep", "1000"] } });
  hostname = (await server.ask({ path: "/server/info" })).json.hostname;
});

after(() => server[Symbol.asyncDispose]());

function onEachFace(sentence: string, test: (where: Where) => Promise<void>): void {
  for (const face of ["the unix socket", "TCP"]) it(`${sentence}, over ${face}`, () => test(faces[face] as Where));
}

/** Some of those who leave have gone before they are read, which is what ends a server that does not expect it. */
const LEAVING = 20;

/** `lines` as a request of its own, with what the face wants of it. */
function request(where: Where, lines: readonly string[], body = ""): string {
  const token = "token" in where ? [`Authorization: Bearer ${where.token}`] : [];
  const [first, ...rest] = lines;
  return `${[first, "Host: localhost", ...token, ...rest].join("\r\n")}\r\n\r\n${body}`;
}

describe("callers that have gone before they are answered", () => {
  const asked = [
    ["CONNECT elsewhere:80 HTTP/1.1"],
    ["GET /sessions HTTP/1.1", "Expect: a-miracle"],
    ["GET /sessions/live/ws/raw HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket"],
    ["GET /sessions/live/screen HTTP/1.1"],
    ["no request at all"],
  ];

  onEachFace("end nobody else", async (where) => {
    const connection = new RawConnection(where);
    for (const lines of asked.flatMap((one) => Array.from({ length: LEAVING }, () => one))) {
      await connection.leave(Buffer.from(request(where, lines)));
    }
    assert.equal((await ask(where, { path: "/sessions/live" })).status, 200, server.log);
  });
});

describe("an answer", () => {
  onEachFace("about a session says who gives it, also when it is a refusal", async (where) => {
    const answerer = (answer: Answer) => answer.headers["fleetty-server"];
    for (const path of ["/sessions/live", "/sessions/nobody", "/sessions/live/output?from=x", "/server/info"]) {
      assert.equal(answerer(await ask(where, { path })), hostname, path);
    }
    assert.equal(answerer(await ask(where, { path: "/sessions", body: { command: "true" } })), hostname);
  });

  it("to a stranger says nothing of who gives it", async () => {
    const { host, port } = await server.tcp();
    const { headers } = await ask({ host, port }, { path: "/sessions/live" });
    assert.equal(headers["fleetty-server"], undefined);
  });

  it("that opens a stream has the headers of every answer", async () => {
    const socket = new WebSocket(`ws+unix:${server.socketPath}:/sessions/live/ws/raw`);
    const [{ headers }] = await once(socket, "upgrade");
    socket.close();
    assert.match(headers["fleetty-request-id"], /^req_/);
    assert.equal(headers["fleetty-server"], hostname);
    assert.equal(headers["x-content-type-options"], "nosniff");
  });

  onEachFace("belongs to its request, also when no HTTP comes after that", async (where) => {
    const body = '{"max_wait_ms":300}';
    const length = `Content-Length: ${body.length}`;
    const wait = request(where, ["POST /sessions/live/wait HTTP/1.1", "Content-Type: application/json", length], body);
    const answer = await say(where, [wait, "nonsense\r\n\r\n"]);
    assert.deepEqual([answer?.status, answer?.json.reason], [200, "timeout"]);
  });
});

describe("a request", () => {
  onEachFace("in the absolute form is judged by the host that it names there", async (where) => {
    const own = await say(where, request(where, ["GET http://localhost:1/sessions/live?server=local HTTP/1.1"]));
    assert.deepEqual([own?.status, own?.json.name], [200, "live"]);
    if ("socketPath" in where) return;
    const strange = await say(where, request(where, ["GET http://elsewhere.example/sessions HTTP/1.1"]));
    assertRefused(strange as Answer, "host_not_allowed");
  });

  onEachFace("may say null of what it leaves out, however deep that stands", async (where) => {
    const path = "/sessions/live/wait";
    const until = { idle: { timeout_ms: 0 }, exit: null, pattern: null };
    const since = { generation: null, offset: 0 };
    const answer = await ask(where, { path, body: { until, since, screen: null, max_wait_ms: 0 } });
    assert.deepEqual([answer.status, answer.json.reason], [200, "idle"], answer.body.toString());
    const pattern = [{ regex: "x", on: "output", flags: null, glags: "i" }];
    const { details } = assertRefused(await ask(where, { path, body: { until: { pattern } } }), "invalid_body");
    assert.match(JSON.stringify(details), /glags/);
  });
});

describe("a server that stops", () => {
  it("does not wait for a viewer that answers nothing", async () => {
    await using own = await startServer();
    await own.ask({ path: "/sessions", body: { name: "live", argv: ["sleep", "1000"] } });
    const viewer = connect({ path: own.socketPath, allowHalfOpen: true });
    const handshake = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    viewer.on("error", () => {});
    viewer.write(request(faces["the unix socket"] as Where, ["GET /sessions/live/ws/raw HTTP/1.1", ...handshake, key]));
    await once(viewer, "data");
    viewer.pause();
    process.kill(own.pid, "SIGTERM");
    // A socket left to itself is closed after half a minute.
    await waitUntil("the server has ended", () => know(own.pid) === null, { deadlineMs: 15_000 });
    viewer.destroy();
  });
});
