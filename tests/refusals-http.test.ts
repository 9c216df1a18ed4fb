// What the HTTP layer refuses before any operation is asked: bodies, methods, paths, and bytes that no client library would
// send. Everything is answered in the one form, nothing changes, and the server goes on answering.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import type { ErrorCode } from "@fleetty/protocol/errors";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { say } from "./harness/raw-http.ts";
import { assertAnswerHeaders, assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const MIB = 1_048_576;
const JSON_TYPE = { "content-type": "application/json" };

let server: TestServer;
let was: unknown;
const faces: Record<string, Where> = {};

before(async () => {
  server = await startServer({ tcp: true });
  faces["the unix socket"] = { socketPath: server.socketPath };
  faces["TCP"] = { ...(await server.tcp()), token: server.token };
  was = await whatIsThere();
});

after(() => server[Symbol.asyncDispose]());

async function whatIsThere(): Promise<unknown> {
  return (await server.ask({ path: "/sessions?include=exited" })).json;
}

/** One test per face; afterwards nothing has changed and the server answers. */
function onEachFace(sentence: string, test: (where: Where) => Promise<void>): void {
  for (const face of ["the unix socket", "TCP"]) {
    it(`${sentence}, over ${face}`, async () => {
      await test(faces[face] as Where);
      assert.deepEqual(await whatIsThere(), was);
      assert.ok(await server.answers());
    });
  }
}

async function assertRefuses(where: Where, asked: Ask, code: ErrorCode): Promise<Answer> {
  const answer = await ask(where, asked);
  assertRefused(answer, code);
  return answer;
}

/** `lines` as a request of its own, with what the face wants of it. */
function request(where: Where, lines: readonly string[], body = ""): string {
  const token = "token" in where ? [`Authorization: Bearer ${where.token}`] : [];
  const [first, ...rest] = lines;
  return `${[first, "Host: localhost", ...token, ...rest].join("\r\n")}\r\n\r\n${body}`;
}

async function assertSaidIsRefused(where: Where, said: Parameters<typeof say>[1], code: ErrorCode): Promise<void> {
  const answer = await say(where, said);
  assert.ok(answer, `no answer to ${JSON.stringify(said).slice(0, 200)}`);
  assertRefused(answer, code);
}

/** Passes when the server closes by itself the connection on which it refused, while the peer goes on sending. */
async function assertClosed(where: Where, said: string): Promise<void> {
  const at = "socketPath" in where ? { path: where.socketPath } : where;
  const peer = connect({ ...at, allowHalfOpen: true });
  peer.on("error", () => {}).resume();
  peer.write(said);
  await waitUntil("the server has closed", () => {
    if (!peer.destroyed) peer.write("more");
    return peer.destroyed;
  });
}

/** A body of `bytes`, without a word about its length. */
function chunked(bytes: number): string[] {
  const piece = "x".repeat(65_536);
  const pieces = Array.from({ length: Math.ceil(bytes / piece.length) }, () => `10000\r\n${piece}\r\n`);
  return [...pieces, "0\r\n\r\n"];
}

const CREATE = ["POST /sessions HTTP/1.1", "Content-Type: application/json"];

describe("a body", () => {
  onEachFace("that is too large is refused, whether its length is declared or not", async (where) => {
    const large = "x".repeat(4 * MIB);
    await assertSaidIsRefused(
      where,
      [request(where, [...CREATE, `Content-Length: ${large.length}`]), large],
      "body_too_large",
    );
    await assertSaidIsRefused(where, request(where, [...CREATE, `Content-Length: ${MIB + 1}`]), "body_too_large");
    const said = [request(where, [...CREATE, "Transfer-Encoding: chunked"]), ...chunked(4 * MIB)];
    await assertSaidIsRefused(where, said, "body_too_large");
  });

  onEachFace("that is too large is refused so that an ordinary client reads why", async (where) => {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await assertRefuses(
        where,
        { path: "/sessions", body: "x".repeat(4 * MIB), headers: JSON_TYPE },
        "body_too_large",
      );
    }
  });

  onEachFace("of the largest size is read", async (where) => {
    const padded = `{"rows":"wrong"${" ".repeat(MIB - 16)}}`;
    assert.equal(padded.length, MIB);
    await assertRefuses(where, { path: "/sessions", body: padded, headers: JSON_TYPE }, "invalid_body");
  });

  onEachFace("that is nested too deeply or is no JSON is refused", async (where) => {
    const nested = (depth: number) => `{"rows":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    for (const body of [nested(65), nested(100_000), "[".repeat(500_000)]) {
      await assertRefuses(where, { path: "/sessions", body, headers: JSON_TYPE }, "invalid_json");
    }
    await assertRefuses(where, { path: "/sessions", body: nested(64), headers: JSON_TYPE }, "invalid_body");
    for (const body of ["{", '{"a":}', "{'a':1}", "nonsense", '{"a":1}}', "\u0000", '{"a":NaN}']) {
      await assertRefuses(where, { path: "/sessions", body, headers: JSON_TYPE }, "invalid_json");
    }
  });

  onEachFace("that is no UTF-8 is refused rather than guessed", async (where) => {
    const body = Buffer.from('{"command":"echo \xff"}', "latin1");
    await assertRefuses(where, { path: "/sessions", body, headers: JSON_TYPE }, "invalid_json");
  });

  onEachFace("that is not declared as JSON is refused", async (where) => {
    for (const type of [
      "text/plain",
      "application/jsonp",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      const asked = { path: "/sessions", body: "{}", headers: { "content-type": type } };
      await assertRefuses(where, asked, "unsupported_media_type");
    }
    await assertRefuses(where, { path: "/sessions", body: "{}" }, "unsupported_media_type");
  });
});

describe("a request", () => {
  onEachFace("with a method that does nothing there is told which do", async (where) => {
    for (const [method, path, allow] of [
      ["PUT", "/sessions", "POST, GET, HEAD"],
      ["OPTIONS", "/sessions", "POST, GET, HEAD"],
      ["TRACE", "/health", "GET, HEAD"],
      ["POST", "/sessions/live", "GET, DELETE, PATCH, HEAD"],
      ["GET", "/sessions/live/input", "POST"],
      ["HEAD", "/sessions/live/wait", "POST"],
    ] as const) {
      const answer = await ask(where, { method, path });
      assert.equal(answer.headers.allow, allow);
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
      if (method === "HEAD") assert.deepEqual([answer.status, answer.body.byteLength], [405, 0]);
      else assertRefused(answer, "method_not_allowed");
    }
  });

  onEachFace("for the head alone gets what the whole would have, without its body", async (where) => {
    for (const path of ["/health", "/sessions", "/server/info"]) {
      const [head, whole] = [await ask(where, { method: "HEAD", path }), await ask(where, { path })];
      assert.deepEqual([head.status, head.body.byteLength], [200, 0]);
      assert.equal(head.headers["content-length"], whole.headers["content-length"]);
      assertAnswerHeaders(head);
    }
    const missing = await ask(where, { method: "HEAD", path: "/sessions/nobody" });
    assert.deepEqual([missing.status, missing.body.byteLength], [404, 0]);
  });

  onEachFace("for a path that is none is refused, however it is written", async (where) => {
    for (const path of [
      "/nothing",
      "/sessions/",
      "//sessions",
      "/./sessions",
      "/%73essions",
      "/sessions/live/",
      "/sessions/live/x",
    ]) {
      await assertRefuses(where, { path }, "not_found");
    }
    await assertSaidIsRefused(where, request(where, ["GET *sessions HTTP/1.1"]), "not_found");
    const { headers } = await assertRefuses(where, { path: "/sessions/nobody/ws/raw" }, "upgrade_required");
    assert.equal(headers.upgrade, "websocket");
  });

  onEachFace("with a percent-encoded reference has it decoded once, and never as part of a path", async (where) => {
    const names = {
      "%2e%2e": "..",
      "%00": "\0",
      "%252e": "%2e",
      "..": "..",
    };
    for (const [encoded, name] of Object.entries(names)) {
      for (const tail of ["", "/screen", "/output"]) {
        const { message } = assertRefused(
          await ask(where, { path: `/sessions/${encoded}${tail}` }),
          "session_not_found",
        );
        assert.ok(message.includes(JSON.stringify(name)), message);
      }
    }
    // A slash stands between a server and its session, and there is one.
    const { json } = await assertRefuses(where, { path: "/sessions/a%2Fb/screen" }, "server_not_found");
    assert.deepEqual(json.error.details, { unknown: ["a"] });
    await assertRefuses(where, { path: "/sessions/%2e%2e%2f%2e%2e%2fetc" }, "invalid_request");
    for (const broken of ["%ff", "%", "%zz", "%c3%28", "%ed%a0%80"]) {
      await assertRefuses(where, { path: `/sessions/${broken}` }, "invalid_request");
    }
    await assertRefuses(where, { path: `/sessions/${"x".repeat(300)}` }, "invalid_request");
  });

  onEachFace("that gives a query member twice is refused", async (where) => {
    for (const [path, field] of [
      ["/sessions?server=elsewhere&server=local", "server"],
      ["/sessions?tag=a&tag=b", "tag"],
      ["/sessions/nobody/output?from=1&from=2", "from"],
      ["/sessions/nobody/screen?format=plain&format=styled", "format"],
    ] as const) {
      const { details } = assertRefused(await ask(where, { path }), "invalid_query");
      assert.equal(details["field"], field);
    }
  });

  onEachFace("whose unknown members cannot be named in a header is answered all the same", async (where) => {
    const strange = { "\ud800": 1, "line\nfeed": 2, "": 3, ünknown: 4 };
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`unknown-member-${n}`, n]));
    for (const members of [strange, many]) {
      const asked = { path: "/sessions", body: { ...members, argv: ["/no/such/program"] } };
      await assertRefuses(where, asked, "session_create_failed");
      const shown = await ask(where, { method: "POST", path: "/sessions", body: { ...members, command: "sleep 100" } });
      assert.equal(shown.status, 201);
      assert.ok(String(shown.headers["fleetty-ignored"]).length < 4_096);
      await ask(where, { method: "DELETE", path: `/sessions/${shown.json.id}` });
      await ask(where, { method: "DELETE", path: `/sessions/${shown.json.id}` });
    }
  });
});

describe("bytes", () => {
  onEachFace("that are no HTTP are refused", async (where) => {
    for (const said of [
      "hello\r\n\r\n",
      "GET\r\n\r\n",
      "FROB / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET /health HTTP/1.1\nHost: localhost\n\n",
      "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n",
      "GET /health HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n",
      "GET /health HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
      `\x16\x03\x01${"\0".repeat(64)}`,
    ]) {
      await assertSaidIsRefused(where, said, "invalid_request");
    }
  });

  onEachFace("that leave in doubt where a body ends are refused", async (where) => {
    for (const lines of [
      ["Content-Length: 4", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked", "Content-Length: 4"],
      ["Content-Length: 2", "Content-Length: 3"],
      ["Content-Length: 2", "Content-Length: 2"],
      ["Content-Length: 2, 3"],
      ["Content-Length: -1"],
      ["Content-Length: +2"],
      ["Content-Length: 0x2"],
      ["Content-Length : 2"],
      ["Transfer-Encoding: xchunked"],
      ["Transfer-Encoding: chunked, identity"],
      ["Transfer-Encoding: identity, chunked, chunked"],
      ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    ]) {
      await assertSaidIsRefused(where, request(where, [...CREATE, ...lines], "0\r\n\r\n"), "invalid_request");
    }
    for (const body of ["zz\r\n{}\r\n0\r\n\r\n", "2\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx0\r\n\r\n"]) {
      await assertSaidIsRefused(
        where,
        request(where, [...CREATE, "Transfer-Encoding: chunked"], body),
        "invalid_request",
      );
    }
  });

  onEachFace("that name two hosts are refused", async (where) => {
    await assertSaidIsRefused(where, request(where, ["GET /health HTTP/1.1", "Host: other"]), "invalid_request");
  });

  onEachFace("of too many or too long headers are refused", async (where) => {
    for (const lines of [
      ["GET /health HTTP/1.1", `X: ${"x".repeat(20_000)}`],
      [`GET /${"x".repeat(20_000)} HTTP/1.1`],
      ["GET /health HTTP/1.1", ...Array.from({ length: 3_000 }, (_, n) => `x-${n}: y`)],
      ["GET /health HTTP/1.1", `X: ${"x".repeat(2 * MIB)}`],
    ]) {
      await assertSaidIsRefused(where, request(where, lines), "headers_too_large");
    }
  });

  onEachFace("that expect what is not there, or ask for a tunnel, are refused", async (where) => {
    await assertSaidIsRefused(where, request(where, ["GET /health HTTP/1.1", "Expect: a-miracle"]), "invalid_request");
    await assertSaidIsRefused(where, request(where, ["CONNECT elsewhere:80 HTTP/1.1"]), "invalid_request");
  });

  onEachFace("from a peer that never closes cost no connection", async (where) => {
    const refused = ["hello\r\n\r\n", request(where, [...CREATE, "Content-Length: 9999999"])];
    await Promise.all(refused.map((said) => assertClosed(where, said)));
  });

  onEachFace("that offer another protocol are answered in this one", async (where) => {
    const offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"];
    const answer = await say(where, request(where, ["GET /health HTTP/1.1", ...offer]));
    assert.deepEqual([answer?.status, answer?.json], [200, { status: "ok" }]);
  });
});
