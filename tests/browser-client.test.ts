// The client in a page of another origin, as a site would have it: bundled, in a real Chromium, against a real server. What
// stands in the functions that are handed to the page runs there.
import assert from "node:assert/strict";
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { TestBrowser } from "./harness/browser.ts";
import { bundleClient, type ClientBundle } from "./harness/client-bundle.ts";
import { ClientPage, type InPage } from "./harness/client-page.ts";
import { freePort } from "./harness/free-port.ts";
import { NUMBERS_FROM, numberedLines } from "./harness/numbered-lines.ts";
import { PageServer } from "./harness/page-server.ts";
import { fixture, installed } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Of the page. */
declare const fleetty: InPage["fleetty"];
declare const client: InPage["client"];
declare const url: string;
declare const token: string;
declare const origin: string;
declare const refusalOf: InPage["refusalOf"];
declare const keep: InPage["keep"];
declare const watched: InPage["watched"];

const program = installed("chromium");

describe("the client in a browser", { skip: program.skip }, () => {
  const owned = new AsyncDisposableStack();
  const folder = owned.use(mkdtempDisposableSync("/tmp/ft-"));
  let bundle: ClientBundle;
  let pages: PageServer;
  let server: TestServer;
  let browser: TestBrowser;
  let opened: ClientPage;
  let page: Page;
  let address: string;
  /** Where nobody listens. */
  let nowhere: string;

  before(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    nowhere = `http://127.0.0.1:${await freePort()}`;
    bundle = await bundleClient();
    const connects = [address, address.replace("http", "ws"), nowhere];
    pages = owned.use(await PageServer.start(bundle, { connects }));
    const args = ["--bind", `127.0.0.1:${port}`, "--allow-origin", pages.origin, "--access-log"];
    server = owned.use(await startServer({ args }));
    browser = owned.use(await TestBrowser.start(program.path));
    opened = await ClientPage.open(browser, pages, { url: address, token: server.token });
    page = opened.page;
  });

  after(() => owned.disposeAsync());

  it("is loaded without anything of Node", () => {
    assert.deepEqual(bundle.foreign, []);
    const kinds = bundle.sources.map((file) => /^(packages\/client|packages\/protocol|node_modules\/zod)\//.exec(file));
    assert.deepEqual(
      bundle.sources.filter((file, at) => kinds[at] === null && !file.includes("rolldown/runtime")),
      [],
    );
    assert.ok(bundle.sources.includes("packages/client/src/web/fetch-transport.ts"));
    assert.ok(!bundle.sources.some((file) => file.startsWith("packages/client/src/node/")));
  });

  it("creates, finds, renames, tags, resizes, signals and ends a session", async () => {
    const seen = await page.evaluate(
      async (argv) => {
        const { id, name } = await client.sessions.create({ name: "first", argv, rows: 10, cols: 40 });
        await client.sessions.wait({ session: id, until: { pattern: { regex: "^10 40$", on: "screen" } } });
        const listed = (await client.sessions.list()).map((one) => one.name);
        const { rows } = await client.sessions.resize({ session: id, rows: 12, cols: 50 });
        const resized = { pattern: { regex: "^12 50$", on: "screen" as const } };
        const { reason } = await client.sessions.wait({ session: id, until: resized });
        const updated = await client.sessions.update({ session: id, name: "second", add_tags: ["web"] });
        const { signal, pids } = await client.sessions.signal({ session: "second", signal: "TERM" });
        const ended = await client.sessions.wait({ session: id, until: { exit: true } });
        const { exit } = await client.sessions.get({ session: id });
        await client.sessions.kill({ session: id });
        const gone = await refusalOf(client.sessions.get({ session: id }));
        const after = [signal, pids.length > 0, ended.reason, exit, gone.code];
        return { name, listed, rows, reason, updated: [updated.name, updated.tags], after };
      },
      [fixture("report-size")],
    );
    assert.deepEqual(seen, {
      name: "first",
      listed: ["first"],
      rows: 12,
      reason: "pattern",
      updated: ["second", ["web"]],
      after: ["SIGTERM", true, "exit", { signal: "SIGTERM" }, "session_not_found"],
    });
  });

  it("types octets, texts, keys and pastes, each as it is", async () => {
    const file = join(folder.path, "heard");
    await page.evaluate(
      async (argv) => {
        await client.sessions.create({ name: "heard", argv });
        await client.sessions.wait({ session: "heard", until: { pattern: { regex: "ready", on: "screen" } } });
        await client.sessions.input({ session: "heard", data: Uint8Array.from({ length: 256 }, (_, octet) => octet) });
        await client.sessions.input({ session: "heard", data: btoa("text ") });
        await client.sessions.keys({ session: "heard", keys: ["Up", "Ctrl+C", { text: "ü" }] });
        await client.sessions.paste({ session: "heard", text: "two\nlines", enter: true });
      },
      [fixture("record-input"), file],
    );
    const wanted = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)),
      Buffer.from("text \x1b[A\x03ütwo\rlines\r"),
    ]);
    await waitUntil("all is heard", () => readFileSync(file).byteLength >= wanted.byteLength);
    assert.deepEqual(readFileSync(file), wanted);
  });

  it("reads screen, scrollback, text and raw octets, with the place of those and what is gone", async () => {
    const bytes = 1_100_000;
    const seen = await page.evaluate(
      async ({ argv, end }) => {
        await client.sessions.create({ name: "long", argv });
        const ready = await client.sessions.wait({
          session: "long",
          until: { pattern: { regex: "ready", on: "screen" } },
        });
        await client.sessions.keys({ session: "long", keys: ["Enter"] });
        const last = { pattern: { regex: "^ *0137500$", on: "screen" as const } };
        await client.sessions.wait({ session: "long", until: last });
        const { lines } = await client.sessions.screen({ session: "long", format: "plain" });
        const { total_lines } = await client.sessions.scrollback({ session: "long", offset: -3, limit: 1 });
        const { text } = await client.sessions.output({ session: "long", from: end - 8, format: "text" });
        const { data, ...place } = await client.sessions.output({
          session: "long",
          from: 0,
          format: "raw",
          max_bytes: 16,
        });
        return { reason: ready.reason, lines, total_lines, text, place, octets: [...(data as Uint8Array)].length };
      },
      { argv: [fixture("print-when-told"), String(bytes)], end: bytes + 6 },
    );
    const { place, lines, ...rest } = seen;
    assert.deepEqual(rest, { reason: "pattern", total_lines: 10_024, text: "0137500\n", octets: 16 });
    assert.equal((lines as string[])[22]?.trim(), "0137500");
    const { oldest } = place;
    const gaps = [{ from: 0, to: oldest, reason: "expired" }];
    assert.deepEqual(place, { from: oldest, to: oldest + 16, end: bytes + 6, oldest, next: oldest + 16, gaps });
    assert.ok(oldest > 0);
  });

  it("may read the headers of every answer", async () => {
    const seen = await page.evaluate(async () => {
      const ask = async (path: string, { body, key }: { body?: unknown; key?: string } = {}) => {
        const answer = await fetch(url + path, {
          method: body === undefined ? "GET" : "POST",
          headers: {
            authorization: `Bearer ${token}`,
            ...(body !== undefined && { "content-type": "application/json" }),
            ...(key !== undefined && { "idempotency-key": key }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return Object.fromEntries(answer.headers);
      };
      const listed = await ask("/sessions/heard?mood=good");
      const asked = { body: { name: "once", argv: ["/bin/cat"] }, key: "once" };
      return { listed, first: await ask("/sessions", asked), second: await ask("/sessions", asked) };
    });
    const { listed, first, second } = seen;
    assert.match(listed["fleetty-request-id"] ?? "", /^req_/);
    assert.ok(listed["fleetty-server"]);
    assert.match(listed["fleetty-ignored"] ?? "", /mood/);
    assert.deepEqual([first["idempotency-replayed"], second["idempotency-replayed"]], [undefined, "true"]);
  });

  it("creates once under a key", async () => {
    const ids = await page.evaluate(async () => {
      const create = () => client.sessions.create({ argv: ["/bin/cat"] }, { idempotencyKey: "twice" });
      return [(await create()).id, (await create()).id];
    });
    assert.equal(ids[0], ids[1]);
  });

  it("is refused by code and details, and leaves a wait when told to", async () => {
    const seen = await page.evaluate(async (dead) => {
      const abort = new AbortController();
      const waiting = refusalOf(
        client.sessions.wait({ session: "heard", until: { exit: true } }, { signal: abort.signal }),
      );
      await client.sessions.get({ session: "heard" });
      abort.abort();
      const misspelt = { session: "heard", grace: 5 };
      const other = fleetty.connect({ url, token: "wrong" });
      const nobody = fleetty.connect({ url: dead, token });
      return {
        waiting: (await waiting).code,
        misspelt: (await refusalOf(client.sessions.kill(misspelt as never))).code,
        changed: await refusalOf(client.sessions.keys({ session: "heard", keys: ["a"], if_generation: 0 })),
        wrong: (await refusalOf(other.sessions.list())).code,
        unanswered: await refusalOf(nobody.sessions.create({ argv: ["/bin/cat"] })),
        socket: (await refusalOf(fleetty.connect({ socket: "/run/x.sock" }).sessions.list())).code,
      };
    }, nowhere);
    const { changed, unanswered, ...codes } = seen;
    assert.deepEqual(codes, {
      waiting: "cancelled",
      misspelt: "invalid_body",
      wrong: "auth_invalid",
      socket: "unsupported",
    });
    assert.equal(changed.code, "screen_changed");
    assert.equal(typeof changed.details["generation"], "number");
    assert.equal(unanswered.code, "server_unavailable");
    assert.deepEqual(unanswered.details, { server: nowhere, reason: "untold", may_have_run: "unknown" });
  });

  it("watches and types over a server's death: each byte once, and the end of what ended meanwhile", async () => {
    const [now, over] = [join(folder.path, "now"), join(folder.path, "over")];
    const programs = {
      steady: [fixture("print-steadily"), "1024"],
      answers: [fixture("answer-lines")],
      parted: [fixture("become-when-there"), now, "/bin/sh", "-c", `echo bye; touch ${over}; exit 3`],
    };
    const names = Object.keys(programs);
    await page.evaluate(async (given) => {
      for (const [name, argv] of Object.entries(given)) {
        await client.sessions.create({ name, argv });
        keep(name, { session: name, from: 0 });
      }
    }, programs);
    await waitUntil("it sees numbers", async () => (await opened.textOf("steady")).includes("0000001"));
    await waitUntil("it may type", async () => (await opened.textOf("answers")).includes("ready"));
    await waitUntil("it sees the beginning", async () => (await opened.textOf("parted")) === "ready\n");
    await page.evaluate(() => watched["answers"]?.watch.write("before\n"));
    await server.kill();
    for (const name of names) await opened.tells(name, "disconnected");
    writeFileSync(now, "");
    await waitUntil("one has ended", () => existsSync(over));
    const typed = page.evaluate(() => watched["answers"]?.watch.write("meanwhile\n"));
    await server.start();
    assert.equal(typeof (await typed)?.offset, "number");
    await waitUntil("it is answered", async () => (await opened.textOf("answers")).includes("got meanwhile"));
    assert.equal(await opened.textOf("answers"), "ready\r\ngot before\r\ngot meanwhile\r\n");
    await opened.tells("parted", "exit");
    assert.equal(await opened.textOf("parted"), "ready\nbye\n");
    await opened.tells("steady", "reconnected");
    await server.ask({ method: "POST", path: "/sessions/steady/signal", body: { signal: "KILL", to: "session" } });
    await opened.tells("steady", "exit");
    const text = await opened.textOf("steady");
    assert.equal(text, `ready\n${numberedLines(NUMBERS_FROM, text.length).toString()}`);
    assert.deepEqual(await opened.typesOf("steady"), ["size", "disconnected", "reconnected", "size", "exit"]);
  });

  it("is sent away, and knows which of its sockets a browser's own token opened", async () => {
    const { json } = await server.ask({ method: "POST", path: "/auth/login-ticket" });
    const seen = await page.evaluate(async (ticket) => {
      keep("attached", { session: "heard", from: 0, attach: true });
      const session = await fleetty.connect({ url }).auth.session({ ticket });
      const own = fleetty.connect({ url, token: session.token });
      const { principal } = await own.auth.whoami();
      const watch = own.sessions.watch({ session: "heard", from: 0 });
      await watch.next();
      const all = async () => {
        for await (const _ of watch);
      };
      const rest = refusalOf(all());
      await own.auth.session_end();
      return [session.principal, principal, (await rest).code];
    }, String(json.ticket));
    assert.deepEqual(seen, ["local", "local", "auth_invalid"]);
    await waitUntil("it watches", async () => (await opened.textOf("attached")).includes("ready"));
    await page.evaluate(() => client.sessions.detach({ session: "heard" }));
    await opened.tells("attached", "closed");
  });

  it("runs as documented", async () => {
    const [, chapter = ""] = readFileSync("docs/protocol.md", "utf8").split("## In a browser\n");
    const [, example = ""] = /^```js\n(.*?)^```/ms.exec(chapter) ?? [];
    const url = "http://127.0.0.1:7337";
    assert.ok(example.includes(url));
    pages.serve("");
    const reader = await browser.open(pages.origin);
    await reader.evaluate((root) => sessionStorage.setItem("fleetty-token", root), server.token);
    pages.serve(example.replace(url, address));
    await reader.reload();
    const shown = () => reader.textContent("#shown");
    await waitUntil("the page shows it", async () => (await shown())?.includes("hello\r\nhello\r\n"), { seen: shown });
  });

  it("gets nothing for a page of another origin, which is refused by the server", async () => {
    await using foreign = await PageServer.start(bundle, { connects: ["*", "ws:"] });
    const { page: other } = await ClientPage.open(browser, foreign, { url: address, token: server.token });
    const seen = await other.evaluate(async () => {
      const created = await refusalOf(client.sessions.create({ name: "foreign", argv: ["/bin/cat"] }));
      return [(await refusalOf(client.sessions.list())).details["reason"], created.details["reason"]];
    });
    assert.deepEqual(seen, ["untold", "untold"]);
    assert.deepEqual(await approach(other), { origin: foreign.origin, fetched: "nothing", socket: "closed" });
    const { json: sessions } = await server.ask({ path: "/sessions" });
    assert.ok(!sessions.some(({ name }: { name: string }) => name === "foreign"));
  });

  it("gets nothing for a page of no origin either", async () => {
    await using nameless = await PageServer.start(bundle, { connects: ["*", "ws:"], isSandboxed: true });
    const other = await browser.open(nameless.origin);
    assert.deepEqual(await approach(other), { origin: "null", fetched: "nothing", socket: "closed" });
  });

  /** What a page gets that has token and ticket, without the client; the server has refused both for their origin. */
  async function approach(from: Page) {
    const { json } = await server.ask({ method: "POST", path: "/auth/ws-ticket" });
    const refusedBefore = refusedOrigins();
    const got = await from.evaluate(
      async ({ at, root, ticket }) => {
        const asked = fetch(`${at}/sessions`, { headers: { authorization: `Bearer ${root}` } });
        const fetched = asked.then(
          () => "an answer",
          () => "nothing",
        );
        const socket = new WebSocket(`${at.replace("http", "ws")}/sessions/heard/ws/raw?ticket=${ticket}`);
        const opened = new Promise<string>((resolve) => {
          socket.onopen = () => resolve("open");
          socket.onclose = () => resolve("closed");
        });
        return { origin, fetched: await fetched, socket: await opened };
      },
      { at: address, root: server.token, ticket: String(json.ticket) },
    );
    await waitUntil("the server has refused both", () => refusedOrigins() >= refusedBefore + 2);
    return got;
  }

  function refusedOrigins(): number {
    return server.log.split('"code":"origin_not_allowed"').length - 1;
  }

  it("is told when to come back, as the page may read itself", async () => {
    const seen = await page.evaluate(async () => {
      const guessing = fleetty.connect({ url, token: "a-guess" });
      for (let guess = 0; guess < 20; guess += 1) await refusalOf(guessing.sessions.list());
      const { code, details } = await refusalOf(client.sessions.list());
      const answer = await fetch(`${url}/sessions`, { headers: { authorization: `Bearer ${token}` } });
      return { code, waitMs: Number(details["retry_after_ms"]), header: answer.headers.get("retry-after") };
    });
    assert.equal(seen.code, "rate_limited");
    assert.ok(seen.waitMs > 0);
    assert.ok(Number(seen.header) > 0);
  });

  it("throws nothing that nobody catches", () => {
    assert.deepEqual(browser.thrown, []);
  });
});
