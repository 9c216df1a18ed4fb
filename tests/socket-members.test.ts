// Workers whose socket their hub dials, each a real process, in a fleet from a file: how one is found again whatever dies, known by
// its key, and left alone where its socket is not the hub's user's own.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { writeConfig } from "./harness/config.ts";
import { TestFleet } from "./harness/fleet.ts";
import { type Home, makeHome } from "./harness/folders.ts";
import { listeningOn } from "./harness/listening.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { LAUNCHER, runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { TestWorkerProcess } from "./harness/worker.ts";

/** Under them no IP address may be dialled, and nothing beyond this machine in plain text. */
const RULES = '[ip_access]\nblocklist = ["0.0.0.0/0", "::/0"]\n[server]\nplaintext_links = "loopback"\n';
const entry = (address: string, more = "") => `[[servers]]\naddress = "${address}"\n${more}\n`;
const fleetOf = (hub: TestServer) => new TestFleet(hub, new Map(), new AsyncDisposableStack());
const reload = { method: "POST", path: "/server/reload-config" };

describe("a hub with a worker's socket in its file", () => {
  let home: Home;
  let worker: TestWorkerProcess;
  let path: string;
  let address: string;
  let hub: TestServer;
  let fleet: TestFleet;
  let session: TestSession;
  let pid: number;

  const listen = () => worker.start({ args: ["--listen", path] });

  before(async () => {
    worker = new TestWorkerProcess("boxed");
    path = join(worker.home.root, "made", "link.sock");
    address = `unix:${path}`;
    listen();
    home = makeHome();
    // Another spelling of it.
    writeConfig(home, entry(`unix://${dirname(path)}/.//link.sock`, 'labels = { role = "box" }') + RULES);
    hub = await startServer({ home, args: ["--hostname", "hub-1", "--member-silence-ms", "2000"] });
    fleet = fleetOf(hub);
    await fleet.becomes("boxed", "healthy");
  });
  after(async () => {
    await hub[Symbol.asyncDispose]();
    await worker[Symbol.asyncDispose]();
    home.remove();
  });

  it("runs sessions there, whatever the rules for addresses are", async () => {
    const { id, link, labels, conditions, reported_hostname: reported, ...shown } = await fleet.server("boxed");
    assert.deepEqual([shown.address, link, reported, labels.role], [address, "dialled", "boxed", "box"]);
    assert.deepEqual(conditions, []);
    assert.match(id, /^srv_/);
    session = await TestSession.start(hub.socketPath, "far", {
      argv: [fixture("say")],
      ready: "ready",
      server: "boxed",
    });
    ({ pid } = await session.info());
    assert.match((await hub.fleetty(["servers", "ls"])).stdout, new RegExp(`^boxed +healthy .* ${address}$`, "m"));
    const { json } = await hub.ask({ path: "/server/info?server=boxed" });
    assert.deepEqual([json.id, json.hostname], [worker.id, "boxed"]);
  });

  it("means it by its address, however that is spelled, and lets the file alone remove it", async () => {
    for (const spelled of [address, `UNIX:${path}`, `unix://${path}`, `unix:${path.replaceAll("/", "//./").slice(3)}`])
      assert.equal((await fleet.server(spelled)).hostname, "boxed", spelled);
    const at = `/servers/${encodeURIComponent(address)}`;
    const cordoned = await hub.ask({ method: "PATCH", path: at, body: { cordoned: true } });
    assert.equal(cordoned.json.cordoned, true, cordoned.body.toString());
    const created = await hub.ask({ path: "/sessions", body: { argv: ["true"], server: "boxed" } });
    assertRefused(created, "server_cordoned");
    await hub.ask({ method: "PATCH", path: at, body: { cordoned: false } });
    const removed = assertRefused(await hub.ask({ method: "DELETE", path: at }), "invalid_request");
    assert.deepEqual(removed.details, { server: "boxed", reason: "from_config" });
    const { status } = await hub.ask({ path: `/servers/${encodeURIComponent(`${address}2`)}` });
    assert.equal(status, 404);
  });

  it("takes no socket from callers", async () => {
    const { message, details } = assertRefused(
      await hub.ask({ path: "/servers", body: { address } }),
      "invalid_request",
    );
    assert.equal(message, "address begins with unix:; name sockets in the configuration file");
    assert.deepEqual(details, { field: "address" });
  });

  it("finds it again when either has died, with its sessions", async () => {
    await worker.kill();
    await fleet.becomes("boxed", "unavailable");
    assert.ok(existsSync(path), "a killed worker leaves its socket");
    const refused = await session.ask("");
    assert.equal(assertRefused(refused, "server_unavailable").details["server"], "boxed");
    listen();
    await fleet.becomes("boxed", "healthy");
    await session.type("after the worker\\n\n");
    await session.shows("after the worker");
    await hub.kill();
    await hub.start();
    await fleet.becomes("boxed", "healthy");
    await session.type("after the hub\\n\n");
    await session.shows("after the hub");
    assert.equal((await session.info()).pid, pid);
  });

  it("sees that it has fallen silent, and hears it again", async () => {
    worker.freeze();
    await fleet.becomes("boxed", "unavailable", "silent");
    worker.thaw();
    await fleet.becomes("boxed", "healthy");
    await session.type("after the frost\\n\n");
    await session.shows("after the frost");
  });

  it("lets go of it with its entry, and takes it back", async () => {
    writeConfig(home, RULES);
    process.kill(hub.pid, "SIGHUP");
    await waitUntil("it has gone", async () => (await hub.ask({ path: "/servers" })).json.length === 1);
    writeConfig(home, entry(address, 'name = "alias"') + RULES);
    assert.deepEqual((await hub.ask(reload)).json, { added: 1, changed: 0, removed: 0 });
    await fleet.becomes("alias", "healthy");
    assert.equal((await hub.ask({ path: "/sessions/alias%2Ffar" })).json.pid, pid);
    writeConfig(home, entry(address) + RULES);
    assert.deepEqual((await hub.ask(reload)).json, { added: 0, changed: 1, removed: 0 });
    await fleet.becomes("boxed", "healthy");
  });

  it("dials it in no folder that others can enter, and not where there is none", async () => {
    await worker.kill();
    chmodSync(dirname(path), 0o755);
    await fleet.becomes("boxed", "rejected", "address_denied");
    const { link_log: log } = await fleet.server("boxed");
    assert.equal(log.at(-1).detail, `${dirname(path)} is open to others (mode 0755); chmod 700 it`);
    chmodSync(dirname(path), 0o700);
    listen();
    const nowhere = `unix:${path}.missing`;
    writeConfig(home, entry(address) + entry(nowhere) + RULES);
    assert.equal((await hub.ask(reload)).status, 200);
    await fleet.becomes("boxed", "healthy");
    await fleet.becomes(nowhere, "unavailable", "dial_failed");
    assert.equal((await fleet.server(nowhere)).link_log.at(-1).detail, "ENOENT");
  });

  it("knows another worker at that path for another", async () => {
    assert.equal(await worker.stop(), 0, worker.log);
    assert.deepEqual(readdirSync(dirname(path)), []);
    await using other = new TestWorkerProcess("other");
    other.start({ args: ["--listen", path] });
    await fleet.becomes("boxed", "rejected", "bad_identity");
    await other.stop();
    listen();
    await hub.ask(reload);
    await fleet.becomes("boxed", "healthy");
  });

  it("has a worker that listens there and nowhere else, and lets nobody else have the path", async () => {
    assert.deepEqual(listeningOn(worker.pid), [path]);
    await using other = new TestWorkerProcess("other");
    other.start({ args: ["--listen", path] });
    assert.equal(await other.ended(), 3);
    assert.match(other.log, /is answered by another process; .*another --listen/);
    assert.equal((await fleet.server("boxed")).health, "healthy");
  });
});

/** Namespaces of a container without a network, in which processes end with the first. */
const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child"];
/** Sees `$1` of this machine in another place, and has processes of its own. */
const INSIDE = `mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /mnt
mkdir /mnt/link && mount --bind "$1" /mnt/link && shift && exec "$@"`;

function whyNoContainer(): string | false {
  if (process.getuid?.() !== 0) return "namespaces need root";
  const { status, stderr } = spawnSync("unshare", [...NAMESPACES, "sh", "-ec", INSIDE, "sh", "/tmp", "true"]);
  return status === 0 ? false : `no namespaces can be made here: ${stderr}`;
}

describe("a worker in a container", { skip: whyNoContainer() }, () => {
  it("is reached through a folder that it has mounted, without a network", async () => {
    const [inner, home] = [makeHome(), makeHome()];
    const folder = join(home.root, "box");
    mkdirSync(folder, { mode: 0o700 });
    const command = [LAUNCHER, "worker", "--hostname", "box", "--listen", "/mnt/link/link.sock"];
    const env = { ...inner.env };
    const container = spawn("unshare", [...NAMESPACES, "sh", "-ec", INSIDE, "sh", folder, ...command], { env });
    try {
      writeConfig(home, entry(`unix:${folder}/link.sock`));
      await using hub = await startServer({ home, args: ["--hostname", "hub-1"] });
      await fleetOf(hub).becomes("box", "healthy");
      const argv = ["sh", "-c", "echo $(grep -cv Iface /proc/net/route) routes; exec cat"];
      const session = await TestSession.start(hub.socketPath, "inside", { argv, server: "box" });
      await session.shows("^0 routes$");
    } finally {
      const ended = once(container, "exit");
      container.kill("SIGKILL");
      await ended;
      for (const one of [inner, home]) one.remove();
    }
  });
});

describe("a worker that is told where to listen", () => {
  it("takes no hub to join beside it, no path that is too long, and no folder that is open", async () => {
    const home = makeHome();
    try {
      chmodSync(home.root, 0o755);
      const cases: readonly (readonly [args: string[], code: number, said: RegExp])[] = [
        [["--listen", "/x/l.sock", "--join", "https://hub"], 2, /--listen: is for a hub that dials this worker/],
        [["--listen", "/x/l.sock", "--code-file", "/x"], 2, /--listen: is for a hub that dials this worker/],
        [["--listen", `/${"x".repeat(100)}`], 2, /has 101 bytes.*give --listen a shorter one/],
        [["--listen", join(home.root, "l.sock")], 3, /is open to others \(mode 0755\)/],
        [["--listen", join(home.root, "home", "config.toml")], 3, /config\.toml is not a socket/],
      ];
      writeConfig(home, "", "home/config.toml");
      for (const [args, code, said] of cases) {
        const ended = await runFleetty(["worker", ...args], { home, timeoutMs: 20_000 });
        assert.equal(ended.code, code, ended.stderr);
        assert.match(ended.stderr, said);
      }
    } finally {
      home.remove();
    }
  });
});
