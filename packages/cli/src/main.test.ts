import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { catalogue, type ErrorCode, exitCodeForStatus, FleettyError } from "@fleetty/protocol/errors";
import { waitUntil } from "../../../tests/harness/wait-until.ts";
import { FakeServer } from "../../client/test/fake-server.ts";
import { KeptCli } from "../test/kept-cli.ts";
import { launcher, type Ran, run, runCli } from "../test/run-cli.ts";
import { commandRows } from "./commands.ts";

describe("the command line", () => {
  const server = new FakeServer();
  const fleetty = (...args: string[]): Promise<Ran> => runCli(["--socket", server.socket, ...args]);

  before(async () => {
    await server.start();
    server.session("build").print("hello\r\n\x1b]0;owned\x07\u009b31mred\n");
  });

  afterEach(() => server.answers.clear());
  after(() => server.stop());

  it("lists sessions as a table for people", async () => {
    const { code, stdout } = await fleetty("ls");
    const [heading = "", line = ""] = stdout.split("\n");
    assert.match(heading, /^NAME +STATE +ATTENTION +PID +SIZE +CLIENTS +ACTIVE +TAGS +COMMAND$/);
    assert.match(line, /^build +running +unknown +4242 +80x24 +0 +1s +- +\/bin\/sh$/);
    assert.equal(code, 0);
  });

  it("prints the answer as it came with --json, before or after the command", async () => {
    const { stdout } = await fleetty("ls", "--json");
    assert.deepEqual(JSON.parse(stdout), [server.session("build").info()]);
    assert.equal((await fleetty("--json", "ls")).stdout, stdout);
  });

  it("turns options into members by the schema", async () => {
    await fleetty("ls", "--tag", "ci,nightly", "--include", "exited");
    assert.deepEqual(server.asked.at(-1)?.query, { envelope: "true", tag: "ci,nightly", include: "exited" });
    await fleetty("kill", "build", "--grace-ms", "5000");
    assert.deepEqual(server.asked.at(-1)?.query, { grace_ms: "5000" });
  });

  it("makes control characters of programs visible", async () => {
    server.answers.set("GET /sessions", () => [{ ...server.session("build").info(), command: "\x1b[2Jrm\u009b1m" }]);
    assert.match((await fleetty("ls")).stdout, /\^\[\[2Jrm<U\+009B>1m/);
    const { stdout: json } = await fleetty("ls", "--json");
    assert.doesNotMatch(json, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.equal(JSON.parse(json)[0].command, "\x1b[2Jrm\u009b1m");
    const { stdout } = await fleetty("output", "build");
    assert.equal(stdout, "hello\n^[]0;owned^G<U+009B>31mred\n");
  });

  it("writes bytes as they came with output --raw", async () => {
    const { stdout } = await fleetty("output", "build", "--raw");
    assert.equal(stdout, "hello\r\n\x1b]0;owned\x07\u009b31mred\n");
  });

  it("creates a session from words after --, and prints its name", async () => {
    let body = "";
    server.answers.set("POST /sessions", (asked) => {
      body = asked.body;
      return server.session("build").info();
    });
    const { stdout } = await fleetty(
      "new",
      "build",
      "--tags",
      "a,b",
      "--env",
      "X=1=2",
      "--cols",
      "100",
      "--",
      "htop",
      "-d",
      "1",
    );
    assert.equal(stdout, "build\n");
    const argv = ["htop", "-d", "1"];
    assert.deepEqual(JSON.parse(body), { name: "build", cols: 100, tags: ["a", "b"], env: { X: "1=2" }, argv });
  });

  it("types a text, Enter, or standard input byte for byte", async () => {
    const { typed } = server.session("build");
    assert.deepEqual(await fleetty("send", "build", "make test", "--enter"), { code: 0, stdout: "", stderr: "" });
    await fleetty("send", "build", "--enter");
    await runCli(["--socket", server.socket, "send", "build"], { input: "y\n\x03" });
    assert.deepEqual(typed.slice(-3), ["make test\r", "\r", "y\n\x03"]);
  });

  it("takes words after -- as they are, whatever they begin with", async () => {
    const { typed } = server.session("build");
    assert.deepEqual(await fleetty("send", "build", "--", "--help"), { code: 0, stdout: "", stderr: "" });
    assert.equal(await fleetty("send", "build", "--enter", "--", "-n").then(() => typed.at(-1)), "-n\r");
    assert.equal(typed.at(-2), "--help");
    assert.match((await fleetty("show", "build", "--", "-x")).stderr, /does not take "-x"/);
  });

  it("stops waiting for something to type when interrupted", async () => {
    const { code, stderr } = await runCli(["--socket", server.socket, "send", "build"], {
      input: null,
      onStart: async (child) => {
        await waitUntil("it reads its standard input", () => readsInput(child.pid));
        child.kill("SIGINT");
      },
    });
    assert.deepEqual([code, stderr], [130, ""]);
  });

  it("writes output up to the end that it had at first, however much comes meanwhile", async () => {
    const asked: unknown[] = [];
    server.answers.set("GET /sessions/build/output", ({ query }) => {
      asked.push([query["from"], query["to"]]);
      const end = 10 * asked.length;
      const next = query["to"] === undefined || asked.length < 3 ? end - 5 : null;
      return { from: 0, to: 5, end, oldest: 0, text: `${asked.length}\n`, next, gaps: [] };
    });
    assert.equal((await fleetty("output", "build")).stdout, "1\n2\n3\n");
    assert.deepEqual(asked, [
      [undefined, undefined],
      ["5", "10"],
      ["15", "10"],
    ]);
  });

  it("ends as SIGPIPE ends programs when its reader goes", async () => {
    server.session("much").print("much\n".repeat(100_000));
    const said = `{ ${launcher} --socket ${server.socket} output much --raw; echo $? >&2; } | head -n 1`;
    const { stdout, stderr } = await run("sh", ["-c", said]);
    assert.deepEqual([stdout, stderr], ["much\n", "141\n"]);
  });

  it("ends so when its reader has gone before it says anything, whatever the command", async () => {
    const env = { XDG_RUNTIME_DIR: server.folder, XDG_STATE_HOME: server.folder };
    for (const command of ["session-host status", "session-host --help", "server --help", "--help"]) {
      const untilGone = "while printf x 2>/dev/null; do :; done";
      const said = `trap "" PIPE; { ${untilGone}; ${launcher} ${command}; echo $? >&2; } | true`;
      assert.deepEqual([command, (await run("sh", ["-c", said], { env })).stderr], [command, "141\n"]);
    }
  });

  it("refuses to type nothing", async () => {
    const { code, stderr } = await fleetty("send", "build");
    assert.equal(code, 2);
    assert.match(stderr, /nothing to type/);
  });

  it("builds the conditions of a wait, and exits 124 when the time was over", async () => {
    let body = "";
    const answer = { session: "build", reason: "timeout", timed_out: true, confidence: null };
    server.answers.set("POST /sessions/build/wait", (asked) => {
      body = asked.body;
      return answer;
    });
    const since = '{"generation":1,"offset":42}';
    const options = ["--pattern", "ok|bad", "--ignore-case", "--idle-ms", "500", "--since", since, "--screen", "plain"];
    const { code, stdout } = await fleetty("wait", "build", ...options);
    assert.deepEqual([code, stdout], [124, "timeout\n"]);
    assert.deepEqual(JSON.parse(body), {
      until: { pattern: { regex: "ok|bad", on: "output", flags: "i" }, idle: { timeout_ms: 500 } },
      since: { generation: 1, offset: 42 },
      screen: "plain",
    });
  });

  it("shows a screen as plain lines", async () => {
    server.answers.set("GET /sessions/build/screen", ({ query }) => {
      assert.equal(query["format"], "plain");
      return { lines: ["$ make", "", "ok", "", ""] };
    });
    assert.equal((await fleetty("screen", "build")).stdout, "$ make\n\nok\n");
  });

  it("calls any operation by its name", async () => {
    const { stdout } = await fleetty("api", "sessions.get", "session=build");
    assert.equal(JSON.parse(stdout).name, "build");
    assert.match((await fleetty("api", "sessions.get", "--help")).stdout, /session=<text> +session name or id/);
    const { code, stderr } = await fleetty("api", "sessions.get", "sesion=build");
    assert.equal(code, 2);
    assert.match(stderr, /session, server/);
  });

  it("tells a refusal with its code, or as the envelope, and exits by its status", async () => {
    const text = await fleetty("show", "nobody");
    assert.equal(text.code, 4);
    assert.equal(text.stdout, "");
    assert.match(text.stderr, /^fleetty: session "nobody" not found \[session_not_found\]\n$/);
    const json = await fleetty("show", "nobody", "--json");
    assert.equal(json.code, 4);
    assert.equal(JSON.parse(json.stderr).error.code, "session_not_found");
  });

  it("exits with the documented code for each status", async () => {
    const codes: ErrorCode[] = [
      "invalid_format",
      "forbidden",
      "session_exited",
      "idle_timeout",
      "max_sessions_reached",
    ];
    const exits = await Promise.all(
      codes.map(async (code) => {
        server.answers.set(`GET /sessions/${code}`, () => {
          throw new FleettyError(code, "no");
        });
        return (await fleetty("show", code)).code;
      }),
    );
    assert.deepEqual(
      exits,
      codes.map((code) => exitCodeForStatus(catalogue[code].status)),
    );
    assert.deepEqual(exits, [2, 3, 5, 6, 8]);
  });

  it("exits 8 and says what to do when no server answers", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fleetty-none-"));
    const { code, stderr } = await runCli(["ls"], { env: { XDG_RUNTIME_DIR: folder } });
    rmSync(folder, { recursive: true });
    assert.equal(code, 8);
    assert.match(stderr, /fleetty server/);
  });

  it("sends nothing to a socket in a folder that is open to others", async () => {
    const before = server.asked.length;
    chmodSync(server.folder, 0o755);
    const { code, stderr } = await fleetty("send", "build", "secret");
    chmodSync(server.folder, 0o700);
    assert.equal(code, 3);
    assert.match(stderr, /open to others/);
    assert.equal(server.asked.length, before);
  });

  it("exits 130 when interrupted", async () => {
    let interrupt = () => {};
    const never = Promise.withResolvers<unknown>();
    server.answers.set("POST /sessions/build/wait", () => {
      interrupt();
      return never.promise;
    });
    const { code } = await runCli(["--socket", server.socket, "wait", "build"], {
      onStart: (child) => {
        interrupt = () => child.kill("SIGINT");
      },
    });
    never.resolve({});
    assert.equal(code, 130);
  });

  it("names what it does not know, and what is like it", async () => {
    assert.match(
      (await fleetty("scren", "build")).stderr,
      /no command "scren"; did you mean screen, scrollback, screen-mode alt, /,
    );
    assert.match((await fleetty("ls", "--tagg", "x")).stderr, /--tagg.*--help/);
    assert.match((await fleetty("kill")).stderr, /needs <session>/);
    assert.match((await fleetty("ls", "build")).stderr, /does not take "build"/);
    assert.equal((await fleetty("ls", "--tagg", "x")).code, 2);
  });

  it("says what a command lacks by its own words and options, whoever refuses it", async () => {
    const lacks = async (...args: string[]) => /needs (.*);/.exec((await fleetty(...args)).stderr)?.[1];
    assert.equal(await lacks("panel", "new", "build", "--z", "1"), "--position and --height");
    server.answers.set("POST /sessions/build/input/focus", () => {
      throw new FleettyError("invalid_body", "id: expected string", {
        issues: [{ path: ["id"], message: "expected" }],
      });
    });
    server.answers.set("DELETE /sessions/build/lease", () => {
      throw new FleettyError("invalid_query", "lease: expected string", { field: "lease" });
    });
    assert.equal(await lacks("input", "focus", "build"), "<id>");
    assert.equal(await lacks("release", "build"), "--lease");
    assert.match((await fleetty("input", "focus", "build", "x")).stderr, /id: expected string \[invalid_body\]/);
  });

  it("helps with every command: sentence, options, examples, exit codes; and --server where a session is named", async () => {
    await using kept = new KeptCli();
    for (const { cli, summary } of commandRows()) {
      const { code, stdout } = await kept.run([...cli.command.split(" "), "--help"]);
      assert.equal(code, 0);
      assert.ok(stdout.replace(/\s+/g, " ").includes(summary), cli.command);
      for (const example of cli.examples) assert.ok(stdout.includes(example), example);
      assert.match(stdout, /--json/);
      if (cli.positional?.includes("session")) assert.match(stdout, /--server <text> +hostname or id/, cli.command);
      assert.match(stdout, /124 {2}wait, run: the time was over/);
    }
    const { stdout } = await fleetty("panel", "new", "--help");
    for (const line of [/--height <number> +in rows; required\n/, /--spans <json> /, /--z <number> /])
      assert.match(stdout, line);
    assert.match((await fleetty("input", "focus", "--help")).stdout, /\[options\] <session> <id>\n/);
    assert.match((await fleetty("send", "--help")).stdout, /\[options\] <session> \[data\]\n/);
    const overview = (await fleetty("--help")).stdout;
    for (const { cli } of commandRows()) assert.ok(overview.includes(`  ${cli.command} `), cli.command);
  });

  it("loads no schema, no parser and no socket library to list sessions", async () => {
    const hook = join(server.folder, "loaded.mjs");
    const source = `import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context); } });`;
    writeFileSync(hook, source);
    const { stderr } = await runCli(["--socket", server.socket, "ls"], { env: { NODE_OPTIONS: `--import=${hook}` } });
    assert.match(stderr, /comforts\/ls\.ts/);
    assert.doesNotMatch(stderr, /node_modules/);
  });
});

/** Whether the process waits for its standard input (proc(5), fdinfo of an epoll descriptor). */
function readsInput(pid: number): boolean {
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readIfThere(`/proc/${pid}/fdinfo/${fd}`));
  return infos.some((info) => /^tfd:\s+0 /m.test(info));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

describe("a command line to a server elsewhere", () => {
  const server = new FakeServer();
  let url = "";

  before(async () => {
    url = await server.start(true);
  });
  after(() => server.stop());

  it("takes address and token from the environment", async () => {
    const { code } = await runCli(["ls"], { env: { FLEETTY_URL: url, FLEETTY_TOKEN: "fty_env" } });
    assert.equal(code, 0);
    assert.equal(server.asked.at(-1)?.authorization, "Bearer fty_env");
  });

  it("takes the token from a file first", async () => {
    const file = join(server.folder, "token");
    writeFileSync(file, "fty_file\n");
    await runCli(["--url", url, "--token-file", file, "ls"], { env: { FLEETTY_TOKEN: "fty_env" } });
    assert.equal(server.asked.at(-1)?.authorization, "Bearer fty_file");
  });

  it("refuses an address that is none", async () => {
    const { code, stderr } = await runCli(["--url", "hub-1:7337", "ls"]);
    assert.equal(code, 2);
    assert.match(stderr, /^fleetty: "hub-1:7337" is not the address of a server.*\n$/);
  });

  it("asks for a token without showing one", async () => {
    server.answers.set("GET /sessions", () => {
      throw new FleettyError("auth_required", "a token is needed");
    });
    const { code, stderr } = await runCli(["ls"], { env: { FLEETTY_URL: url, FLEETTY_TOKEN: "fty_env" } });
    server.answers.clear();
    assert.equal(code, 3);
    assert.doesNotMatch(stderr, /fty_/);
  });
});
