// Where the root token comes from, how it is replaced, and that the old one ends with everything that was done by it.
import assert from "node:assert/strict";
import { existsSync, mkdtempDisposableSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ask } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { refusedStart, startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SESSION = "/sessions/live";

async function withSession(server: TestServer): Promise<void> {
  await server.ask({ path: "/sessions", body: { name: "live", argv: [fixture("read-nothing")] } });
}

describe("the root token of the state folder", () => {
  let server: TestServer;
  let tcp: { host: string; port: number };

  before(async () => {
    server = await startServer({ tcp: true, args: ["--log-level", "debug"] });
    tcp = await server.tcp();
    await withSession(server);
  });

  after(() => server[Symbol.asyncDispose]());

  it("is shown to the server's own user", async () => {
    assert.deepEqual(await server.fleetty(["token"]), { code: 0, stdout: `${server.token}\n`, stderr: "" });
    assert.deepEqual((await server.ask({ path: "/server/token" })).json, { token: server.token });
  });

  it("is replaced: the old one ends with its sockets, waits, tickets and browser tokens, the new one is kept", async () => {
    const old = server.token;
    const make = async (path: string) => (await server.askTcp({ method: "POST", path })).json.ticket;
    const [login, wsTicket, unused] = [
      await make("/auth/login-ticket"),
      await make("/auth/ws-ticket"),
      await make("/auth/ws-ticket"),
    ];
    const browser = (await ask(tcp, { path: "/auth/session", body: { ticket: login } })).json.token;
    const raw = `ws://127.0.0.1:${tcp.port}${SESSION}/ws/raw`;
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const sockets = [
      await TcpSocket.ask(raw, bearer(old)),
      await TcpSocket.ask(raw, bearer(browser)),
      await TcpSocket.ask(`${raw}?ticket=${wsTicket}`),
    ];
    assert.deepEqual(
      sockets.map(({ isOpen }) => isOpen),
      [true, true, true],
    );
    const local = await RawViewer.open(server.socketPath, "live");
    // One that is not ended with its token fails here, long before its own time is over.
    const signal = AbortSignal.timeout(60_000);
    const idle = `${SESSION}/idle?timeout_ms=300000&max_wait_ms=300000`;
    const waits = [
      ask({ ...tcp, token: old }, { path: `${SESSION}/wait`, body: { max_wait_ms: 300_000 }, signal }),
      ask({ ...tcp, token: browser }, { path: idle, signal }),
    ];
    await waitUntil("all are served", async () => (await server.ask({ path: SESSION })).json.clients === 4);

    const { stdout, code } = await server.fleetty(["token", "rotate"]);
    assert.equal(code, 0);
    assert.notEqual(stdout.trim(), old);
    assert.match(stdout, /^[\w-]{43}\n$/);
    const path = join(server.stateDir, "token");
    assert.equal(readFileSync(path, "utf8"), stdout);
    assert.equal(statSync(path).mode & 0o777, 0o600);

    for (const ended of [old, browser]) {
      assertRefused(await ask({ ...tcp, token: ended }, { path: "/sessions" }), "auth_invalid");
    }
    for (const socket of sockets) assert.equal(await socket.closed(), 4401);
    for (const wait of waits) assertRefused(await wait, "auth_invalid");
    const late = await TcpSocket.ask(`${raw}?ticket=${unused}`);
    assert.ok(late.refusal);
    assertRefused(late.refusal, "auth_required");
    assert.equal((await server.askTcp({ path: "/sessions" }, stdout.trim())).status, 200);
    assert.equal(local.closed, null);
    local.close();
    assert.ok(![old, browser, login, wsTicket, stdout.trim()].some((secret) => server.log.includes(secret)));
  });

  it("that replaced another is the one that the next start finds", async () => {
    const { token } = (await server.ask({ method: "POST", path: "/server/token" })).json;
    await server.kill();
    await server.start();
    assert.equal(server.token, token);
    assert.equal((await server.askTcp({ path: "/sessions" }, token)).status, 200);
  });
});

describe("a root token that an operator brings", () => {
  const brought = "brought-by-an-operator";

  /** A server that was given `args`, whose root token is then `token` and stays so. */
  async function assertTakes(token: string, args: readonly string[], env: Record<string, string>): Promise<void> {
    await using server = await startServer({ tcp: true, args, env });
    assert.equal((await server.askTcp({ path: "/sessions" }, token)).status, 200);
    assertRefused(await server.askTcp({ path: "/sessions" }, "the-token-of-nobody"), "auth_invalid");
    const { message } = assertRefused(await server.ask({ method: "POST", path: "/server/token" }), "invalid_request");
    assert.match(message, /the root token comes from (--token|\$FLEETTY_TOKEN|\/)/);
    assert.equal((await server.askTcp({ path: "/sessions" }, token)).status, 200);
    assert.equal(existsSync(join(server.stateDir, "token")), false);
    assert.ok(!server.log.includes(token));
  }

  it("comes by flag, file or environment, the flags first, and is not replaced by the server", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const file = join(folder.path, "token");
    writeFileSync(file, `${brought}-file\n`, { mode: 0o600 });
    const FLEETTY_TOKEN = `${brought}-environment`;
    await assertTakes(FLEETTY_TOKEN, [], { FLEETTY_TOKEN });
    await assertTakes(`${brought}-file`, ["--token-file", file], { FLEETTY_TOKEN });
    await assertTakes(`${brought}-flag`, ["--token", `${brought}-flag`], { FLEETTY_TOKEN });
    const both = await refusedStart(["--token", brought, "--token-file", file]);
    assert.equal(both.code, 2);
    assert.match(both.stderr, /--token and --token-file/);
  });

  it("is refused when it is short, without being repeated", async () => {
    const short = "x".repeat(15);
    for (const [args, env, from] of [
      [["--token", short], {}, /--token holds fewer than 16/],
      [[], { FLEETTY_TOKEN: short }, /\$FLEETTY_TOKEN holds fewer than 16/],
    ] as const) {
      const { code, stderr } = await refusedStart(args, env);
      assert.equal(code, 2);
      assert.match(stderr, from);
      assert.ok(!stderr.includes(short));
    }
  });
});
