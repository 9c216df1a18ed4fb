// Who is refused whatever is asked: strangers without the token, pages of other sites, names that are not the server's, and
// handshakes that are none. And that the root token is nowhere but in its file.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ErrorCode } from "@fleetty/protocol/errors";
import { type AnyOperation, type OperationName, operations } from "@fleetty/protocol/operations";
import { asking } from "./harness/asking.ts";
import { type Answer, type Ask, ask, type Where } from "./harness/http.ts";
import { lasting } from "./harness/lasting.ts";
import { say } from "./harness/raw-http.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

let server: TestServer;
let token: string;
let unix: Where;
let tcp: { host: string; port: number };
let was: unknown;

before(async () => {
  server = await startServer({ tcp: true, args: ["--log-level", "debug"] });
  token = server.token;
  unix = { socketPath: server.socketPath };
  tcp = await server.tcp();
  const program = resolve(import.meta.dirname, "programs/read-nothing");
  await server.ask({ path: "/sessions", body: { name: "live", argv: [program] } });
  await server.ask({ path: "/sessions", body: { name: "over", argv: ["/bin/true"] } });
  await server.ask({ path: "/sessions/over/wait", body: { until: { exit: true } } });
  await server.ask({ path: "/sessions/live/wait", body: { until: { pattern: { regex: "ready", on: "screen" } } } });
  was = await whatIsThere();
});

after(() => server[Symbol.asyncDispose]());

async function whatIsThere(): Promise<unknown> {
  const { json } = await server.ask({ path: "/sessions?include=exited" });
  return json.map(lasting);
}

/** Nothing has changed, nobody watches, and the server answers. */
async function assertUntouched(): Promise<void> {
  assert.deepEqual(await whatIsThere(), was);
  assert.ok(await server.answers());
}

async function assertRefuses(where: Where, asked: Ask, code: ErrorCode): Promise<Answer> {
  const answer = await ask(where, asked);
  assertRefused(answer, code);
  return answer;
}

const rows = Object.values(operations) as AnyOperation[];

describe("a stranger on TCP", () => {
  it("is asked for a token by all but what is for everybody, also where there is nothing", async () => {
    for (const asked of [{ path: "/sessions" }, { path: "/nothing" }, { method: "PUT", path: "/sessions" }]) {
      const answer = await assertRefuses(tcp, asked, "auth_required");
      assert.equal(answer.headers["www-authenticate"], "Bearer");
    }
    const open = rows.filter(({ verb }) => verb === "public").map(({ name }) => name);
    assert.deepEqual(open, ["health.get", "ready.get", "auth.session"]);
    assert.equal((await ask(tcp, { path: "/health" })).status, 200);
    await assertUntouched();
  });

  it("is refused with a token that is wrong, or no token at all", async () => {
    for (const authorization of [
      "Bearer wrong",
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}x`,
      `Bearer ${token} ${token}`,
      `Basic ${Buffer.from(`root:${token}`).toString("base64")}`,
      "Bearer",
      token,
      "",
    ]) {
      await assertRefuses(tcp, { path: "/sessions", headers: { authorization } }, "auth_invalid");
    }
    await assertUntouched();
  });

  it("becomes a caller with the token, however the scheme is spelt", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER "]) {
      const answer = await ask(tcp, { path: "/sessions", headers: { authorization: `${scheme} ${token}` } });
      assert.equal(answer.status, 200);
    }
  });

  it("gets nowhere with a token in the address", async () => {
    for (const name of ["token", "access_token", "ticket", "authorization"]) {
      await assertRefuses(tcp, { path: `/sessions?${name}=${token}` }, "auth_required");
    }
  });

  it("who has the token still cannot do what only the machine's own user may", async () => {
    const reserved = rows.filter(({ verb }) => verb === "unix");
    assert.deepEqual(
      reserved.map(({ name }) => name),
      ["server.reload", "server.shutdown", "server.token", "server.token_rotate"],
    );
    for (const { name } of reserved) {
      const asked = asking[name as OperationName]("live");
      const { details } = assertRefused(await ask({ ...tcp, token }, asked), "forbidden");
      assert.equal(details["verb"], "unix");
    }
    await assertUntouched();
  });
});

describe("a request from a page", () => {
  it("of another site is refused on both ways in, before its token is looked at", async () => {
    for (const origin of [
      "http://evil.example",
      "null",
      "https://127.0.0.1",
      `http://localhost:${tcp.port}`,
      "http://127.0.0.1:1",
    ]) {
      for (const where of [unix, tcp, { ...tcp, token }]) {
        for (const path of ["/health", "/sessions", "/nothing"]) {
          const answer = await assertRefuses(where, { path, headers: { origin } }, "origin_not_allowed");
          assert.equal(answer.headers["access-control-allow-origin"], undefined);
        }
      }
    }
    await assertUntouched();
  });

  it("of its own is answered", async () => {
    const origin = `http://127.0.0.1:${tcp.port}`;
    assert.equal((await ask({ ...tcp, token }, { path: "/sessions", headers: { origin } })).status, 200);
  });
});

describe("a request on TCP to a name", () => {
  it("that is not the server's is refused, before its token is looked at", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${tcp.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      `${hostname()}.evil.example`,
      "127.0.0.1 evil",
      "[::1].evil.example",
    ]) {
      for (const path of ["/health", "/sessions"]) {
        await assertRefuses({ ...tcp, token }, { path, headers: { host } }, "host_not_allowed");
        await assertRefuses(tcp, { path, headers: { host } }, "host_not_allowed");
      }
    }
    for (const none of ["", "Host:\r\n"]) {
      const nameless = await say(tcp, `GET /health HTTP/1.1\r\n${none}\r\n`);
      assertRefused(nameless as Answer, "host_not_allowed");
    }
    await assertUntouched();
  });

  it("that is an address, localhost or its hostname is answered", async () => {
    for (const host of ["localhost", "LOCALHOST:80", "10.0.0.1", "[::1]:7337", hostname()]) {
      assert.equal((await ask({ ...tcp, token }, { path: "/sessions", headers: { host } })).status, 200);
    }
  });
});

const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};
const RAW = "/sessions/live/ws/raw";

function upgrade(path: string, headers: Record<string, string> = {}, method = "GET"): string {
  const all = Object.entries({ Host: "localhost", ...HANDSHAKE, ...headers }).filter(([, value]) => value !== "");
  return `${method} ${path} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

async function assertUpgradeRefused(where: Where, said: string, code: ErrorCode): Promise<void> {
  const answer = await say(where, said);
  assert.ok(answer, `no answer to ${said}`);
  assertRefused(answer, code);
}

describe("a WebSocket", () => {
  const authorized = () => ({ Authorization: `Bearer ${token}` });

  it("of another site, to another name, or without a token is refused", async () => {
    const Origin = "http://evil.example";
    await assertUpgradeRefused(unix, upgrade(RAW, { Origin }), "origin_not_allowed");
    await assertUpgradeRefused(tcp, upgrade(RAW, { Origin, ...authorized() }), "origin_not_allowed");
    await assertUpgradeRefused(tcp, upgrade(RAW, { Host: "evil.example", ...authorized() }), "host_not_allowed");
    await assertUpgradeRefused(tcp, upgrade(RAW, { Authorization: "Bearer wrong" }), "auth_invalid");
    for (const path of [
      RAW,
      `${RAW}?token=${token}`,
      `${RAW}?ticket=${token}`,
      "/sessions/nobody/ws/raw",
      "/nothing",
    ]) {
      await assertUpgradeRefused(tcp, upgrade(path), "auth_required");
    }
    await assertUntouched();
  });

  it("on what is not there, not live, or no stream is refused", async () => {
    for (const [where, headers] of [
      [unix, {}],
      [tcp, authorized()],
    ] as const) {
      await assertUpgradeRefused(where, upgrade("/sessions/nobody/ws/raw", headers), "session_not_found");
      await assertUpgradeRefused(where, upgrade(`${RAW}?server=elsewhere`, headers), "server_not_found");
      await assertUpgradeRefused(where, upgrade("/sessions/over/ws/raw", headers), "session_exited");
      await assertUpgradeRefused(where, upgrade("/sessions/live", headers), "invalid_request");
      await assertUpgradeRefused(where, upgrade("/nothing", headers), "not_found");
      await assertUpgradeRefused(where, upgrade(`${RAW}?from=-1`, headers), "invalid_query");
      await assertUpgradeRefused(where, upgrade(`${RAW}?from=9999`, headers), "invalid_query");
      await assertUpgradeRefused(where, upgrade(RAW, headers, "POST"), "method_not_allowed");
    }
    await assertUntouched();
  });

  it("whose handshake is none is refused, and counts as no viewer", async () => {
    for (const broken of [
      { "Sec-WebSocket-Key": "" },
      { "Sec-WebSocket-Key": "short" },
      { "Sec-WebSocket-Version": "" },
      { "Sec-WebSocket-Version": "7" },
      { "Sec-WebSocket-Protocol": "a,,b" },
    ]) {
      await assertUpgradeRefused(unix, upgrade(RAW, broken), "invalid_request");
    }
    await assertUntouched();
  });

  it("that is gone before its handshake is answered counts as no viewer", async () => {
    const leaving = Array.from({ length: 30 }, async () => {
      const socket = connect(server.socketPath);
      socket.write(upgrade(RAW), () => socket.destroy());
      await once(socket, "close");
    });
    await Promise.all(leaving);
    const viewer = await RawViewer.open(server.socketPath, "live");
    viewer.close();
    await waitUntil("nobody watches", async () => (await server.ask({ path: "/sessions/live" })).json.clients === 0);
  });
});

describe("the root token", () => {
  /** Command line and environment. */
  const factsOf = (pid: number): string[] =>
    ["cmdline", "environ"].map((fact) => readFileSync(`/proc/${pid}/${fact}`, "utf8"));

  it("is in no answer, no log, and no command line or environment of server, host or session", async () => {
    const { json: live } = await server.ask({ path: "/sessions/live" });
    const hosts = server.hosts();
    assert.ok(hosts.length > 0 && live.pid > 0);
    const answers = await Promise.all(
      ["/server/info", "/openapi.json", "/sessions"].map((path) => server.askTcp({ path })),
    );
    const texts = [
      server.log,
      ...answers.map(({ body }) => body.toString()),
      ...[server.pid, live.pid, ...hosts.map(({ pid }) => pid)].flatMap(factsOf),
    ];
    assert.equal(readFileSync(join(server.stateDir, "token"), "utf8").trim(), token);
    for (const text of texts) assert.ok(!text.includes(token), text.slice(0, 300));
  });
});
