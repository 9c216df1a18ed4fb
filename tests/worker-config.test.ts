// A worker by its file: it starts by that alone once it has joined, is held to what [grants] lets hubs ask, and does not start with
// what nobody knows. Real workers, and hubs that they dial or that dial them.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeCertificate } from "./harness/certificate.ts";
import { writeConfig } from "./harness/config.ts";
import { TestFleet } from "./harness/fleet.ts";
import { inHome, makeHome } from "./harness/folders.ts";
import { freePort } from "./harness/free-port.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

function fleetOf(hub: TestServer): TestFleet {
  return new TestFleet(hub, new Map(), new AsyncDisposableStack());
}

async function makeCode(hub: TestServer): Promise<string> {
  return (await hub.ask({ path: "/servers/join-codes", body: {} })).json.code;
}

describe("a worker with its hub in its file", () => {
  let hub: TestServer;
  let fleet: TestFleet;
  let url: string;
  let ca: string;

  before(async () => {
    const home = makeHome();
    const { cert, key } = makeCertificate(home.root, "hub");
    const port = await freePort();
    const args = ["--hostname", "hub-1", "--bind", `127.0.0.1:${port}`, "--tls-cert", cert, "--tls-key", key];
    hub = await startServer({ home, args });
    fleet = fleetOf(hub);
    url = `https://127.0.0.1:${port}`;
    ca = cert;
  });
  after(async () => {
    await hub[Symbol.asyncDispose]();
    hub.home.remove();
  });

  const created = (server: string) => hub.ask({ path: "/sessions", body: { argv: [fixture("say")], server } });

  it("starts by that alone once it has joined, and by flags before it", async () => {
    await using worker = new TestWorkerProcess("filed");
    worker.start({ args: ["--join", url, "--ca-file", ca], stdin: `${await makeCode(hub)}\n` });
    await fleet.becomes("filed", "healthy");
    assert.equal(await worker.stop(), 0, worker.log);

    const own = join(worker.home.root, "own-ca.pem");
    copyFileSync(ca, own);
    const there = url.replace("127.0.0.1", "localhost");
    writeConfig(worker.home, `[worker]\nhub = "${there}/"\nca_file = "${own}"\nmax_sessions = 1\n`);
    worker.start();
    await fleet.becomes("filed", "healthy");
    const record = JSON.parse(readFileSync(join(worker.stateDir, "hub.json"), "utf8"));
    assert.deepEqual([record.address, record.ca_file], [there, own]);
    assert.equal((await created("filed")).status, 201);
    assertRefused(await created("filed"), "max_sessions_reached");
    assert.equal(await worker.stop(), 0, worker.log);

    // Nobody is there; but a flag says where the hub is, and another how many sessions.
    writeConfig(worker.home, '[worker]\nhub = "https://127.0.0.1:1"\nca_file = "/no/ca"\nmax_sessions = 1\n');
    const code = join(worker.home.root, "code");
    writeFileSync(code, await makeCode(hub), { mode: 0o600 });
    worker.start({ args: ["--join", url, "--code-file", code, "--ca-file", ca, "--max-sessions", "2"] });
    await fleet.becomes("filed", "healthy");
    assert.equal((await created("filed")).status, 201);
    assertRefused(await created("filed"), "max_sessions_reached");
  });

  it("joins the hub of its file with a code from a file, and says what to do without one", async () => {
    await using worker = new TestWorkerProcess("fresh");
    writeConfig(worker.home, `[worker]\nhub = "${url}"\nca_file = "${ca}"\n`);
    worker.start();
    assert.equal(await worker.ended(), 2);
    const told = `this worker has not joined ${url} yet; run fleetty worker --join ${url} once, with a join code`;
    assert.ok(worker.log.includes(told), worker.log);
    const code = join(worker.home.root, "code");
    writeFileSync(code, await makeCode(hub), { mode: 0o600 });
    worker.start({ args: ["--code-file", code] });
    await fleet.becomes("fresh", "healthy");
    await worker.stop();
    worker.start();
    await fleet.becomes("fresh", "healthy");
  });

  it("listens for a hub instead where a flag says so, though it has joined one", async () => {
    await using worker = new TestWorkerProcess("both");
    worker.start({ args: ["--join", url, "--ca-file", ca], stdin: `${await makeCode(hub)}\n` });
    await fleet.becomes("both", "healthy");
    await worker.stop();
    writeConfig(worker.home, `[worker]\nhub = "${url}"\nca_file = "${ca}"\n`);
    worker.start({ args: ["--listen", join(worker.home.root, "link", "link.sock")] });
    await waitUntil("it is ready", () => worker.log.split('"msg":"ready"').length === 3, { seen: () => worker.log });
    assert.doesNotMatch(worker.log.split('"msg":"stopping"')[1] ?? "", /hub/);
  });
});

describe("a worker's file", () => {
  const refusals: readonly (readonly [text: string, said: RegExp])[] = [
    ["", /has joined no hub yet; run fleetty worker --join https:\/\/HUB once.*, or fleetty worker --listen SOCKET/],
    [
      '[worker]\n\nhubb = "https://hub"\n',
      /config\.toml:3: hubb in \[worker\] is not known; see fleetty worker --help/,
    ],
    ['[worker]\nlisten = "/x/l.sock"\n', /config\.toml:2: listen in \[worker\] is not known/],
    ['[worker]\nhub = "http://hub.example"\n', /config\.toml:2: hub: .*by https:\/\/ alone/],
    ["[worker]\nhub = 7\n", /config\.toml:2: hub in \[worker\] is to be a text/],
    ["[worker]\nmax_sessions = 0\n", /config\.toml:2: max_sessions: .*>=1/],
    ["worker = 7\n", /config\.toml:1: worker is to be a table: \[worker\]/],
    ['[grants]\nrepos = ["*"]\n', /config\.toml:2: repos in \[grants\] is not known/],
    ['[grants]\noperations = "*"\n', /config\.toml:2: operations in \[grants\] is to be a list of texts/],
    [
      '[worker]\n[grants]\n\noperations = ["sessions.*", "session.get"]\n',
      /config\.toml:4: operations in \[grants\]: "session\.get" means nothing that a hub asks of a worker; write \*/,
    ],
    ['[grants]\noperations = ["workspaces.*"]\n', /config\.toml:2: .*"workspaces\.\*" means nothing/],
    ["[server]\nmax_session = 1\n", /config\.toml:2: max_session in \[server\] is not known/],
    ['[[servers]]\nadress = "x"\n', /config\.toml:2: adress in \[\[servers\]\] is not known/],
    ["[workr]\n", /config\.toml:1: table \[workr\] is not known/],
  ];

  it("is refused by name and line where nobody knows it or it cannot be used, and no worker starts", async () => {
    await inHome(async (home) => {
      for (const [text, said] of refusals) {
        writeConfig(home, text);
        const { code, stderr } = await runFleetty(["worker"], { home, timeoutMs: 20_000 });
        assert.equal(code, 2, stderr);
        assert.match(stderr, said);
      }
      const { stderr } = await runFleetty(["worker", "--grant", "sesions.*"], { home, timeoutMs: 20_000 });
      assert.match(stderr, /table \[workr\] is not known/, "the whole file comes first");
      const other = writeConfig(home, "", "other.toml");
      const flag = await runFleetty(["worker", "--config", other, "--grant", "sesions.*"], { home, timeoutMs: 20_000 });
      assert.deepEqual([flag.code, /--grant: "sesions\.\*" means nothing/.test(flag.stderr)], [2, true], flag.stderr);
    });
  });

  it("is a server's too, which is held to what it says, and says that [grants] does not bound a server", async () => {
    await inHome(async (home) => {
      writeConfig(home, '[worker]\nhub = "https://hub"\n[grants]\noperations = ["sessions.get"]\n');
      await using server = await startServer({ home });
      assert.match(server.log, /\[grants\] bounds a fleetty worker alone/);
      assert.equal((await server.ask({ path: "/sessions", body: { argv: ["true"] } })).status, 201);
      writeConfig(home, "[worker]\nhubb = 7\n");
      const reload = await server.ask({ method: "POST", path: "/server/reload-config" });
      assert.match(assertRefused(reload, "invalid_request").message, /config\.toml:2: hubb in \[worker\] is not known/);
    });
  });
});

describe("what a worker grants", () => {
  let hub: TestServer;
  let fleet: TestFleet;
  let worker: TestWorkerProcess;
  let path: string;

  const GRANTED = ["start", "list", "get", "screen", "snapshot", "stream", "output", "wait", "input"];
  /** Under these grants in its file; resolves when the hub has it, which knows it as `box`. */
  async function start(operations: readonly string[], args: readonly string[] = []): Promise<void> {
    writeConfig(worker.home, `[grants]\noperations = ${JSON.stringify(operations)}\n`);
    worker.start({ args: ["--listen", path, ...args] });
    await fleet.becomes("box", "healthy");
  }

  async function restart(operations: readonly string[], args: readonly string[] = []): Promise<void> {
    await worker.stop();
    await fleet.becomes("box", "unavailable");
    await start(operations, args);
  }

  function told(operation: string): string {
    return `server box does not let its hubs ask ${operation}; [grants] in its config.toml and its worker's --grant say what they may`;
  }

  before(async () => {
    worker = new TestWorkerProcess("reported");
    path = join(worker.home.root, "link", "link.sock");
    const home = makeHome();
    writeConfig(home, `[[servers]]\naddress = "unix:${path}"\nname = "box"\n`);
    hub = await startServer({ home, args: ["--hostname", "hub-1"] });
    fleet = fleetOf(hub);
    await start(GRANTED.map((name) => `sessions.${name}`));
  });
  after(async () => {
    await hub[Symbol.asyncDispose]();
    await worker[Symbol.asyncDispose]();
    hub.home.remove();
  });

  it("is done, and all else refused in words that name the server and the operation", async () => {
    const made = await hub.ask({ path: "/sessions", body: { name: "s", argv: [fixture("say")], server: "box" } });
    assert.equal(made.status, 201, made.body.toString());
    assert.equal((await hub.ask({ path: "/sessions/s/input", body: "hi\\n\n" })).status, 200);
    const { message, details } = assertRefused(await hub.ask({ method: "DELETE", path: "/sessions/s" }), "forbidden");
    assert.equal(message, told("sessions.kill"));
    assert.deepEqual(details, { server: "box", operation: "sessions.kill", reason: "grants" });
    const info = assertRefused(await hub.ask({ path: "/server/info?server=box" }), "forbidden");
    assert.equal(info.message, told("server.info"));
    const { code, stderr } = await hub.fleetty(["kill", "box/s"]);
    assert.deepEqual([code, stderr.includes(told("sessions.kill"))], [3, true], stderr);
  });

  it("holds streams and typing of viewers, too", async () => {
    const viewer = await RawViewer.open(hub.socketPath, "s", { from: 0 });
    await viewer.until("it shows what was printed", ({ text }) => text.includes("hi"));
    viewer.type(1, "typed\n");
    const refusal = () => viewer.texts.find(({ type }) => type === "error");
    await viewer.until("its typing is refused", () => refusal() !== undefined);
    const { error, input } = refusal() as unknown as { error: { code: string; message: string }; input: number };
    assert.deepEqual([input, error.code, error.message], [1, "forbidden", told("sessions.input_open")]);
    viewer.close();
    await restart(["sessions.get", "sessions.list", "sessions.input_open"]);
    const stream = assertRefused(await RawViewer.refused(hub.socketPath, "s"), "forbidden");
    assert.equal(stream.message, told("sessions.stream"));
  });

  it("is both what the file and what --grant says", async () => {
    await restart(["sessions.get", "sessions.input"], ["--grant", "sessions.get", "--grant", "server.*"]);
    assert.equal((await hub.ask({ path: "/sessions/s" })).json.name, "s");
    for (const [asked, operation] of [
      [{ path: "/sessions/s/input", body: "x" }, "sessions.input"],
      [{ path: "/server/info?server=box" }, "server.info"],
    ] as const)
      assert.equal(assertRefused(await hub.ask(asked), "forbidden").details["operation"], operation);
  });

  it("may be nothing; the hub still learns what lives there", async () => {
    await restart([]);
    const create = await hub.ask({ path: "/sessions", body: { argv: ["true"], server: "box" } });
    assert.equal(assertRefused(create, "forbidden").message, told("sessions.start"));
    const placed = await hub.ask({ path: "/sessions", body: { argv: ["true"], on: "box" } });
    assert.equal(assertRefused(placed, "forbidden").details["server"], "box");
    assert.equal((await fleet.server("box")).sessions, 1);
    const listed = await hub.ask({ path: "/sessions" });
    assert.deepEqual(listed.json, []);
  });
});
