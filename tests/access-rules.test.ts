// What an operator decides of TCP: names, pages of other origins, the path below which all lies, who wants no token, and how
// often one may ask. By the real binary, with its flags.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hostname } from "node:os";
import { after, before, describe, it } from "node:test";
import { ask } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { say } from "./harness/raw-http.ts";
import { assertAnswerHeaders, assertRefused } from "./harness/refused.ts";
import { refusedStart, startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";
import { waitUntil } from "./harness/wait-until.ts";

const CORS = ["origin", "methods", "headers", "max-age", "credentials"].map((one) => `access-control-allow-${one}`);

/** The CORS headers of an answer. */
function corsOf({ headers }: { headers: Record<string, unknown> }): Record<string, unknown> {
  return Object.fromEntries(
    [...CORS, "access-control-max-age", "access-control-expose-headers"]
      .filter((name) => name in headers)
      .map((name) => [name, headers[name]]),
  );
}

describe("a server for a name, with pages of another origin, below a path", () => {
  const page = "https://app.example:8443";
  let server: TestServer;
  let where: { host: string; port: number; token: string };

  before(async () => {
    const args = ["--allow-host", "Fleet.example", "--allow-origin", page, "--cors-origin", "http://second.example"];
    server = await startServer({ tcp: true, args: [...args, "--base-prefix", "/base/two"] });
    where = { ...(await server.tcp()), token: server.token };
    await server.fleetty(["new", "live", "--", fixture("read-nothing")]);
  });

  after(() => server[Symbol.asyncDispose]());

  it("answers to that name, however it is spelt and with any port, and to no other", async () => {
    for (const host of ["fleet.example", "FLEET.example:1", "localhost", hostname(), "10.1.2.3", "[::1]"]) {
      assert.equal((await ask(where, { path: "/base/two/sessions", headers: { host } })).status, 200, host);
    }
    for (const host of ["a.fleet.example", "fleet.example.evil", "app.example"]) {
      assertRefused(await ask(where, { path: "/base/two/sessions", headers: { host } }), "host_not_allowed");
    }
  });

  it("says to the page what it may before its browser asks, whatever the path, and wants no token for that", async () => {
    for (const origin of [page, "http://second.example"]) {
      const headers = { origin, "access-control-request-method": "PATCH" };
      const { token: _, ...stranger } = where;
      for (const path of ["/base/two/sessions", "/nothing"]) {
        const answer = await ask(stranger, { method: "OPTIONS", path, headers });
        assert.equal(answer.status, 204);
        assert.equal(answer.body.byteLength, 0);
        assert.deepEqual(corsOf(answer), {
          "access-control-allow-origin": origin,
          "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
          "access-control-allow-headers":
            "Authorization, Content-Type, Idempotency-Key, Mcp-Session-Id, Mcp-Protocol-Version",
          "access-control-max-age": "600",
          "access-control-expose-headers": "*",
        });
        assert.equal(answer.headers.vary, "Origin");
        assertAnswerHeaders({ ...answer, headers: { ...answer.headers, "content-type": "application/json" } });
      }
    }
  });

  it("lets the page read answers and refusals, and counts a plain OPTIONS as any other method", async () => {
    const headers = { origin: page };
    const allowed = { "access-control-allow-origin": page, "access-control-expose-headers": "*" };
    const answer = await ask(where, { path: "/base/two/sessions", headers });
    assert.equal(answer.status, 200);
    assert.deepEqual(corsOf(answer), allowed);
    const { token: _, ...stranger } = where;
    for (const [at, method, code] of [
      [stranger, "GET", "auth_required"],
      [{ ...where, token: "wrong" }, "GET", "auth_invalid"],
      [where, "OPTIONS", "method_not_allowed"],
    ] as const) {
      const refused = await ask(at, { method, path: "/base/two/sessions", headers });
      assertRefused(refused, code);
      assert.deepEqual(corsOf(refused), allowed);
    }
  });

  it("lets pages of no other origin ask, and says nothing to its own and to programs", async () => {
    for (const origin of ["null", "https://app.example", "http://app.example:8443", "https://app.example:84430", "*"]) {
      const headers = { origin, "access-control-request-method": "GET" };
      for (const method of ["OPTIONS", "GET"]) {
        const refused = await ask(where, { method, path: "/base/two/sessions", headers });
        assertRefused(refused, "origin_not_allowed");
        assert.deepEqual(corsOf(refused), {});
      }
    }
    for (const origin of [`http://127.0.0.1:${where.port}`, undefined]) {
      const answer = await ask(where, { path: "/base/two/sessions", headers: origin === undefined ? {} : { origin } });
      assert.equal(answer.status, 200);
      assert.deepEqual(corsOf(answer), {});
    }
  });

  it("opens sockets for the page too", async () => {
    const url = `ws://127.0.0.1:${where.port}/base/two/sessions/live/ws/raw?snapshot=1`;
    const authorization = `Bearer ${server.token}`;
    const socket = await TcpSocket.ask(url, { headers: { authorization }, origin: page });
    await socket.shows("ready");
    await socket.close();
    const foreign = await TcpSocket.ask(url, { headers: { authorization }, origin: "https://evil.example" });
    assert.equal(foreign.refusal?.json.error.code, "origin_not_allowed");
  });

  it("has everything below its path, and its health at the root too; on the unix socket all is at the root as well", async () => {
    for (const path of ["/base/two/sessions", "/sessions"]) assert.equal((await server.ask({ path })).status, 200);
    for (const path of ["/health", "/base/two/health"]) assert.equal((await ask(where, { path })).status, 200, path);
    for (const path of [
      "/sessions",
      "/base/sessions",
      "/base/twosessions",
      "/base/two",
      "/base/two/",
      "/base/two//sessions",
    ])
      assertRefused(await ask(where, { path }), "not_found");
    const { json } = await ask(where, { path: "/base/two/openapi.json" });
    assert.deepEqual(json.servers, [{ url: "/base/two" }]);
    const login = await ask(where, { path: "/base/two/auth/login-ticket", body: {} });
    assert.match(login.json.url, new RegExp(`^http://127.0.0.1:${where.port}/base/two/ui#login=`));
  });

  it("is reached by the command line and the client with its path in the URL", async () => {
    const url = `http://127.0.0.1:${where.port}/base/two`;
    const listed = await server.fleetty(["--url", url, "--token-file", `${server.stateDir}/token`, "ls"]);
    assert.equal(listed.code, 0, listed.stderr);
    assert.match(listed.stdout, /live/);
    using client = server.client({ url: `${url}/`, token: server.token });
    for await (const { type } of client.sessions.watch({ session: "live", snapshot: true })) {
      assert.equal(type, "size");
      break;
    }
  });
});

describe("who asks too often", () => {
  let server: TestServer;
  let tcp: { host: string; port: number };

  before(async () => {
    server = await startServer({ tcp: true, args: ["--rate-limit", "1", "--trust-proxy", "127.0.0.1"] });
    tcp = await server.tcp();
  });

  after(() => server[Symbol.asyncDispose]());

  const wrong = (from: string) => ({
    path: "/sessions",
    headers: { authorization: "Bearer wrong", "x-forwarded-for": from },
  });

  it("is told when to come back, over TCP; health and the unix socket are never counted", async () => {
    const many = Array.from({ length: 60 }, () => server.askTcp({ path: "/sessions" }));
    const answers = await Promise.all(many);
    const refused = answers.filter(({ status }) => status !== 200);
    assert.ok(answers.length - refused.length >= 2, "the burst was refused");
    assert.ok(refused.length > 0, "nothing was refused");
    for (const answer of refused) {
      const { details } = assertRefused(answer, "rate_limited");
      assert.equal(Number(answer.headers["retry-after"]), Math.ceil(Number(details["retry_after_ms"]) / 1_000));
    }
    for (const answer of await Promise.all(Array.from({ length: 60 }, () => ask(tcp, { path: "/health" }))))
      assert.equal(answer.status, 200);
    for (const answer of await Promise.all(Array.from({ length: 60 }, () => server.ask({ path: "/sessions" }))))
      assert.equal(answer.status, 200);
  });

  it("with wrong tokens is not looked at any more from that address, handshakes included, whatever it brings then", async () => {
    const from = "192.0.2.1";
    for (let count = 0; count < 19; count += 1) assertRefused(await ask(tcp, wrong(from)), "auth_invalid");
    const raw = `ws://127.0.0.1:${tcp.port}/sessions/live/ws/raw`;
    const guess = await TcpSocket.ask(`${raw}?ticket=guess`, { headers: { "x-forwarded-for": from } });
    assert.equal(guess.refusal?.json.error.code, "auth_required");
    const right = { path: "/sessions", headers: { authorization: `Bearer ${server.token}`, "x-forwarded-for": from } };
    const limited = await ask(tcp, right);
    const { details } = assertRefused(limited, "rate_limited");
    const waitMs = Number(details["retry_after_ms"]);
    assert.ok(waitMs > 0 && waitMs <= 60_000);
    assert.equal(Number(limited.headers["retry-after"]), Math.ceil(waitMs / 1_000));
    const upgrade = await TcpSocket.ask(raw, { headers: right.headers });
    assert.equal(upgrade.refusal?.json.error.code, "rate_limited");
    assertRefused(await ask(tcp, { ...right, path: "/nothing" }), "rate_limited");
    assert.equal((await ask(tcp, { path: "/health", headers: { "x-forwarded-for": from } })).status, 200);
    assertRefused(await ask(tcp, wrong("192.0.2.2")), "auth_invalid");
    assert.equal((await server.ask({ path: "/sessions" })).status, 200);
  });

  it("is counted by what its proxy wrote, and not by what it wrote itself", async () => {
    for (let count = 0; count < 20; count += 1)
      assertRefused(await ask(tcp, wrong(`203.0.113.${count}, 198.51.100.7`)), "auth_invalid");
    assertRefused(await ask(tcp, wrong("203.0.113.200, 198.51.100.7")), "rate_limited");
    assertRefused(await ask(tcp, wrong("203.0.113.200")), "auth_invalid");
  });
});

describe("a server that wants no token", () => {
  it("lets in whoever reaches its loopback address, and still no page of a stranger", async () => {
    await using server = await startServer({ tcp: true, args: ["--no-auth"] });
    const tcp = await server.tcp();
    assert.equal((await ask(tcp, { path: "/sessions" })).status, 200);
    assert.equal((await ask({ ...tcp, token: "whatever" }, { path: "/sessions" })).status, 200);
    assert.equal((await ask(tcp, { path: "/auth/session" })).json.principal, "root");
    assertRefused(await ask(tcp, { path: "/server/token" }), "forbidden");
    assertRefused(await ask(tcp, { path: "/sessions", headers: { host: "evil.example" } }), "host_not_allowed");
    const headers = { origin: "http://evil.example" };
    assertRefused(await ask(tcp, { path: "/sessions", headers }), "origin_not_allowed");
  });

  it("does not start where others could reach it", async () => {
    for (const bind of ["0.0.0.0:0", "[::]:0", `${hostname()}:0`]) {
      const { code, stderr } = await refusedStart(["--no-auth", "--bind", "127.0.0.1:0", "--bind", bind]);
      assert.equal(code, 2);
      assert.match(stderr, /--no-auth: .* can be reached by others/);
    }
  });
});

describe("a start", () => {
  it("on an address that others reach warns that tokens are in the clear", async () => {
    await using server = await startServer({ args: ["--bind", "0.0.0.0:0"] });
    const warnings = server.log.split("\n").filter((line) => line.includes("is not encrypted"));
    assert.equal(warnings.length, 1);
    assert.deepEqual(JSON.parse(warnings[0] as string).binds, ["0.0.0.0"]);
    await using quiet = await startServer({ tcp: true });
    assert.ok(!quiet.log.includes("is not encrypted"));
  });

  it("is refused with flags that cannot be meant, by their names", async () => {
    for (const [flag, value] of [
      ["--base-prefix", "x"],
      ["--base-prefix", "/x/"],
      ["--base-prefix", "/a/../b"],
      ["--base-prefix", "/a b"],
      ["--allow-host", "name:80"],
      ["--allow-origin", "*"],
      ["--allow-origin", "null"],
      ["--cors-origin", "https://app.example/"],
      ["--trust-proxy", "proxy.example"],
      ["--trust-proxy", "10.0.0.0/33"],
      ["--rate-limit", "0"],
      ["--max-connections", "none"],
      ["--tls-cert", "/nothing.pem"],
      ["--tls-key", "/nothing.key"],
    ] as const) {
      const { code, stderr } = await refusedStart([flag, value]);
      assert.equal(code, 2, `${flag} ${value}`);
      assert.match(stderr, new RegExp(`^fleetty: ${flag}: `));
    }
  });
});

describe("TCP connections", () => {
  it("beyond the bound are closed unread, over all addresses together, and the unix socket has its own", async () => {
    const binds = ["--bind", "127.0.0.1:0", "--bind", "127.0.0.1:0", "--max-connections", "3"];
    await using server = await startServer({ args: binds });
    const first = await server.tcp();
    const ready = server.log.split("\n").find((line) => line.includes('"ready"')) ?? "{}";
    const ports: number[] = JSON.parse(ready).tcp.map((address: string) => Number(address.split(":")[1]));
    assert.equal(ports.length, 2);
    const held: Socket[] = [];
    for (const port of [ports[0], ports[1], ports[0]]) {
      const socket = connect(port as number, "127.0.0.1");
      held.push(socket);
      await once(socket, "connect");
    }
    for (const port of ports) {
      assert.equal(await say({ host: "127.0.0.1", port }, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"), null);
    }
    assert.ok(await server.answers());
    held[0]?.destroy();
    await waitUntil("there is room again", () =>
      ask(first, { path: "/health" }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    for (const socket of held) socket.destroy();
  });
});
