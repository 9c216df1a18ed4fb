// What a browser can carry: tickets that open one socket, and a token of its own that it gets for a ticket and gives back.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Answer, type Ask, ask } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";

let server: TestServer;
let tcp: { host: string; port: number };
let raw: string;
const secrets: string[] = [];

before(async () => {
  // So that whoever guesses has an address of its own.
  server = await startServer({ tcp: true, args: ["--trust-proxy", "127.0.0.1", "--log-level", "debug"] });
  tcp = await server.tcp();
  raw = `ws://127.0.0.1:${tcp.port}/sessions/live/ws/raw`;
  await server.ask({ path: "/sessions", body: { name: "live", argv: [fixture("read-nothing")] } });
});

after(() => server[Symbol.asyncDispose]());

async function ticketFor(what: "ws-ticket" | "login-ticket", token = server.token): Promise<string> {
  const { json } = await server.askTcp({ method: "POST", path: `/auth/${what}` }, token);
  secrets.push(json.ticket);
  return json.ticket;
}

function exchange(ticket: string, headers: Ask["headers"] = {}): Promise<Answer> {
  return ask(tcp, { path: "/auth/session", body: { ticket }, headers });
}

async function browserToken(): Promise<string> {
  const { json } = await exchange(await ticketFor("login-ticket"));
  secrets.push(json.token);
  return json.token;
}

function assertUpgradeRefused(socket: TcpSocket, code: "auth_required" | "auth_invalid" | "rate_limited"): void {
  assert.ok(socket.refusal, "the upgrade was not refused");
  assertRefused(socket.refusal, code);
}

describe("a WebSocket ticket", () => {
  it("opens one socket, which is served as any other, and no second one", async () => {
    const ticket = await ticketFor("ws-ticket");
    const socket = await TcpSocket.ask(`${raw}?snapshot=1&ticket=${ticket}`);
    assert.equal(socket.isOpen, true);
    await socket.shows("ready");
    assertUpgradeRefused(await TcpSocket.ask(`${raw}?ticket=${ticket}`), "auth_required");
    await socket.close();
  });

  it("is nothing to plain requests, nor beside a wrong token, and is not spent on those", async () => {
    const ticket = await ticketFor("ws-ticket");
    const query = `?ticket=${ticket}`;
    assertRefused(await ask(tcp, { path: `/sessions${query}` }), "auth_required");
    assertRefused(
      await ask(tcp, { path: "/sessions", headers: { authorization: `Bearer ${ticket}` } }),
      "auth_invalid",
    );
    const wrong = { headers: { authorization: "Bearer wrong" } };
    assertUpgradeRefused(await TcpSocket.ask(raw + query, wrong), "auth_invalid");
    const socket = await TcpSocket.ask(raw + query);
    assert.equal(socket.isOpen, true);
    await socket.close();
  });

  it("does not make a token in the address one", async () => {
    assertUpgradeRefused(await TcpSocket.ask(`${raw}?token=${server.token}`), "auth_required");
    assertUpgradeRefused(await TcpSocket.ask(`${raw}?ticket=${server.token}`), "auth_required");
  });

  it("comes with the headers that protect a browser, as every answer does", async () => {
    const socket = await TcpSocket.ask(`${raw}?ticket=${await ticketFor("ws-ticket")}`);
    const { headers } = socket;
    await socket.close();
    assert.match(String(headers["fleetty-request-id"]), /^req_/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["referrer-policy"], "no-referrer");
  });

  it("is made for whoever is let in, by name on the command line too", async () => {
    const { stdout, code } = await server.fleetty(["auth", "ws-ticket", "--json"]);
    assert.equal(code, 0);
    const socket = await TcpSocket.ask(`${raw}?ticket=${JSON.parse(stdout).ticket}`);
    assert.equal(socket.isOpen, true);
    await socket.close();
  });
});

describe("a browser", () => {
  it("gets a token for a ticket, is who asked for it, and ends it", async () => {
    const { stdout: said } = await server.fleetty(["auth", "login-ticket", "--json"]);
    const login = JSON.parse(said);
    assert.deepEqual(login, {
      ticket: login.ticket,
      url: `http://127.0.0.1:${tcp.port}/ui#login=${login.ticket}`,
      expires_in_ms: 120_000,
    });
    const { json: session } = await exchange(login.ticket);
    secrets.push(login.ticket, session.token);
    const { token, ...described } = session;
    assert.match(token, /^ftb_[A-Za-z0-9]{43}$/);
    assert.deepEqual(described, {
      principal: "local",
      kind: "human",
      verbs: ["admin"],
      on: "*",
      tags: [],
      expires_at: session.expires_at,
    });
    assert.deepEqual((await server.askTcp({ path: "/auth/session" }, token)).json, described);
    assert.ok(Date.parse(session.expires_at) > Date.now());

    const socket = await TcpSocket.ask(raw, { headers: { authorization: `Bearer ${token}` } });
    const byTicket = await TcpSocket.ask(`${raw}?ticket=${await ticketFor("ws-ticket", token)}`);
    const end = { method: "DELETE", path: "/auth/session" };
    assert.equal((await server.askTcp(end, token)).status, 204);
    assert.deepEqual([await socket.closed(), await byTicket.closed()], [4401, 4401]);
    assertRefused(await server.askTcp(end, token), "auth_invalid");
    assertRefused(await server.askTcp({ path: "/sessions" }, token), "auth_invalid");
  });

  it("that was let in by the root token is root, but not on the unix socket's terms", async () => {
    const token = await browserToken();
    assert.equal((await server.askTcp({ path: "/auth/session" }, token)).json.principal, "root");
    assert.equal((await server.askTcp({ path: "/sessions" }, token)).status, 200);
    for (const asked of [{ path: "/server/token" }, { method: "POST", path: "/server/token" }]) {
      assertRefused(await server.askTcp(asked, token), "forbidden");
    }
  });

  it("is asked for its ticket on the command line by standard input", async () => {
    const stdin = `${await ticketFor("login-ticket")}\n`;
    const { stdout, code } = await server.fleetty(["auth", "session", "--json"], { stdin });
    assert.equal(code, 0);
    const { token } = JSON.parse(stdout);
    assert.equal((await server.askTcp({ path: "/sessions" }, token)).status, 200);
    const none = await server.fleetty(["auth", "session"], { stdin: "\n" });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no ticket on standard input/);
  });

  it("gets nothing for a ticket that is used, unknown or another's, nor without one", async () => {
    const used = await ticketFor("login-ticket");
    assert.equal((await exchange(used)).status, 200);
    for (const ticket of [used, "x".repeat(32), await ticketFor("ws-ticket"), server.token]) {
      assertRefused(await exchange(ticket), "auth_required");
    }
    assertRefused(await ask(tcp, { path: "/auth/session", body: {} }), "invalid_body");
    assertRefused(await ask(tcp, { path: "/auth/session", body: { ticket: used, tickets: 1 } }), "invalid_body");
    assertRefused(await ask(tcp, { path: `/auth/session?ticket=${used}`, body: {} }), "invalid_query");
  });

  it("guesses 20 tickets in a minute, and is not listened to any more from there", async () => {
    const from = { "x-forwarded-for": "2001:db8::1" };
    const ticket = await ticketFor("login-ticket");
    for (let count = 0; count < 20; count += 1) assertRefused(await exchange(`guess-${count}`, from), "auth_required");
    const { details } = assertRefused(await exchange(ticket, from), "rate_limited");
    assert.ok(Number(details["retry_after_ms"]) <= 60_000);
    assert.equal((await exchange(ticket)).status, 200);
  });

  it("cannot end what is no browser token", async () => {
    const end = { method: "DELETE", path: "/auth/session" };
    assertRefused(await server.askTcp(end), "invalid_request");
    assertRefused(await server.ask(end), "invalid_request");
    assert.equal((await server.askTcp({ path: "/sessions" })).status, 200);
  });

  it("is let in by tickets of which 64 are pending at once", async () => {
    const makeOne = () => server.ask({ method: "POST", path: "/auth/login-ticket" });
    let answer = await makeOne();
    for (let count = 0; answer.status === 201 && count < 64; count += 1) answer = await makeOne();
    assert.deepEqual(assertRefused(answer, "resource_limit_reached").details, { limit: "login_tickets", max: 64 });
  });
});

describe("a server without TCP", () => {
  it("makes no login ticket that no browser could use", async () => {
    await using quiet = await startServer();
    assertRefused(await quiet.ask({ method: "POST", path: "/auth/login-ticket" }), "invalid_request");
  });
});

describe("the log", () => {
  it("has none of the tickets and tokens", () => {
    assert.ok(secrets.length > 10);
    assert.ok(!secrets.some((secret) => server.log.includes(secret)));
  });
});
