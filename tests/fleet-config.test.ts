// A fleet from a file: its members are there at the start, change when the file is read again, and never touch those that
// came over the API; tokens go where they belong; what the rules forbid is left alone; a broken file changes nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeCertificate } from "./harness/certificate.ts";
import { writeConfig } from "./harness/config.ts";
import { makeHome } from "./harness/folders.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** A home that goes when its hub has gone. */
function homeWith(text: string) {
  const home = makeHome();
  writeConfig(home, text);
  return { ...home, [Symbol.dispose]: () => home.remove() };
}

const member = (hostname: string, args: readonly string[] = []) =>
  startServer({ tcp: true, args: ["--hostname", hostname, ...args] });

async function addressOf(server: TestServer, scheme = "http"): Promise<string> {
  const { port } = await server.tcp();
  return `${scheme}://${scheme === "https" ? "localhost" : "127.0.0.1"}:${port}`;
}

/** Its token in a file of this home, as an operator would put it there. */
function tokenFile(server: TestServer, hub: { readonly root: string }): string {
  const path = join(hub.root, `${server.token.slice(0, 8)}.token`);
  writeFileSync(path, `${server.token}\n`, { mode: 0o600 });
  return path;
}

async function servers(hub: TestServer): Promise<readonly { [key: string]: unknown }[]> {
  return (await hub.ask({ path: "/servers" })).json.slice(1);
}

async function becomes(hub: TestServer, address: string, health: string, reason: string | null): Promise<void> {
  let seen: unknown;
  const is = async () => {
    const found = (await servers(hub)).find((one) => one["address"] === address);
    seen = found;
    return found?.["health"] === health && found["reason"] === reason;
  };
  await waitUntil(`${address} is ${health} ${reason}`, is, { seen: () => seen });
}

const reload = { method: "POST", path: "/server/reload-config" };
const entry = (address: string, more = "") => `[[servers]]\naddress = "${address}"\n${more}\n`;

describe("a hub with servers in its file", () => {
  let hub: TestServer;
  let one: TestServer;
  let two: TestServer;
  let first: string;
  let second: string;
  let ofFirst: string;

  before(async () => {
    [one, two] = await Promise.all([member("web-1"), member("web-2")]);
    [first, second] = [await addressOf(one), await addressOf(two)];
    const home = makeHome();
    ofFirst = entry(first, `token_file = "${tokenFile(one, home)}"\nlabels = { role = "web" }`);
    writeConfig(home, ofFirst);
    hub = await startServer({ home, args: ["--hostname", "hub-1"] });
  });
  after(async () => {
    for (const server of [hub, one, two]) await server[Symbol.asyncDispose]();
    hub.home.remove();
  });

  it("has them when it starts, and runs sessions on them", async () => {
    await becomes(hub, first, "healthy", null);
    const [found] = await servers(hub);
    const { os, arch, ...labels } = (found?.["labels"] ?? {}) as Record<string, string>;
    assert.deepEqual([found?.["hostname"], labels], ["web-1", { role: "web" }]);
    assert.ok(os && arch);
    const made = await hub.ask({ path: "/sessions", body: { name: "far", argv: ["/bin/cat"], server: "web-1" } });
    assert.equal(made.status, 201);
    const shown = JSON.stringify(await servers(hub)) + hub.log;
    assert.ok(!shown.includes(one.token));
  });

  it("keeps those that came over the API when the file is read again, and over a restart", async () => {
    const added = await hub.ask({ path: "/servers", body: { address: second, token: two.token } });
    assert.equal(added.status, 201);
    await becomes(hub, second, "healthy", null);
    const [before] = await servers(hub);
    writeConfig(hub.home, entry("http://127.0.0.1:1"));
    const changed = await hub.ask(reload);
    assert.deepEqual([changed.status, changed.json], [200, { added: 1, changed: 0, removed: 1 }]);
    assert.deepEqual(
      (await servers(hub)).map(({ address }) => address),
      [second, "http://127.0.0.1:1"],
    );
    writeConfig(hub.home, `${ofFirst}name = "first"\n`);
    const back = await hub.fleetty(["servers", "reload"]);
    assert.deepEqual(
      [back.code, back.stdout],
      [0, "servers: 1 added, 0 changed, 1 removed; presets: as the file has them\n"],
    );
    await becomes(hub, first, "healthy", null);
    const kept = await servers(hub);
    assert.notEqual(kept[1]?.["id"], before?.["id"]);
    await hub.stop();
    await hub.start();
    for (const address of [first, second]) await becomes(hub, address, "healthy", null);
    const found = await servers(hub);
    assert.deepEqual(
      found.map(({ id, hostname }) => [id, hostname]),
      [
        [kept[0]?.["id"], "web-2"],
        [kept[1]?.["id"], "first"],
      ],
    );
    assert.equal((await hub.ask({ path: "/sessions/far" })).json.server, "first");
  });

  it("stays as it is when the file is broken, and says what is wrong with it", async () => {
    const was = (await servers(hub)).map(({ id, health }) => [id, health]);
    const whole = `${ofFirst}name = "first"\n`;
    const broken: readonly (readonly [string, RegExp])[] = [
      [`${entry("http://127.0.0.1:2")}adress = "http://b"\n`, /config\.toml:4: adress in \[\[servers\]\] is not known/],
      [`${entry("http://127.0.0.1:2")}[server]\nmax_sessions = 0\n`, /config\.toml:5: max_sessions/],
      [`${entry("http://127.0.0.1:2")}name = "WEB-2"\n`, /"WEB-2" in the configuration file is the name of srv_/],
      ["[[servers]\n", /config\.toml:1: /],
    ];
    for (const [text, message] of broken) {
      writeConfig(hub.home, text);
      const answer = await hub.ask(reload);
      assert.ok(answer.status === 400 || answer.status === 409, String(answer.status));
      assert.match(answer.json.error.message, message);
      assert.deepEqual(
        (await servers(hub)).map(({ id, health }) => [id, health]),
        was,
      );
    }
    const { code, stderr } = await hub.fleetty(["servers", "reload"]);
    assert.deepEqual([code, /config\.toml:1: /.test(stderr)], [2, true], stderr);
    process.kill(hub.pid, "SIGHUP");
    await waitUntil("the log says so", () => hub.log.includes("the configuration file cannot be used"));
    writeConfig(hub.home, whole);
    assert.deepEqual((await hub.ask(reload)).json, { added: 0, changed: 0, removed: 0 });
    assert.deepEqual(
      (await servers(hub)).map(({ id, health }) => [id, health]),
      was,
    );
  });

  it("lets only the file change or remove them", async () => {
    for (const [method, body] of [
      ["DELETE", undefined],
      ["PATCH", { labels: { a: "b" } }],
      ["PATCH", { token: "x" }],
    ] as const) {
      const refused = assertRefused(await hub.ask({ method, path: "/servers/first", body }), "invalid_request");
      assert.deepEqual(refused.details, { server: "first", reason: "from_config" });
    }
    const cordoned = await hub.ask({ method: "PATCH", path: "/servers/first", body: { cordoned: true } });
    assert.equal(cordoned.json.cordoned, true);
  });

  it("lets go of linked ones that its rules come to forbid, and takes them back when they are allowed", async () => {
    const whole = `${ofFirst}name = "first"\n`;
    writeConfig(hub.home, `${whole}[ip_access]\nblocklist = ["127.0.0.0/8"]\n`);
    process.kill(hub.pid, "SIGHUP");
    for (const address of [first, second]) await becomes(hub, address, "rejected", "address_denied");
    assertRefused(await hub.ask({ path: "/sessions/far" }), "server_unavailable");
    const denied = await hub.ask({ path: "/servers", body: { address: "http://127.0.0.1:3" } });
    assert.match(
      assertRefused(denied, "invalid_request").message,
      /127\.0\.0\.1 is in 127\.0\.0\.0\/8 of the blocklist/,
    );
    writeConfig(hub.home, whole);
    assert.equal((await hub.ask(reload)).status, 200);
    for (const address of [first, second]) await becomes(hub, address, "healthy", null);
    assert.equal((await hub.ask({ path: "/sessions/far" })).json.state, "running");
  });

  it("knows another server at the address of one that it has met, also after a restart", async () => {
    const { port } = await one.tcp();
    const { token } = one;
    await hub.stop();
    await one.stop();
    await using _other = await startServer({
      args: ["--hostname", "web-1", "--bind", `127.0.0.1:${port}`],
      env: { FLEETTY_TOKEN: token },
    });
    await hub.start();
    await becomes(hub, first, "rejected", "bad_identity");
  });
});

/** Answers every request with `answer`, and keeps what it was sent. */
async function listen(answer: (location: string) => { status: number; location?: string }) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}\n${request.rawHeaders.join("\n")}`);
    const { status, location } = answer(request.url ?? "");
    response.writeHead(status, location === undefined ? {} : { location }).end("an answer that nobody repeats");
  });
  server.on("upgrade", (request, socket) => {
    heard.push(`${request.method} ${request.url}\n${request.rawHeaders.join("\n")}`);
    const { status, location } = answer(request.url ?? "");
    socket.end(
      `HTTP/1.1 ${status} X\r\n${location ? `Location: ${location}\r\n` : ""}Connection: close\r\n\r\nan answer`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address, heard, [Symbol.dispose]: close };
}

describe("a hub with rules in its file", () => {
  it("sends a shared token to those on its list alone, its own to nobody, and follows no redirect", async () => {
    using listed = await listen(() => ({ status: 401 }));
    using unlisted = await listen(() => ({ status: 401 }));
    using target = await listen(() => ({ status: 200 }));
    using redirecting = await listen(() => ({ status: 302, location: `${target.address}/internal` }));
    const list = 'default_token = "shared-by-some"\ndefault_token_for = ["10.0.0.0/8", "*.build.example"]\n';
    using home = homeWith(list + entry(unlisted.address) + entry(redirecting.address));
    await using hub = await startServer({ home, tcp: true, args: ["--hostname", "hub-1"] });
    await becomes(hub, unlisted.address, "unavailable", "auth_failed");
    await becomes(hub, redirecting.address, "unavailable", "dial_failed");
    const { json } = await hub.ask({ path: `/servers/${encodeURIComponent(redirecting.address)}` });
    assert.equal(json.link_log.at(-1).detail, "redirect");
    assert.equal((await hub.ask({ path: "/servers", body: { address: listed.address } })).status, 201);
    await becomes(hub, listed.address, "unavailable", "auth_failed");
    for (const { heard } of [listed, unlisted, redirecting]) assert.doesNotMatch(heard.join("\n"), /authorization/i);
    writeConfig(
      hub.home,
      list.replace("10.0.0.0/8", "localhost") + entry(listed.address.replace("127.0.0.1", "localhost")),
    );
    assert.equal((await hub.ask(reload)).status, 200);
    const isSent = () => listed.heard.some((one) => /^authorization\nBearer shared-by-some$/im.test(one));
    await waitUntil("it is sent to who is listed by now", isSent, { seen: () => listed.heard });
    const everything = [listed, unlisted, redirecting].flatMap(({ heard }) => heard).join("\n");
    assert.ok(!everything.includes(hub.token));
    assert.deepEqual(target.heard, []);
    assert.doesNotMatch(hub.log, /an answer|shared-by-some/);
  });

  it("trusts the authorities of its file for members over TLS, and answers that there is no file when there is none", async () => {
    await using hub = await startServer({ args: ["--hostname", "hub-1"] });
    assertRefused(await hub.ask(reload), "no_config");
    const { cert, key } = makeCertificate(hub.home.root, "member");
    await using far = await member("tls-1", ["--tls-cert", cert, "--tls-key", key]);
    const address = await addressOf(far, "https");
    const said = entry(address, `token_file = "${tokenFile(far, hub.home)}"`);
    const only = '[server]\nplaintext_links = "loopback"\n';
    writeConfig(hub.home, only + said);
    assert.deepEqual((await hub.ask(reload)).json, { added: 1, changed: 0, removed: 0 });
    await becomes(hub, address, "unavailable", "tls_failed");
    writeConfig(hub.home, `${only}${said}[tls]\nca_file = "${cert}"\n`);
    assert.deepEqual((await hub.ask(reload)).json, { added: 0, changed: 0, removed: 0 });
    await becomes(hub, address, "healthy", null);
    const plain = await hub.ask({ path: "/servers", body: { address: "http://192.0.2.1:7337" } });
    assert.match(assertRefused(plain, "invalid_request").message, /plain text, which plaintext_links forbids/);
  });
});
