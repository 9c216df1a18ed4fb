// TLS as an operator without an authority sets it up: a certificate made by openssl, HTTPS and WSS on the same address, the
// command line and the client that trust it, and a certificate that is replaced under way.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { type CertificateFiles, makeCertificate, textOf } from "./harness/certificate.ts";
import { ask, type Where } from "./harness/http.ts";
import { fixture } from "./harness/programs.ts";
import { say } from "./harness/raw-http.ts";
import { assertAnswerHeaders, assertRefused } from "./harness/refused.ts";
import { LAUNCHER, refusedStart, startServer, type TestServer } from "./harness/server.ts";
import { TcpSocket } from "./harness/tcp-socket.ts";
import { waitUntil } from "./harness/wait-until.ts";

const folder = mkdtempDisposableSync("/tmp/ft-");
const first = makeCertificate(folder.path, "first");
const second = makeCertificate(folder.path, "second");
/** What the server reads. */
const used: CertificateFiles = { cert: join(folder.path, "used.pem"), key: join(folder.path, "used.key") };

let server: TestServer;
let tcp: { host: string; port: number };
let trusted: Where;
let url: string;

function use({ cert, key }: CertificateFiles): void {
  copyFileSync(cert, used.cert);
  copyFileSync(key, used.key);
}

before(async () => {
  use(first);
  server = await startServer({
    tcp: true,
    args: ["--tls-cert", used.cert, "--tls-key", used.key, "--base-prefix", "/x"],
  });
  tcp = await server.tcp();
  trusted = { ...tcp, token: server.token, ca: textOf(first) };
  url = `https://localhost:${tcp.port}/x`;
  await server.ask({ path: "/sessions", body: { name: "live", argv: [fixture("read-nothing")] } });
});

after(async () => {
  await server[Symbol.asyncDispose]();
  folder.remove();
});

/** Name in the certificate that is shown to a new connection. */
function shownName(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ ...tcp, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe("a server with a certificate", () => {
  it("answers over HTTPS, and to pages that came by it only", async () => {
    const answer = await ask(trusted, { path: "/x/sessions", headers: { origin: `https://127.0.0.1:${tcp.port}` } });
    assert.equal(answer.status, 200);
    assertAnswerHeaders(answer);
    const headers = { origin: `http://127.0.0.1:${tcp.port}` };
    assertRefused(await ask(trusted, { path: "/x/sessions", headers }), "origin_not_allowed");
    assertRefused(await ask({ ...tcp, ca: textOf(first) }, { path: "/x/sessions" }), "auth_required");
    const login = await ask(trusted, { path: "/x/auth/login-ticket", body: {} });
    assert.match(login.json.url, new RegExp(`^https://127.0.0.1:${tcp.port}/x/ui#login=`));
    const local = await server.ask({ path: "/auth/login-ticket", body: {} });
    assert.match(local.json.url, new RegExp(`^https://127.0.0.1:${tcp.port}/x/ui#login=`));
  });

  it("serves viewers over WSS", async () => {
    const options = { ca: textOf(first), headers: { authorization: `Bearer ${server.token}` } };
    const socket = await TcpSocket.ask(`wss://localhost:${tcp.port}/x/sessions/live/ws/raw?snapshot=1`, options);
    await socket.shows("ready");
    await socket.close();
  });

  it("closes connections that do not speak TLS, and goes on", async () => {
    for (const said of ["GET /x/health HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x16\x03\x01\xff\xffgarbage"]) {
      assert.equal(await say(tcp, said), null);
    }
    assert.equal((await ask(trusted, { path: "/x/health" })).status, 200);
  });

  it("is refused at the start when its files are missing, no pair, or no certificate", async () => {
    const none = join(folder.path, "none");
    const noise = join(folder.path, "noise");
    writeFileSync(noise, "no PEM\n");
    for (const [cert, key, said] of [
      [first.cert, none, /--tls-key: .*none cannot be read/],
      [none, first.key, /--tls-cert: .*none cannot be read/],
      [first.cert, second.key, /are no certificate and its key/],
      [noise, first.key, /are no certificate and its key/],
    ] as const) {
      const { code, stderr } = await refusedStart(["--tls-cert", cert, "--tls-key", key]);
      assert.equal(code, 2);
      assert.match(stderr, said);
    }
    for (const flag of ["--tls-cert", "--tls-key"])
      assert.match((await refusedStart([flag, first.cert])).stderr, /needs --tls-(cert|key)/);
  });
});

describe("the command line and the client", () => {
  const at = (...args: string[]) => ["--url", url, "--token-file", join(server.stateDir, "token"), ...args];

  it("trust the certificates of a file that they are given", async () => {
    const { code, stdout, stderr } = await server.fleetty(at("--ca-file", first.cert, "ls"));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /live/);
    using client = server.client({ url, token: server.token, ca: textOf(first) });
    assert.equal((await client.sessions.get({ session: "live" })).name, "live");
    const shown: string[] = [];
    for await (const item of client.sessions.watch({ session: "live", snapshot: true })) {
      shown.push(item.type);
      if (item.type === "snapshot") break;
    }
    assert.ok(shown.includes("snapshot"));
  });

  it("trust those of $NODE_EXTRA_CA_CERTS", async () => {
    const env = { ...server.home.env, NODE_EXTRA_CA_CERTS: first.cert };
    const { stdout } = await promisify(execFile)(LAUNCHER, at("ls"), { env });
    assert.match(stdout, /live/);
  });

  it("send nothing to a server that they do not trust, and say why", async () => {
    for (const args of [at("ls"), at("--ca-file", second.cert, "ls"), at("new", "made")]) {
      const { code, stderr } = await server.fleetty(args);
      assert.equal(code, 8);
      assert.match(stderr, /certificate of https:\/\/localhost:\d+ is not one that is trusted/);
    }
    using client = server.client({ url, token: server.token });
    await assert.rejects(client.sessions.create({ name: "made" }), {
      code: "server_unavailable",
      details: { server: `https://localhost:${tcp.port}`, reason: "untrusted", may_have_run: false },
    });
    await assert.rejects(client.sessions.watch({ session: "live" })[Symbol.asyncIterator]().next(), {
      code: "server_unavailable",
    });
    const missing = await server.fleetty(at("--ca-file", "/no/such/file", "ls"));
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /the certificate file \/no\/such\/file cannot be read/);
    assert.deepEqual(
      (await server.ask({ path: "/sessions" })).json.map(({ name }: { name: string }) => name),
      ["live"],
    );
  });
});

describe("a certificate that is replaced", () => {
  it("is shown to new connections after SIGHUP, and open ones live on", async () => {
    const options = { ca: textOf(first), headers: { authorization: `Bearer ${server.token}` } };
    const socket = await TcpSocket.ask(`wss://localhost:${tcp.port}/x/sessions/live/ws/raw?snapshot=1`, options);
    assert.equal(await shownName(), "first");
    use(second);
    process.kill(server.pid, "SIGHUP");
    await waitUntil("the second certificate is shown", async () => (await shownName()) === "second");
    assert.equal((await ask({ ...trusted, ca: textOf(second) }, { path: "/x/sessions" })).status, 200);
    assert.equal(socket.isOpen, true);
    await socket.close();
  });

  it("by what is none changes nothing, and the log says so", async () => {
    writeFileSync(used.key, "no PEM\n");
    process.kill(server.pid, "SIGHUP");
    await waitUntil("the log says so", () => server.log.includes("the certificate cannot be used"));
    assert.equal(await shownName(), "second");
    assert.ok(await server.answers());
  });
});
