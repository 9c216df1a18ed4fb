// Secrets: kept by name on a server, or read where its operator says, and typed where a program of a session asks for one and
// nowhere else. By the real binary and real programs that ask; and afterwards no secret is anywhere that it should not be.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { auditOf } from "./harness/audit.ts";
import { writeConfig } from "./harness/config.ts";
import { makeHome } from "./harness/folders.ts";
import type { Answer } from "./harness/http.ts";
import { fixture, installed } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import {
  asks,
  assertNowhere,
  assertTyped,
  made,
  newSecret,
  secret,
  secretOnceAsked,
  sha256,
} from "./harness/secrets.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

const kept = newSecret();
const inFile = newSecret();
const inVariable = newSecret();
const printed = newSecret();
const told = newSecret();
const home = makeHome();
let server: TestServer;

before(async () => {
  const file = join(home.root, "password");
  writeFileSync(file, `${inFile}\n`, { mode: 0o600 });
  const command = join(home.root, "print-secret");
  writeFileSync(command, `#!/bin/sh\n[ ! -t 0 ] && echo talk >&2 && echo '${printed}'\n`, { mode: 0o700 });
  writeConfig(
    home,
    [
      `[secrets.in-file]\nfile = "${file}"`,
      `[secrets.in-variable]\nenv = "SUDO_PASSWORD"\ntags = ["ci"]`,
      `[secrets.by-command]\ncommand = ["${command}"]\nprompt = '^\\[sudo\\] password'`,
      `[secrets.by-line]\ncommand = "${command} | tr a-f A-F"`,
      `[secrets.told-of]\ncommand = "echo '${told}'; touch ${home.root}/asked"`,
      `[secrets.failing]\ncommand = "echo words-about-${printed} >&2; exit 3"`,
    ].join("\n"),
  );
  made.push(printed.replaceAll(/[a-f]/g, (letter) => letter.toUpperCase()));
  server = await startServer({
    home,
    tcp: true,
    args: ["--hostname", "here", "--trust-proxy", "127.0.0.1", "--access-log", "--log-level", "debug"],
    env: { SUDO_PASSWORD: inVariable },
  });
  assert.equal((await set("kept", { value: kept })).status, 204);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  home.remove();
});

const set = (name: string, body: object) => server.ask({ method: "PUT", path: `/secrets/${name}`, body });
const start = (name: string, argv: readonly string[], more: { ready?: string; tags?: readonly string[] } = {}) =>
  TestSession.start(server.socketPath, name, { argv, ...more });

/** Passes when it is refused for that reason, and the session is where it was. */
async function assertNotTyped(session: TestSession, body: object, reason: string): Promise<void> {
  const place = async () => {
    const { generation, offset, epoch } = (await session.ask("")).json;
    return { generation, offset, epoch };
  };
  const attention = async () => (await session.ask("")).json.attention;
  await session.ask("/screen");
  const was = await place();
  // A program that has just asked is known to wait a moment later.
  const before = await attention();
  const { details } = assertRefused(await secret(session, body), "not_secret_prompt");
  const told = [before, await attention()].find((word) => word === details["attention"]);
  assert.deepEqual(details, { attention: told, reason });
  assert.deepEqual(await place(), was);
}

describe("a secret is typed", () => {
  it("where bash reads without echo: by its name, or as it is", async () => {
    const session = await start("bash", asks("Password: ", "Once more: "), { ready: "Password:" });
    const once = newSecret();
    await assertTyped(await secretOnceAsked(session, { name: "kept" }), "kept");
    await session.shows(sha256(kept));
    await session.shows("Once more:");
    await assertTyped(await secretOnceAsked(session, { value: once }));
    await session.shows(sha256(once));
  });

  it("where Python's getpass asks", async () => {
    const script = "import getpass, hashlib; print(hashlib.sha256(getpass.getpass().encode()).hexdigest())";
    const session = await start("python", [installed("python3").path, "-c", script], { ready: "Password:" });
    await assertTyped(await secretOnceAsked(session, { name: "kept" }), "kept");
    await session.shows(sha256(kept));
  });

  it("where ssh-keygen asks for the passphrase of a key", { skip: installed("ssh-keygen").skip }, async () => {
    const passphrase = randomBytes(12).toString("hex");
    const key = join(home.root, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "of-the-story", "-f", key]);
    assert.equal((await set("key", { value: passphrase, prompt: "^Enter passphrase" })).status, 204);
    const session = await start("key", [installed("ssh-keygen").path, "-y", "-f", key], { ready: "passphrase" });
    await assertTyped(await secretOnceAsked(session, { name: "key" }), "key");
    const { json } = await session.ask("/wait", { body: { until: { exit: true } } });
    assert.deepEqual(json.exit, { code: 0 });
    assert.match((await session.ask("/output")).json.text, /ssh-ed25519 \S+ of-the-story/);
  });

  it("where sudo asks an ordinary user", { skip: installed("sudo").skip || process.getuid?.() !== 0 }, async () => {
    const sudo = [
      installed("setpriv").path,
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      installed("sudo").path,
    ];
    const argv = [...sudo, "-k", "-p", "[sudo] password for nobody: ", "true"];
    const session = await start("sudo", argv, { ready: "password for nobody:" });
    await assertNotTyped(session, { name: "key" }, "prompt");
    await assertTyped(await secretOnceAsked(session, { name: "by-command" }), "by-command");
    await session.shows("Sorry, try again");
  });

  it("without Enter when that is not wanted", async () => {
    const session = await start("open", asks("Password: "), { ready: "Password:" });
    const half = newSecret();
    await assertTyped(await secretOnceAsked(session, { value: half, enter: false }));
    await assertTyped(await secretOnceAsked(session, { value: "-and-more" }));
    await session.shows(sha256(`${half}-and-more`));
  });

  it("once under its id, which is all that is remembered", async () => {
    const session = await start("once", asks("One: ", "Two: ", "Three: "), { ready: "One:" });
    const once = newSecret();
    const first = await secretOnceAsked(session, { value: once, input_id: "a1" });
    await assertTyped(first);
    await session.shows("Two:");
    for (const value of [once, newSecret()]) {
      const again = await secret(session, { value, input_id: "a1" });
      assert.deepEqual(again.json, { ...first.json, duplicate: true });
    }
    assertRefused(await secret(session, { name: "kept", input_id: "a1" }), "input_id_conflict");
    assertRefused(await session.ask("/input?input_id=a1", { body: once }), "input_id_conflict");
    await assertTyped(await secretOnceAsked(session, { name: "kept", input_id: "a2" }), "kept");
    await session.shows(sha256(kept));
    await session.shows("Three:");
    assert.equal((await secret(session, { name: "kept", input_id: "a2" })).json.duplicate, true);
    const { epoch } = (await session.ask("/screen")).json;
    assertRefused(await secret(session, { name: "kept", if_epoch: epoch - 1 }), "screen_changed");
    await assertTyped(await secretOnceAsked(session, { name: "kept", if_epoch: epoch }), "kept");
  });
});

describe("a secret is not typed", () => {
  it("where it would be shown, or read key by key", async () => {
    const cat = await start("cat", ["/bin/cat"]);
    await assertNotTyped(cat, { name: "kept" }, "echo");
    await assertNotTyped(cat, { value: newSecret(), wait_ms: 100 }, "echo");
    const raw = await start("raw", [fixture("read-raw")], { ready: "ready" });
    await assertNotTyped(raw, { value: newSecret() }, "echo");
  });

  it("where another prompt asks than the one that it is for", async () => {
    await set("for-sudo", { value: newSecret(), prompt: "^\\[sudo\\] password" });
    const session = await start("phishing", asks("Password for evil.example: "), { ready: "evil.example:" });
    await assertNotTyped(session, { name: "for-sudo" }, "prompt");
    await assertNotTyped(session, { name: "by-command", wait_ms: 100 }, "prompt");
  });

  it("into a session that has ended, or has not its tags, or by a name that nobody knows", async () => {
    const over = await start("over", ["/bin/true"]);
    await over.ask("/wait", { body: {} });
    assertRefused(await secret(over, { name: "kept" }), "session_exited");
    const session = await start("untagged", asks("Password: "), { ready: "Password:" });
    const forbidden = assertRefused(await secret(session, { name: "in-variable" }), "forbidden");
    assert.deepEqual(forbidden.details, { reason: "tags" });
    const { details } = assertRefused(await secret(session, { name: "nobody" }), "secret_not_found");
    assert.deepEqual(details, { server: "here" });
    await session.ask("", { method: "PATCH", body: { add_tags: ["ci"] } });
    await assertTyped(await secretOnceAsked(session, { name: "in-variable" }), "in-variable");
    await session.shows(sha256(inVariable));
  });

  it("after its caller has gone, however soon the prompt comes then", async () => {
    const session = await start("late", ["/bin/sh", "-c", `read -r _; exec "$@"`, "late", ...asks("Password: ")]);
    const gone = new AbortController();
    const body = { name: "told-of", wait_ms: 30_000 };
    const asking = session.ask("/secret", { body, signal: gone.signal });
    await waitUntil("it is asked for", () => existsSync(join(home.root, "asked")));
    gone.abort();
    await assert.rejects(asking);
    const outcomes = () =>
      auditOf(server)
        .filter((entry) => entry.session === "late")
        .map(({ outcome }) => outcome);
    await waitUntil("it is given up", () => outcomes().includes("cancelled"), { seen: outcomes });
    await session.type("\r");
    await session.shows("Password:");
    const { json } = await session.ask("/wait", { body: { until: { idle: { timeout_ms: 300 } } } });
    assert.equal(json.reason, "idle");
    await assertTyped(await secretOnceAsked(session, { name: "kept" }), "kept");
    await session.shows(sha256(kept));
  });
});

describe("a secret waits", () => {
  it("for a prompt that comes later, and for the right one of several", async () => {
    const value = newSecret();
    await set("second", { value, prompt: "^Second:" });
    const argv = ["/bin/sh", "-c", `read -r _; exec "$@"`, "later", ...asks("First: ", "Second: ")];
    const session = await start("later", argv);
    // From then on it is said of it for as long as it waits.
    const { json: asked } = await session.ask("/wait", { body: { until: { attention: ["needs_input"] } } });
    assert.equal(asked.reason, "needs_input");
    await assertNotTyped(session, { name: "second" }, "echo");
    const waiting = secret(session, { name: "second", wait_ms: 30_000 });
    await session.type("\r");
    await session.shows("First:");
    await assertTyped(await secretOnceAsked(session, { value: newSecret() }));
    await assertTyped(await waiting, "second");
    await session.shows(sha256(value));
  });

  it("no longer than the session lives", async () => {
    const session = await start("short", ["/bin/sh", "-c", "read -r _"]);
    const waiting = secret(session, { name: "kept", wait_ms: 30_000 });
    await session.type("\r");
    assertRefused(await waiting, "session_exited");
  });
});

describe("the secrets of a server", () => {
  it("are listed by name with where they come from, and never with what they are", async () => {
    const { json } = await server.ask({ path: "/secrets" });
    const told = json.items.map(({ name, source, tags, server: on }: Record<string, unknown>) => ({
      name,
      source,
      tags,
      on,
    }));
    for (const one of [
      { name: "by-command", source: "command", tags: [], on: "here" },
      { name: "in-file", source: "file", tags: [], on: "here" },
      { name: "in-variable", source: "env", tags: ["ci"], on: "here" },
      { name: "kept", source: "stored", tags: [], on: "here" },
    ])
      assert.ok(
        told.some((seen: object) => JSON.stringify(seen) === JSON.stringify(one)),
        JSON.stringify(told),
      );
    const names = json.items.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, names.toSorted());
    const pages: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Answer = await server.ask({ path: `/secrets?limit=2${cursor && `&cursor=${cursor}`}` });
      pages.push(...page.json.items.map(({ name }: { name: string }) => name));
      cursor = page.json.next_cursor;
    }
    assert.deepEqual(pages, names);
    const used = json.items.find(({ name }: { name: string }) => name === "kept");
    assert.ok(used.created_at <= used.last_used_at, JSON.stringify(used));
  });

  it("are read at each use where the operator says", async () => {
    const names = ["in-file", "by-command", "by-line"] as const;
    const values = [inFile, printed, printed.replaceAll(/[a-f]/g, (letter) => letter.toUpperCase())];
    const session = await start("configured", asks(...names.map((name) => `[sudo] password, ${name}: `)));
    for (const [at, name] of names.entries()) {
      await session.shows(`${name}:`);
      await assertTyped(await secretOnceAsked(session, { name }), name);
      await session.shows(sha256(values[at] as string));
    }
  });

  it("that cannot be read are not found, and nothing that a command said is told", async () => {
    const session = await start("failing", asks("Password: "), { ready: "Password:" });
    const { message, details } = assertRefused(await secret(session, { name: "failing" }), "secret_not_found");
    assert.deepEqual(details, { server: "here", reason: "unreadable" });
    assert.match(message, /status 3/);
    for (const [method, body] of [
      ["PUT", { value: newSecret() }],
      ["DELETE", undefined],
    ] as const) {
      assertRefused(await server.ask({ method, path: "/secrets/in-file", body }), "invalid_request");
    }
  });

  it("outlive a restart, are replaced as a whole, and are gone when they are removed", async () => {
    const [first, second] = [newSecret(), newSecret()];
    await set("changing", { value: first, tags: ["ci"], prompt: "never" });
    await server.stop();
    await server.start();
    const session = await start("restarted", asks("One: ", "Two: "), { ready: "One:" });
    assertRefused(await secret(session, { name: "changing" }), "forbidden");
    await set("changing", { value: second });
    await assertTyped(await secretOnceAsked(session, { name: "changing" }), "changing");
    await session.shows(sha256(second));
    assert.equal((await server.ask({ method: "DELETE", path: "/secrets/changing" })).status, 204);
    assertRefused(await secret(session, { name: "changing" }), "secret_not_found");
  });

  it("are no text that would end a line early, or be cut", async () => {
    for (const value of ["", "two\nlines", "a\rb", "\x03", "x".repeat(4096), "é".repeat(2048), 5, null]) {
      const refused = assertRefused(await set("unusable", { value }), "invalid_body");
      assert.ok(!JSON.stringify(refused).includes("lines\n") && !JSON.stringify(refused).includes("4096"));
    }
    assertRefused(await server.ask({ method: "PUT", path: "/secrets/a%2Fb", body: { value: "x" } }), "invalid_request");
    assertRefused(await server.ask({ method: "PUT", path: "/secrets/a?value=x", body: {} }), "invalid_query");
  });
});

describe("a caller", () => {
  it("beyond this machine sends no value in plain text, and may name one that is kept", async () => {
    const session = await start("plain", asks("Password: "), { ready: "Password:" });
    const far = { "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "http" };
    const sends = (headers: Record<string, string>, body: object) =>
      server.askTcp({ path: "/sessions/plain/secret", body, headers });
    const { details } = assertRefused(await sends(far, { value: newSecret() }), "forbidden");
    assert.deepEqual(details, { reason: "plaintext" });
    const put = { method: "PUT", path: "/secrets/far", body: { value: newSecret() }, headers: far };
    assert.deepEqual(assertRefused(await server.askTcp(put), "forbidden").details, { reason: "plaintext" });
    assertRefused(await server.ask({ method: "DELETE", path: "/secrets/far" }), "secret_not_found");
    await assertTyped(await sends(far, { name: "kept" }), "kept");
    await session.shows(sha256(kept));
    assertRefused(await sends({ ...far, "x-forwarded-proto": "https" }, { value: newSecret() }), "not_secret_prompt");
  });

  it("has the verb for it, and sees what is for the sessions that it sees", async () => {
    const token = async (body: object) => {
      const { json } = await server.ask({ path: "/tokens", body: { name: "ci", ...body } });
      return json.token as string;
    };
    await set("of-others", { value: newSecret(), tags: ["deploy"] });
    const session = await start("narrow", asks("Password: "), { ready: "Password:", tags: ["ci", "deploy"] });
    const use = (name: string) => ({ path: "/sessions/narrow/secret", body: { name } });
    const typist = await token({ verbs: ["observe", "input", "create", "kill"] });
    for (const asked of [use("kept"), { path: "/secrets" }]) {
      assert.deepEqual(assertRefused(await server.askTcp(asked, typist), "forbidden").details, { verb: "secret" });
    }
    const narrow = await token({ verbs: ["observe", "secret"], tags: ["ci"] });
    const { json } = await server.askTcp({ path: "/secrets" }, narrow);
    const names = json.items.map(({ name }: { name: string }) => name);
    assert.ok(names.includes("kept") && names.includes("in-variable") && !names.includes("of-others"), `${names}`);
    assertRefused(await server.askTcp(use("of-others"), narrow), "secret_not_found");
    const put = { method: "PUT", path: "/secrets/mine", body: { value: newSecret() } };
    assert.deepEqual(assertRefused(await server.askTcp(put, narrow), "forbidden").details, { verb: "admin" });
    await assertTyped(await server.askTcp(use("in-variable"), narrow), "in-variable");
    await session.shows(sha256(inVariable));
  });

  it("at the command line gives a value on standard input alone", async () => {
    const value = newSecret();
    const fleetty = async (args: readonly string[], stdin = "") => {
      const ran = await server.fleetty(args, { stdin });
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout;
    };
    assert.equal(
      await fleetty(["secrets", "set", "by-hand", "--tags", "ci", "--prompt", "^Password"], `${value}\n`),
      "",
    );
    assert.match(await fleetty(["secrets", "ls"]), /^by-hand +here +stored +ci +\^Password +\d+s ago +never$/m);
    assert.ok(JSON.parse(await fleetty(["secrets", "ls", "--json"])).items.length > 0);
    const session = await start("by-hand", asks("Password: ", "Password: "), { ready: "Password:", tags: ["ci"] });
    await fleetty(["secret", "by-hand", "--name", "by-hand", "--wait-ms", "10000"]);
    await session.shows(sha256(value));
    const once = newSecret();
    await fleetty(["secret", "by-hand", "--wait-ms", "10000"], once);
    await session.shows(sha256(once));
    await fleetty(["secrets", "rm", "by-hand"]);
    const refused = await server.fleetty(["api", "secrets.set", "name=a", "value=hunter2"]);
    assert.deepEqual([refused.code, refused.stderr.includes("hunter2")], [2, false], refused.stderr);
    assert.equal((await server.fleetty(["secret", "by-hand", "--value", "hunter2"])).code, 2);
    const far = ["--url", "http://192.0.2.1:7337", "secret", "by-hand"];
    const unsent = await server.fleetty(far, { stdin: newSecret() });
    assert.deepEqual([unsent.code, /nothing was sent.*\[forbidden\]/.test(unsent.stderr)], [3, true], unsent.stderr);
  });

  it("at a terminal types a value that is not shown", async () => {
    const value = newSecret();
    const command = [process.execPath, join(import.meta.dirname, "../packages/cli/src/main.ts")];
    const argv = [...command, "--socket", server.socketPath, "secrets", "set", "typed"];
    const session = await start("typist", argv, { ready: "secret:" });
    await session.type(`wrong\x15${value}x\x7f\r`);
    await session.ask("/wait", { body: { until: { exit: true } } });
    const { json } = await session.ask("/output");
    assert.equal(json.text.replaceAll(/\s+/g, " "), "secret: ");
    const reader = await start("typed", asks("Password: "), { ready: "Password:" });
    await assertTyped(await secretOnceAsked(reader, { name: "typed" }), "typed");
    await reader.shows(sha256(value));
  });
});

describe("what is kept", () => {
  it("holds no secret: no file, no log, no audit, no event, no output, no command line", async () => {
    await assertNowhere([server], made);
    const audited = auditOf(server).filter(({ operation }) => operation.includes("secret"));
    const listed = audited.find(({ operation }) => operation === "secrets.list");
    const put = audited.find(({ operation, detail }) => operation === "secrets.set" && detail.includes("for-sudo"));
    assert.deepEqual([listed?.outcome, put?.detail], ["ok", '{"name":"for-sudo","prompt":"^\\\\[sudo\\\\] password"}']);
  });
});
