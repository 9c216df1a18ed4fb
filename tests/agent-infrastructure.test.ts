// Changes to many hosts, made by an agent that has MCP tools and nothing else, where each host asks something else: in sequence and
// at once, in batches with health checks between, and back again. Hosts are the servers of one fleet of three, each with a home of
// its own in which its application lies; programs of this repository are what is operated.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { Agent } from "./harness/agent.ts";
import { startFleet, type TestFleet } from "./harness/fleet.ts";
import { newSecret } from "./harness/secrets.ts";

const HOSTS = ["hub-1", "web-1", "web-2"] as const;
type Host = (typeof HOSTS)[number];

const program = (name: string, ...args: string[]) =>
  [resolve(import.meta.dirname, "programs", name), ...args].join(" ");
const CONFIG = "max_connections: 100\n";
/** How long a shell may take to begin on a machine that is busy with other tests. */
const READY_WAIT_MS = 30_000;

/** What each host asks when it is deployed to, and what an agent that knows its task answers. */
const QUESTIONS: Record<Host, readonly string[]> = {
  "hub-1": [],
  "web-1": ["Configuration file changed. Keep or replace? [K/r]"],
  "web-2": ["Keep or replace? [K/r]", "Restart app now? [y/N]"],
};
const answerTo = (question: string) => (/Keep or replace\?/.test(question) ? "K" : "y");

interface Ran {
  readonly reason: string;
  readonly exit_code: number | null;
  readonly output: string;
  readonly command: string;
  readonly to: number;
  readonly question?: { readonly text: string; readonly epoch: number };
}

describe("infrastructure, operated by an agent", () => {
  const stack = new AsyncDisposableStack();
  let fleet: TestFleet;
  let agent: Agent;
  const passwords = Object.fromEntries(HOSTS.map((host) => [host, newSecret()])) as Record<Host, string>;

  const serverOf = (host: Host) => (host === "hub-1" ? fleet.hub : fleet.member(host));
  const home = (host: Host, ...path: string[]) => join(serverOf(host).home.root, "home", ...path);
  const read = (host: Host, ...path: string[]) => readFileSync(home(host, "app", ...path), "utf8");
  const release = (host: Host) => readlinkSync(home(host, "app/current")).replace("releases/", "");

  before(async () => {
    fleet = stack.use(await startFleet({ members: ["web-1", "web-2"], hub: { tcp: true } }));
    agent = stack.use(await Agent.overStdio(fleet.hub));
    for (const host of HOSTS) {
      writeFileSync(home(host, "password"), passwords[host]);
      // The operator keeps it where the agent can have it typed, and never sees it.
      const path = `/secrets/sudo?server=${host}`;
      const kept = await fleet.hub.ask({
        method: "PUT",
        path,
        body: { value: passwords[host], prompt: "^\\[sudo\\] " },
      });
      assert.equal(kept.status, 204, kept.body.toString());
    }
  });
  after(() => stack.disposeAsync());

  beforeEach(() => {
    for (const host of HOSTS) {
      rmSync(home(host, "app"), { recursive: true, force: true });
      for (const name of ["2.0", "2.1", "2.2-broken"]) mkdirSync(home(host, "app/releases", name), { recursive: true });
      for (const name of ["2.0", "2.1"]) writeFileSync(home(host, "app/releases", name, "works"), "");
      symlinkSync("releases/2.0", home(host, "app/current"));
      writeFileSync(home(host, "app/questions"), QUESTIONS[host].map((text) => `${text}\n`).join(""));
      writeFileSync(home(host, "app/answers"), "");
      for (const name of ["config", "config.shipped"]) writeFileSync(home(host, "app", name), CONFIG);
    }
  });

  const create = (name: string, server: Host, more: object = {}) =>
    agent.call("create_session", { name: `${name}-${server}`, server, tags: [name], ...more });
  const kill = (session: string) => agent.call("manage_session", { session, action: "kill" });
  const run = (session: string, command: string, more: object = {}): Promise<Ran> =>
    agent.call("run", { session, command, ready_wait_ms: READY_WAIT_MS, ...more });

  const goOn = (session: string, { command, to }: Ran): Promise<Ran> =>
    agent.call("run", { session, resume: command, since: to });

  /** Types an answer to the question that was read; whether it still stood there. */
  async function answered(session: string, { question }: Ran, text: string): Promise<boolean> {
    const refused = await agent.refusal("send_input", { session, input: `${text}\n`, if_epoch: question?.epoch });
    if (refused !== null) assert.equal(refused, "screen_changed");
    return refused === null;
  }

  /** A command that may ask: each question is answered as it is read, by name where it asks for a secret. */
  async function carriedOut(session: string, command: string): Promise<Ran & { readonly asked: readonly string[] }> {
    const asked: string[] = [];
    let step = await run(session, command, { input_id: `${session} once` });
    while (step.reason === "needs_input" || step.reason === "needs_secret") {
      const { text } = step.question as { text: string };
      if (step.reason === "needs_secret") await agent.call("send_secret", { session, name: "sudo" });
      if (step.reason === "needs_secret" || (await answered(session, step, answerTo(text)))) asked.push(text);
      step = await goOn(session, step);
    }
    return { ...step, asked };
  }

  async function isHealthy(host: Host): Promise<boolean> {
    const { name } = await create("health", host);
    const { exit_code } = await run(name, program("check-health"));
    await kill(name);
    return exit_code === 0;
  }

  /** In a session of its own, which is gone then; whether it came to an end with 0. */
  async function deployed(host: Host, version: string): Promise<boolean> {
    const { name } = await create("deploy", host);
    const { exit_code } = await carriedOut(name, program("deploy-release", version));
    await kill(name);
    return exit_code === 0;
  }

  /** One host after the other, and none after the first that is not well. */
  async function rolledOut(version: string, batches: readonly (readonly Host[])[]) {
    const done: Host[] = [];
    for (const batch of batches) {
      const went = await Promise.all(batch.map((host) => deployed(host, version)));
      done.push(...batch);
      const well = await Promise.all(batch.map(isHealthy));
      const failed = batch.filter((_, at) => !(went[at] && well[at]));
      if (failed.length > 0) return { done, failed };
    }
    return { done, failed: [] };
  }

  it("begins with hosts that are healthy", async () => {
    const { local_hostname, servers } = await agent.call("list_servers");
    const hosts = servers.map(({ hostname, health }: Record<string, string>) => `${hostname} ${health}`);
    assert.deepEqual([local_hostname, ...hosts.toSorted()], ["hub-1", "web-1 healthy", "web-2 healthy"]);
  });

  it("does the same on one host after the other, with a password that it never sees", async () => {
    for (const host of HOSTS) {
      const { name } = await create("op", host);
      const { exit_code, output, asked } = await carriedOut(name, program("as-root", "echo", "restarted", host));
      assert.deepEqual([exit_code, asked], [0, ["[sudo] password for deploy:"]]);
      assert.match(output, new RegExp(`restarted ${host}\n`));
      await kill(name);
    }
    for (const password of Object.values(passwords)) assert.ok(!agent.heard.includes(password));
  });

  it("is refused a secret where none is asked for, and one that is not kept", async () => {
    const { name: session } = await create("op", "web-1");
    await run(session, "true");
    assert.equal(await agent.refusal("send_secret", { session, name: "sudo" }), "not_secret_prompt");
    await run(session, program("as-root", "true"));
    assert.equal(await agent.refusal("send_secret", { session, name: "nobody" }), "secret_not_found");
    await kill(session);
  });

  it("looks at all hosts at once, and takes the answers as they come", async () => {
    const command = program("check-health");
    const started = await Promise.all(HOSTS.map((host) => create("fleet-check", host, { command })));
    const sessions = started.map(({ server, name }) => `${server}/${name}`);
    const report: Record<string, number> = {};
    let asked: Readonly<Record<string, unknown>> = { select: { sessions }, until: { exit: true }, mode: "any" };
    for (let done = false; !done; ) {
      const answer = await agent.call("wait_fleet", asked);
      for (const { server, exit_code } of answer.events) report[server] = exit_code;
      done = answer.done;
      asked = { cursor: answer.cursor };
    }
    assert.deepEqual(report, { "hub-1": 0, "web-1": 0, "web-2": 0 });
    for (const session of sessions) {
      const { text } = await agent.call("get_output", { session });
      assert.match(text, /release 2\.0\nHEALTHY/);
      await kill(session);
    }
  });

  it("answers on each host what that host asks", async () => {
    for (const host of HOSTS) {
      const { name } = await create("deploy", host);
      const { exit_code, asked } = await carriedOut(name, program("deploy-release", "2.1"));
      assert.deepEqual([exit_code, asked], [0, QUESTIONS[host]], host);
      await kill(name);
    }
    assert.equal(read("web-1", "answers"), `${QUESTIONS["web-1"][0]} K\n`);
    assert.equal(read("web-2", "answers"), `${QUESTIONS["web-2"][0]} K\n${QUESTIONS["web-2"][1]} y\n`);
  });

  it("types no answer to a question that is not there any more", async () => {
    const { name: session } = await create("deploy", "web-2");
    const { question } = await run(session, program("deploy-release", "2.1"));
    const if_epoch = question?.epoch;
    // Somebody else answers the first; the second asks something else.
    await fleet.hub.ask({ path: `/sessions/web-2%2F${session}/input`, body: "K\n" });
    await agent.shows(session, "Restart app now?");
    assert.equal(await agent.refusal("send_input", { session, input: "K\n", if_epoch }), "screen_changed");
    await kill(session);
    assert.equal(read("web-2", "answers"), `${QUESTIONS["web-2"][0]} K\n`);
  });

  it("deploys in batches with a check of health between, to the whole fleet", async () => {
    assert.deepEqual(await rolledOut("2.1", [["web-1"], ["web-2", "hub-1"]]), {
      done: ["web-1", "web-2", "hub-1"],
      failed: [],
    });
    assert.deepEqual(HOSTS.map(release), ["2.1", "2.1", "2.1"]);
  });

  it("stops at the batch that is not well, and brings back what it has touched", async () => {
    const before = Object.fromEntries(HOSTS.map((host) => [host, release(host)])) as Record<Host, string>;
    const { done, failed } = await rolledOut("2.2-broken", [["web-1"], ["web-2", "hub-1"]]);
    assert.deepEqual([done, failed], [["web-1"], ["web-1"]]);
    assert.deepEqual(HOSTS.map(release), ["2.0", "2.2-broken", "2.0"]);
    for (const host of done) assert.equal(await deployed(host, before[host]), true);
    assert.deepEqual(HOSTS.map(release), ["2.0", "2.0", "2.0"]);
    assert.deepEqual(await Promise.all(HOSTS.map(isHealthy)), [true, true, true]);
  });

  it("knows a deployment that failed by its exit code", async () => {
    assert.equal(await deployed("hub-1", "9.9"), false);
    assert.equal(release("hub-1"), "2.0");
  });

  it("inspects a configuration, keeps a copy, changes it, reads it again, and takes back what did not apply", async () => {
    const changes: Record<Host, string> = {
      "hub-1": "sed -i 's/max_connections: 100/max_connections: 200/' config",
      "web-1": "sed -i 's/max_connection: 100/max_connections: 200/' config",
      "web-2": "true",
    };
    cpSync(home("hub-1", "app/config"), home("web-2", "app/config"));
    writeFileSync(home("web-2", "app/config"), "max_connections: 200\n");
    const results: Record<string, string> = {};
    for (const host of HOSTS) {
      const { name: session } = await create("config", host);
      await run(session, "cd ~/app");
      const { output } = await run(session, "cat config");
      if (output === "max_connections: 200\n") results[host] = "no change needed";
      else {
        await run(session, "cp -p config config.bak");
        await run(session, changes[host]);
        const again = (await run(session, "cat config")).output;
        const applied = again === "max_connections: 200\n";
        if (!applied) await run(session, "cp -p config.bak config");
        results[host] = applied ? "updated" : "reverted";
      }
      await kill(session);
    }
    assert.deepEqual(results, { "hub-1": "updated", "web-1": "reverted", "web-2": "no change needed" });
    assert.equal(read("web-1", "config"), CONFIG);
  });

  it("finds the host whose configuration has drifted", async () => {
    writeFileSync(home("web-2", "app/config"), `${CONFIG}debug: true\n`);
    const drifted: string[] = [];
    for (const host of HOSTS) {
      const { name: session } = await create("audit", host);
      const { output } = await run(session, "cat ~/app/config");
      if (output !== CONFIG) drifted.push(host);
      await kill(session);
    }
    assert.deepEqual(drifted, ["web-2"]);
  });

  it("diagnoses across the fleet: what it looks for on one host is what another has shown", async () => {
    for (const host of HOSTS) writeFileSync(home(host, "app/log"), "started\n".repeat(host === "web-1" ? 300 : 3));
    writeFileSync(home("web-1", "app/log"), `${"started\n".repeat(300)}ERROR pool exhausted\n`);
    writeFileSync(home("web-2", "app/log"), "WARN pool exhausted soon\n");
    const { name: first } = await create("diagnose", "web-1");
    const { output } = await run(first, "grep ERROR ~/app/log");
    const [, cause = ""] = /ERROR (.*)\n/.exec(output) ?? [];
    const found: Record<string, number | null> = {};
    for (const host of ["hub-1", "web-2"] as const) {
      const { name: session } = await create("diagnose", host);
      found[host] = (await run(session, `grep -c '${cause}' ~/app/log`)).exit_code;
      await kill(session);
    }
    assert.deepEqual(found, { "hub-1": 1, "web-2": 0 });
    // Much output is told in part, and read on where that matters.
    const log = await run(first, "cat ~/app/log", { max_bytes: 100 });
    const whole = await agent.call("get_output", { session: first, command: log.command });
    assert.match(whole.text, /^(started\n){300}ERROR pool exhausted\n$/);
    await kill(first);
  });

  it("upgrades packages: reads the difference before it keeps or replaces a configuration file", async () => {
    writeFileSync(home("web-1", "app/config"), "max_connections: 500\n");
    const asked: Record<string, string> = {};
    for (const host of HOSTS) {
      const { name: session } = await create("upgrade", host);
      let step = await run(session, program("upgrade-packages"));
      while (step.reason === "needs_input") {
        const isSeen = asked[host]?.includes("---") === true;
        await answered(session, step, isSeen ? "N" : "D");
        step = await goOn(session, step);
        asked[host] = (asked[host] ?? "") + step.output;
      }
      assert.deepEqual([step.reason, step.exit_code], ["command", 0], host);
      await kill(session);
    }
    assert.deepEqual(Object.keys(asked), ["web-1"]);
    assert.match(asked["web-1"] ?? "", /< max_connections: 100\n---\n> max_connections: 500/);
    assert.equal(read("web-1", "config"), "max_connections: 500\n");
    assert.deepEqual(
      HOSTS.map((host) => read(host, "package")),
      ["2.1\n", "2.1\n", "2.1\n"],
    );
  });

  it("goes through a tool that asks one thing after another", async () => {
    const command = program("set-up-certificate");
    const { name: session } = await create("certificate", "web-1", { command });
    const until = { exit: true, attention: ["needs_input"] };
    const answers: readonly (readonly [RegExp, string])[] = [
      [/Enter email address: *$/, "admin@example.com"],
      [/Terms of Service\?.*$/, "A"],
      [/Which name should have HTTPS\? *$/, "1"],
    ];
    let since: object = { offset: 0 };
    for (const [question, answer] of answers) {
      const { reason, screen } = await agent.call("wait", { session, until, since, screen: "plain" });
      assert.equal(reason, "needs_input");
      assert.match(screen.lines.join("\n").trimEnd(), question);
      const keys = [{ text: answer }, "Enter"];
      since = await agent.call("send_keys", { session, keys, if_epoch: screen.epoch, input_id: answer });
    }
    const end = await agent.call("wait", { session, until: { exit: true }, since });
    assert.deepEqual([end.reason, end.exit_code], ["exit", 0]);
    assert.match(await agent.screen(session), /Certificate for name 1, admin@example\.com/);
    await kill(session);
  });

  it("leaves nothing running, and no password anywhere that it has read", async () => {
    const { items } = await agent.call("list_sessions");
    assert.deepEqual(items, []);
    for (const password of Object.values(passwords)) assert.ok(!agent.heard.includes(password));
    assert.ok(existsSync(home("hub-1", "app")));
  });

  describe("by the tools of the older API", () => {
    let older: Agent;

    before(async () => {
      older = stack.use(await Agent.overHttp(fleet.hub, "wsh_"));
    });

    const type = (session: string, input: string) => older.call("send_input", { session, input });
    const make = (name: string, server: Host, tags: readonly string[]) =>
      older.call("create_session", { name: `${name}-${server}`, server, tags });
    const end = (session: string) => older.call("manage_session", { session, action: "kill" });

    it("fans out in sequence, and gives the password that the screen asks for", async () => {
      for (const host of HOSTS) {
        const { name } = await make("op", host, ["op"]);
        await type(name, `${program("as-root", program("check-health"))}\n`);
        await older.shows(name, "password for deploy:");
        await type(name, `${passwords[host]}\n`);
        const screen = await older.shows(name, "HEALTHY");
        assert.ok(!screen.includes(passwords[host]));
        await end(name);
      }
    });

    it("fans out in parallel, and reads each host that has settled", async () => {
      for (const host of HOSTS) {
        const { name } = await make("check", host, ["fleet-check"]);
        await type(name, `${program("check-health")}\n`);
      }
      const completed = new Map<string, string>();
      let cursor: { cursor?: string } = {};
      while (completed.size < HOSTS.length) {
        const { session, ...answer } = await older.call("await_idle", {
          tag: ["fleet-check"],
          timeout_ms: 200,
          ...cursor,
        });
        cursor = { cursor: answer.cursor };
        completed.set(session, await older.shows(session, "HEALTHY"));
      }
      for (const [session, screen] of completed) {
        assert.match(screen, /release 2\.0/);
        await end(session);
      }
    });

    it("reacts to the prompt of each host", async () => {
      for (const host of HOSTS) {
        const { name } = await make("upgrade", host, ["upgrade"]);
        await type(name, `${program("deploy-release", "2.1")}\n`);
        for (const question of QUESTIONS[host]) {
          await older.shows(name, question);
          await type(name, `${answerTo(question)}\n`);
        }
        await older.shows(name, "deployed 2.1");
        await end(name);
      }
      assert.deepEqual(HOSTS.map(release), ["2.1", "2.1", "2.1"]);
      assert.match(read("web-2", "answers"), /Keep or replace\? \[K\/r\] K\n.*Restart app now\? \[y\/N\] y\n/s);
    });
  });
});
