// `fleetty top` on a real terminal, before a server that can die, come back, and be slow to answer.
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { FakeServer } from "../../../client/test/fake-server.ts";
import { PtyTerminal } from "../../test/pty-terminal.ts";
import { launcher, plainEnvironment, runCli } from "../../test/run-cli.ts";

const SINCE = "2026-03-02T08:55:00.000Z";

function server(hostname: string, more: object = {}): object {
  const health = { health: "healthy", reason: null, cordoned: false, draining: false, since: SINCE };
  return { hostname, id: `srv_${hostname}`, ...health, latency_ms: 1, sessions: 2, labels: {}, ...more };
}

describe("fleetty top", () => {
  const hub = new FakeServer();
  const open: PtyTerminal[] = [];

  before(async () => {
    await hub.start();
    hub.session("build");
    hub.session("watch");
  });
  afterEach(() => {
    for (const terminal of open.splice(0)) terminal.close();
    hub.answers.clear();
    answering();
  });
  after(() => hub.stop());

  const answering = (more: object = {}) =>
    hub.answers.set("GET /servers", () => [server("hub-1"), server("web-1", more)]);
  answering();

  const terminal = (argv: [string, ...string[]], cols = 100, rows = 24) => {
    const made = new PtyTerminal(argv, { cols, rows, env: plainEnvironment() });
    open.push(made);
    return made;
  };
  const top = (...options: string[]) => terminal([launcher, "--socket", hub.socket, "top", ...options]);
  const shown = async (user: PtyTerminal) =>
    user.until("the first frame", (text) => /^SERVER +NAME/m.test(text) && text.includes("watch"));

  for (const [how, leave, code] of [
    ["q", (user: PtyTerminal) => user.type("q"), 0],
    ["Ctrl-C", (user: PtyTerminal) => user.type("\x03"), 0],
    ["a signal", (user: PtyTerminal) => process.kill(user.pid, "SIGTERM"), 143],
    ["a defect's signal", (user: PtyTerminal) => process.kill(user.pid, "SIGQUIT"), 131],
  ] as const) {
    it(`shows the fleet in the alternate screen, and gives the terminal back at ${how}`, async () => {
      const user = terminal(["sh", "-c", `echo before; stty -g; exec ${launcher} --socket ${hub.socket} top`]);
      await shown(user);
      assert.equal(user.isAlternate, true);
      leave(user);
      await waitUntil("it has ended", () => user.exitCode !== undefined);
      await user.until("what stood there before", (text) => text.startsWith("before\n"));
      assert.deepEqual([user.exitCode, user.isAlternate], [code, false]);
    });
  }

  it("leaves the terminal's settings as they were", async () => {
    const user = terminal([
      "sh",
      "-c",
      `before=$(stty -g); ${launcher} --socket ${hub.socket} top; [ "$before" = "$(stty -g)" ] && echo same`,
    ]);
    await shown(user);
    user.type("q");
    await user.until("the same settings as before", (text) => text.endsWith("same"));
  });

  it("draws anew what has changed, by itself", async () => {
    const user = top();
    await shown(user);
    answering({ health: "unavailable", reason: "silent" });
    hub.session("another");
    await user.until("the news", (text) => /^web-1 +unavailable silent /m.test(text) && /another/.test(text));
    assert.match(user.text, /^fleetty top {2}hub-1 {2}2 servers: 1 healthy, 1 unavailable {2}3 sessions/);
    hub.sessions.delete("another");
    await user.until("it is gone", (text) => !/another/.test(text));
  });

  it("fits every size that the terminal is given, and says what it leaves out", async () => {
    for (let at = 0; at < 30; at += 1) hub.session(`s${at}`);
    const user = top();
    await user.until("a full frame", (text) => /^… \d+ more$/m.test(text));
    user.resize(60, 12);
    await user.until("fewer rows", (text) => text.split("\n").length === 12 && /… 28 more$/.test(text));
    user.type("G");
    await user.until("the last session", (text) => /s29 .*\n… 28 above, 0 below$/.test(text));
    user.type("\x1b[Ak");
    await user.until("two up", (text) => /… 26 above, 2 below$/.test(text));
    user.resize(120, 50);
    await user.until("all of it", (text) => text.includes("build") && text.includes("s29") && !text.includes("…"));
    for (let at = 0; at < 30; at += 1) hub.sessions.delete(`s${at}`);
  });

  it("says that the hub is away, and goes on when it is back", async () => {
    const user = top();
    await shown(user);
    await hub.kill();
    await user.until("it says so", (text) => /^hub-1 is away: below is how it was \d+s ago/m.test(text));
    assert.match(user.text, /build/);
    hub.session("later");
    await hub.start();
    await user.until("it goes on", (text) => !text.includes("is away") && text.includes("later"));
    hub.sessions.delete("later");
  });

  it("never asks the same twice at once, and says that nothing comes", async () => {
    const user = top();
    await shown(user);
    let asked = 0;
    const never = Promise.withResolvers<unknown>();
    hub.answers.set("GET /sessions", () => {
      asked += 1;
      return never.promise;
    });
    await user.until("the silence is told", (text) => /^hub-1 is away: .*\(no answer\)$/m.test(text));
    assert.equal(asked, 1);
    user.type("q");
    await waitUntil("it leaves all the same", () => user.exitCode === 0);
    never.resolve([]);
  });

  it("prints one frame with --once, or what it is made of", async () => {
    const once = (...options: string[]) => runCli(["--socket", hub.socket, "top", "--once", ...options]);
    const { code, stdout, stderr } = await once();
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^fleetty top {2}hub-1 .*\n\nSERVER +HEALTH.*\nhub-1 .*\nweb-1 .*\n\nSERVER +NAME.*\n.*build/);
    assert.doesNotMatch(stdout, /\x1b/);
    const json = JSON.parse((await once("--json")).stdout);
    assert.deepEqual([json.servers.length, json.sessions.length], [2, 2]);
    assert.ok(Date.parse(json.at) > 0);
  });

  it("refuses what it cannot do, and tells a hub that is not there as every command does", async () => {
    for (const [args, code, says] of [
      [["top"], 2, /needs a terminal; fleetty top --once/],
      [["top", "--json"], 2, /--json with --once only/],
      [["top", "build"], 2, /does not take "build"/],
      [["--socket", `${hub.folder}/nobody.sock`, "top", "--once"], 8, /\[server_unavailable\]/],
    ] as const) {
      const refused = await runCli(["--socket", hub.socket, ...args]);
      assert.deepEqual([refused.code, refused.stdout], [code, ""], args.join(" "));
      assert.match(refused.stderr, says);
    }
    assert.match((await runCli(["top", "--help"])).stdout, /--once .*\n[\s\S]*q, Ctrl-C/);
  });
});
