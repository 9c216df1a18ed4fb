// Commands in a shell, as an agent runs them: each with its own output and exit code, the question that it stops at and how it
// goes on from there, what is refused and types nothing; on this server, and on a member whose link is cut meanwhile.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startFleet } from "./harness/fleet.ts";
import { fixture, installed } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Less than a request has on a link, and more than a heartbeat. */
const REQUEST_BYTES = 150;

/** Enough for any command here, on any machine. */
const LONG = 60_000;

// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
type Said = any;

/** One shell, and what is asked of it. */
class Shell {
  readonly #server: TestServer;
  readonly name: string;

  constructor(server: TestServer, name: string) {
    this.#server = server;
    this.name = name;
  }

  static async start(server: TestServer, name: string, body: object = {}): Promise<Shell> {
    const { status, json } = await server.ask({ path: "/sessions", body: { name, argv: ["bash"], ...body } });
    assert.equal(status, 201, JSON.stringify(json));
    return new Shell(server, name);
  }

  ask(path: string, body: object | string) {
    return this.#server.ask({ path: `/sessions/${this.name}${path}`, body });
  }

  async run(command: string, more: object = {}): Promise<Said> {
    const body = { command, max_wait_ms: LONG, ready_wait_ms: LONG, ...more };
    const { status, json } = await this.ask("/run", body);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  async resume(id: string, more: object = {}): Promise<Said> {
    const { status, json } = await this.ask("/run", { resume: id, max_wait_ms: LONG, ...more });
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  type(text: string) {
    return this.ask("/input", text);
  }

  async explain(): Promise<Said> {
    return (await this.#server.ask({ path: `/sessions/${this.name}/explain` })).json;
  }

  async becomes(attention: string): Promise<void> {
    let seen: unknown;
    await waitUntil(
      `${this.name} is ${attention}`,
      async () => {
        seen = await this.explain();
        return (seen as Said).attention === attention;
      },
      { seen: () => seen },
    );
  }
}

const brief = ({ reason, confidence, exit_code, output }: Said) => ({ reason, confidence, exit_code, output });

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server[Symbol.asyncDispose]());

for (const shell of ["bash", "zsh", "fish", "dash"]) {
  const { path, skip } = installed(shell);
  describe(`a command in ${shell}`, { skip }, () => {
    let session: Shell;
    before(async () => {
      session = await Shell.start(server, shell, { argv: [path] });
    });

    it("answers with its own output and exit code", async () => {
      const one = await session.run("echo one; sh -c 'exit 3'");
      assert.deepEqual(brief(one), { reason: "command", confidence: "exact", exit_code: 3, output: "one\n" });
      const none = await session.run("true");
      assert.deepEqual(brief(none), { reason: "command", confidence: "exact", exit_code: 0, output: "" });
      const last = await session.run("printf 'no line end'");
      assert.equal(last.output, "no line end");
    });

    it("says where the shell is afterwards", async () => {
      assert.equal((await session.run("cd /usr")).cwd, "/usr");
    });

    it("stops at a question, is answered, and ends with its code", async () => {
      const asks = await session.run(`sh -c 'printf "name? "; read name; echo "hello $name"; exit 5'`);
      assert.deepEqual([asks.reason, asks.question.text, asks.timed_out], ["needs_input", "name?", false]);
      const busy = assertRefused(await session.ask("/run", { command: "true", ready_wait_ms: 0 }), "session_busy");
      const { attention, command, question } = busy.details as { [name: string]: Record<string, string> };
      assert.deepEqual([attention, command, question?.["text"]], ["needs_input", asks.command, "name?"]);
      const { json: waited } = await session.ask("/wait", { until: { attention: ["needs_input"] } });
      assert.deepEqual([waited.reason, waited.question], ["needs_input", asks.question]);
      assert.equal((await session.resume(asks.command)).reason, "needs_input", "nobody has answered");
      await session.type("bob\n");
      const ended = await session.resume(asks.command, { since: asks.to });
      assert.deepEqual([ended.reason, ended.exit_code, ended.command], ["command", 5, asks.command]);
      assert.match(ended.output, /hello bob\n$/);
    });
  });
}

describe("a command in a shell that makes no marks", () => {
  it("is told from others by what is typed around it", async () => {
    for (const [at, shell] of ["bash", "dash", "zsh", "fish"].entries()) {
      const { path, skip } = installed(shell);
      if (skip) continue;
      const session = await Shell.start(server, `plain-${at}`, { argv: [path], integration: "off" });
      await session.becomes("ready");
      const said = await session.run("echo 'it is'; echo 2; sh -c 'exit 4'");
      const expected = { reason: "command", confidence: "strong", exit_code: 4, output: "it is\n2\n" };
      assert.deepEqual(brief(said), expected, shell);
      assert.equal((await session.run("true")).exit_code, 0);
    }
  });
});

describe("a command that is interrupted in such a shell", () => {
  it("is over when its prompt is there again, though nothing says how it ended", async () => {
    const session = await Shell.start(server, "interrupted", { integration: "off" });
    await session.becomes("ready");
    const asks = await session.run("echo begun; read -r line; echo not reached");
    assert.equal(asks.reason, "needs_input");
    await session.type("\x03");
    const ended = await session.resume(asks.command);
    assert.deepEqual([ended.reason, ended.confidence, ended.exit_code], ["command", "heuristic", null]);
    assert.equal((await session.run("echo after")).output, "after\n");
  });
});

describe("a command", () => {
  it("may have several lines, here-documents and quotes, and is one", async () => {
    const session = await Shell.start(server, "lines");
    const command = "for i in 1 2; do\n  echo $i\ndone\ncat <<'end'\nit's \"here\"\nend\nfalse";
    const said = await session.run(command);
    assert.deepEqual(brief(said), {
      reason: "command",
      confidence: "exact",
      exit_code: 1,
      output: '1\n2\nit\'s "here"\n',
    });
  });

  it("that is not whole asks for the rest, and goes on with it", async () => {
    const session = await Shell.start(server, "unfinished");
    const asks = await session.run('echo "one');
    assert.equal(asks.reason, "needs_input");
    await session.type('two"\n');
    assert.equal((await session.resume(asks.command)).output, "one\ntwo\n");
    const given = await session.run('echo "one');
    await session.type("\x03");
    const ended = await session.resume(given.command);
    assert.deepEqual([ended.reason, ended.output], ["command", ""]);
    assert.equal((await session.run("echo after")).output, "after\n");
  });

  it("that asks for a secret says so, and shows nothing of it", async () => {
    const session = await Shell.start(server, "secretive");
    const asks = await session.run(`read -s -p "Password: " it; echo; echo "\${#it}"`);
    assert.deepEqual([asks.reason, asks.confidence, asks.question.text], ["needs_secret", "strong", "Password:"]);
    await session.type("four\n");
    const ended = await session.resume(asks.command);
    assert.deepEqual([ended.exit_code, ended.output], [0, "Password: \n4\n"]);
  });

  it("that takes longer than the caller waits runs on, and is gone on with", async () => {
    const session = await Shell.start(server, "slow");
    const said = await session.run("echo begun; read -r line < /dev/null; sleep 1000 & wait $!; echo $?", {
      max_wait_ms: 0,
    });
    assert.deepEqual([said.reason, said.confidence, said.timed_out, said.exit_code], ["timeout", null, true, null]);
    const busy = assertRefused(await session.ask("/run", { command: "true", ready_wait_ms: 0 }), "session_busy");
    assert.deepEqual([busy.details["attention"], busy.details["command"]], ["working", said.command]);
    assert.ok(busy.details["foreground"], "what has the shell");
    await session.ask("/wait", { until: { pattern: { regex: "^begun", on: "screen" } }, max_wait_ms: LONG });
    await waitUntil("it sleeps", async () => JSON.stringify(await session.explain()).includes("waits for a child"));
    await session.ask("/signal", { signal: "TERM", to: "session" });
    assert.equal((await session.resume(said.command)).output.endsWith("143\n"), true);
  });

  it("that ends the session answers with its exit", async () => {
    const session = await Shell.start(server, "leaving");
    const said = await session.run("echo bye; exit 6");
    assert.deepEqual([said.reason, said.exit, said.exit_code], ["exit", { code: 6 }, 6]);
  });

  it("under an input_id is typed once, and waited for again", async () => {
    const session = await Shell.start(server, "once");
    const asked = { input_id: "r1", client: "c" };
    const [one, two] = await Promise.all([
      session.run("echo $((n += 1))", asked),
      session.run("echo $((n += 1))", asked),
    ]);
    assert.equal(one.command, two.command);
    const again = await session.run("echo $((n += 1))", asked);
    assert.deepEqual([again.output, again.duplicate], ["1\n", true]);
    assert.equal((await session.run("echo $((n += 1))")).output, "2\n");
    assertRefused(await session.ask("/run", { command: "other", ...asked }), "input_id_conflict");
  });

  it("is refused, and not typed, where the screen is another, or something stands at the prompt", async () => {
    const session = await Shell.start(server, "guarded");
    const { offset } = await session.run("true");
    assertRefused(await session.ask("/run", { command: "true", if_epoch: 999 }), "screen_changed");
    await session.type("rm -rf half-typed");
    await session.becomes("ready");
    assertRefused(await session.ask("/run", { command: "true" }), "session_busy");
    await session.type("\x15");
    await session.becomes("ready");
    assert.equal((await session.run("echo clean")).output, "clean\n");
    assert.ok(offset > 0);
  });

  it("is refused where a line of it would be cut", async () => {
    const session = await Shell.start(server, "bare", { argv: ["dash"], integration: "off" });
    await session.becomes("ready");
    assertRefused(await session.ask("/run", { command: `: ${"x".repeat(5_000)}` }), "line_too_long");
    assert.equal((await session.run("echo whole")).output, "whole\n");
  });

  it("is refused, and not typed, while another has the lease, or by one that is over", async () => {
    const session = await Shell.start(server, "leased");
    await session.becomes("ready");
    const { json: lease } = await session.ask("/lease", {});
    assertRefused(await session.ask("/run", { command: "true" }), "lease_held");
    assertRefused(await session.ask("/run", { command: "true", lease: "lea_before" }), "lease_lost");
    assert.equal((await session.run("echo mine", { lease: lease.id })).output, "mine\n");
  });

  it("runs all the same where its screen is too large for an answer", async () => {
    const session = await Shell.start(server, "large", { rows: 250, cols: 1_000 });
    const command = `${process.execPath} ${fixture("paint-unlike.ts")} < /dev/null`;
    const { command: resume } = await session.run(command, { max_wait_ms: 0 });
    await session.ask("/wait", { until: { pattern: { regex: "^painted", on: "screen" } }, max_wait_ms: LONG });
    const asked = { resume, screen: "styled", max_wait_ms: 0, stop_on: [] };
    assertRefused(await session.ask("/run", asked), "resource_limit_reached");
    assert.equal((await session.resume(resume, { max_wait_ms: 0, stop_on: [] })).reason, "timeout");
  });

  it("whose output is more than wanted shows its beginning and its end, and where the rest is", async () => {
    const session = await Shell.start(server, "much");
    const said = await session.run("seq 10000", { max_bytes: 100, head_bytes: 30 });
    assert.match(said.output, /^1\n2\n3\n/);
    assert.match(said.tail, /9999\n10000\n$/);
    const { from, to } = said.omitted;
    const rest = await server.ask({ path: `/sessions/much/output?from=${from}&to=${to}` });
    assert.equal(
      said.output + rest.json.text + said.tail,
      Array.from({ length: 10_000 }, (_, at) => `${at + 1}\n`).join(""),
    );
    const whole = await server.ask({ path: `/sessions/much/output?command=${said.command}` });
    assert.equal(whole.json.text.length, 48_894);
  });

  it("is told as an event when it has ended, whoever typed it", async () => {
    const session = await Shell.start(server, "told");
    await session.becomes("ready");
    const { json: now } = await server.ask({ path: "/events?max_wait_ms=0", headers: { accept: "application/json" } });
    await session.type("(exit 9)\n");
    await waitUntil("it is told", async () => {
      const path = `/events?cursor=${now.cursor}&types=session.command&max_wait_ms=1000`;
      const { json } = await server.ask({ path, headers: { accept: "application/json" } });
      return json.events.some((event: Said) => event.session === "told" && event.data.exit_code === 9);
    });
  });
});

describe("the agent's loop", () => {
  it("gets a hundred answers right", async () => {
    const session = await Shell.start(server, "loop");
    for (let at = 0; at < 100; at += 1) {
      const said = await session.run(`echo "line ${at}"; (exit ${at})`);
      assert.deepEqual([said.output, said.exit_code, said.confidence], [`line ${at}\n`, at, "exact"]);
    }
  });
});

describe("a command on a member", () => {
  it("stops at a prompt, and is answered and ended while the link is cut and healed", async () => {
    await using fleet = await startFleet({ members: [] });
    await using member = await startServer({ tcp: true, args: ["--hostname", "web-1"] });
    const proxy = await fleet.addBehindProxy(member, "web-1");
    const session = await Shell.start(fleet.hub, "far", { server: "web-1" });
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const gate = join(folder.path, "gate");
    execFileSync("mkfifo", [gate]);
    const asks = await session.run(
      `sh -c 'printf "go on? "; read it; read again < ${gate}; exit 8'; echo "code $? n $((n += 1))"`,
    );
    assert.deepEqual([asks.reason, asks.question.text], ["needs_input", "go on?"]);
    await session.type("yes\n");
    const asked = async <T>(asking: () => Promise<T>) => {
      const { up } = proxy.passed;
      const answer = asking();
      await waitUntil("the member is asked", () => proxy.passed.up - up > REQUEST_BYTES, { seen: () => proxy.passed });
      return { answer };
    };
    const { answer: ending } = await asked(() => session.resume(asks.command));
    await proxy.cutAfter(0, "both");
    proxy.heal();
    writeFileSync(gate, "now\n");
    const ended = await ending;
    assert.deepEqual([ended.reason, ended.command], ["command", asks.command]);
    assert.match(ended.output, /code 8 n 1\n$/);
    await fleet.becomes("web-1", "healthy");
    // Asked while the link is cut, it is typed once.
    const { answer: second } = await asked(() => session.run('echo "n $((n += 1))"'));
    await proxy.cutAfter(0, "both");
    proxy.heal();
    assert.equal((await second).output, "n 2\n");
    await fleet.becomes("web-1", "healthy");
    assert.equal((await session.run('echo "n $((n += 1))"')).output, "n 3\n");
  });
});
