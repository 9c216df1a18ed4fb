// Runs what docs/operating.md tells operators to do behind nginx, word by word but for ports and the places of certificates:
// its command line and its configuration, in front of a real server.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { makeCertificate, textOf } from "./harness/certificate.ts";
import { ask, type Where } from "./harness/http.ts";
import { Nginx } from "./harness/nginx.ts";
import { fixture, installed } from "./harness/programs.ts";
import { assertAnswerHeaders, assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";

const NAME = "fleetty.example.com";
const section =
  readFileSync("docs/operating.md", "utf8")
    .split(/^## /m)
    .find((one) => one.startsWith("Behind nginx")) ?? "";

/** The one block of that language in the section. */
function block(language: string): string {
  const blocks = [...section.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(([, one]) => one === language);
  assert.equal(blocks.length, 1, `the section has ${blocks.length} blocks of ${language}`);
  return blocks[0]?.[2] as string;
}

/** `text` with each of these words of the document replaced, which it has once. */
function replaced(text: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((done, [word, other]) => {
    assert.equal(done.split(word).length, 2, `the document does not have ${word} once`);
    return done.replace(word, other);
  }, text);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

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
    const [fleetty, word, ...args] = replaced(block("sh").trim(), { "127.0.0.1:7337": "127.0.0.1:0" }).split(/\s+/);
    assert.deepEqual([fleetty, word], ["fleetty", "server"]);
    server = await startServer({ args });
    port = await freePort();
    own = `https://${NAME}:${port}`;
    const http = replaced(block("nginx"), {
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

  it("the command line and the client work by its URL, and a wait is answered when it ends", async () => {
    const url = `https://localhost:${port}/fleetty`;
    const at = ["--url", url, "--token-file", `${server.stateDir}/token`, "--ca-file", certificate.cert];
    const made = await server.fleetty([...at, "new", "made", "--", fixture("read-nothing")]);
    assert.deepEqual([made.code, made.stdout], [0, "made\n"]);
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

  it("wrong tokens count by the address of who sent them, and shut nobody else out", async () => {
    const path = "/fleetty/sessions";
    const from = (localAddress: string, token: string) => outside({ localAddress, token });
    // A caller cannot pass for another one: nginx writes the address that it sees behind what the caller says.
    const guess = { path, headers: named({ "x-forwarded-for": "127.0.0.3" }) };
    for (let count = 0; count < 20; count += 1)
      assertRefused(await ask(from("127.0.0.2", "wrong"), guess), "auth_invalid");
    assertRefused(await ask(from("127.0.0.2", server.token), guess), "rate_limited");
    for (const other of ["127.0.0.3", "127.0.0.1"])
      assert.equal((await ask(from(other, server.token), { path, headers: named() })).status, 200, other);
  });
});
