// Asks a server request by request through nginx, both set up as docs/operating.md says, word by word but for ports and the
// places of certificates. An operator's whole way there, and callers by their addresses, are in operating.test.ts.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeCertificate, textOf } from "./harness/certificate.ts";
import { freePort } from "./harness/free-port.ts";
import { ask, type Where } from "./harness/http.ts";
import { Nginx } from "./harness/nginx.ts";
import { block, replaced } from "./harness/operating.ts";
import { installed } from "./harness/programs.ts";
import { assertAnswerHeaders, assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";

const NAME = "fleetty.example.com";

const program = installed("nginx");

describe("behind nginx, as documented", { skip: program.skip }, () => {
  const folder = mkdtempDisposableSync("/tmp/ft-");
  const certificate = makeCertificate(folder.path, "outside", [NAME]);
  const ca = textOf(certificate);
  let server: TestServer;
  let nginx: Nginx;
  let port: number;
  let own: string;

  before(async () => {
    const config = join(folder.path, "config.toml");
    writeFileSync(config, replaced(block("Behind nginx", "toml"), { "127.0.0.1:7337": "127.0.0.1:0" }));
    server = await startServer({ args: ["--config", config] });
    port = await freePort();
    own = `https://${NAME}:${port}`;
    const http = replaced(block("Behind nginx", "nginx"), {
      "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
      "/etc/ssl/certs/fleetty.example.com.pem": certificate.cert,
      "/etc/ssl/private/fleetty.example.com.key": certificate.key,
      "http://127.0.0.1:7337": `http://127.0.0.1:${(await server.tcp()).port}`,
    });
    nginx = await Nginx.start(program.path, { folder: folder.path, http, port });
    const shell = ["/bin/sh", "-c", 'stty -echo; echo ready; while read line; do echo "got $line"; done'];
    await server.ask({ path: "/sessions", body: { name: "live", argv: shell } });
  });

  after(async () => {
    await nginx?.stop();
    await server?.[Symbol.asyncDispose]();
    folder.remove();
  });

  const outside = (more: Partial<Where> = {}): Where => ({ host: "127.0.0.1", port, ca, ...more }) as Where;
  const named = (headers: Record<string, string> = {}) => ({ host: `${NAME}:${port}`, ...headers });
  const socketUrl = () => `wss://127.0.0.1:${port}/fleetty/sessions/live/ws/raw`;
  const socketOptions = (headers: Record<string, string>) => ({ ca, servername: NAME, headers: named(headers) });

  it("callers with the token are answered, and others are not", async () => {
    const path = "/fleetty/sessions";
    const answer = await ask(outside({ token: server.token }), { path, headers: named() });
    assert.equal(answer.status, 200);
    assertAnswerHeaders(answer);
    assertRefused(await ask(outside(), { path, headers: named() }), "auth_required");
    assertRefused(
      await ask(outside({ token: server.token }), { path: "/fleetty/nothing", headers: named() }),
      "not_found",
    );
    assert.equal((await ask(outside(), { path: "/sessions", headers: named() })).status, 404);
    const large = { path: "/fleetty/sessions", body: { name: "x".repeat(1_500_000) }, headers: named() };
    assertRefused(await ask(outside({ token: server.token }), large), "body_too_large");
  });

  it("its own pages are let in, as the browser sees them, and no others", async () => {
    const path = "/fleetty/sessions";
    const where = outside({ token: server.token });
    assert.equal((await ask(where, { path, headers: named({ origin: own }) })).status, 200);
    for (const origin of [`http://${NAME}:${port}`, `https://${NAME}`, "https://evil.example", "null"]) {
      assertRefused(await ask(where, { path, headers: named({ origin }) }), "origin_not_allowed");
    }
    const misled = outside({ token: server.token, servername: NAME });
    assertRefused(await ask(misled, { path, headers: { host: `evil.example:${port}` } }), "host_not_allowed");
  });

  it("a browser logs in, opens a socket with a ticket, types and sees the answer", async () => {
    const headers = named({ origin: own });
    const login = await ask(outside({ token: server.token }), {
      path: "/fleetty/auth/login-ticket",
      body: {},
      headers,
    });
    assert.ok(login.json.url.startsWith(`${own}/fleetty/ui#login=`), login.json.url);
    const exchange = { path: "/fleetty/auth/session", body: { ticket: login.json.ticket }, headers };
    const { token } = (await ask(outside(), exchange)).json;
    const { ticket } = (await ask(outside({ token }), { path: "/fleetty/auth/ws-ticket", body: {}, headers })).json;
    const socket = await TcpSocket.ask(`${socketUrl()}?snapshot=1&ticket=${ticket}`, socketOptions({ origin: own }));
    await socket.shows("ready");
    socket.type("hello\r");
    await socket.shows("got hello");
    const end = { method: "DELETE", path: "/fleetty/auth/session", headers };
    assert.equal((await ask(outside({ token }), end)).status, 204);
    assert.equal(await socket.closed(), 4401);
    const late = await TcpSocket.ask(`${socketUrl()}?ticket=${ticket}`, socketOptions({ origin: own }));
    assert.equal(late.refusal?.json.error.code, "auth_required");
    const foreign = socketOptions({ origin: "https://evil.example", authorization: `Bearer ${server.token}` });
    assert.equal((await TcpSocket.ask(socketUrl(), foreign)).refusal?.json.error.code, "origin_not_allowed");
  });

  it("the client works by its URL, and a wait is answered when it ends", async () => {
    const url = `https://localhost:${port}/fleetty`;
    using client = server.client({ url, token: server.token, ca });
    const watch = client.sessions.watch({ session: "live" });
    const since = await client.sessions.input({ session: "live", data: Buffer.from("again\r") });
    const { reason } = await client.sessions.wait({
      session: "live",
      since,
      until: { pattern: { regex: "got again", on: "output" } },
    });
    assert.equal(reason, "pattern");
    await watch.write(Buffer.from("typed\r"));
    let shown = "";
    for await (const item of watch) {
      if (item.type === "output") shown += Buffer.from(item.bytes).toString();
      if (shown.includes("got typed")) break;
    }
    assert.ok(shown.includes("got again"));
  });
});
