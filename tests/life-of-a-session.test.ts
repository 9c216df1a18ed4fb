// What users live through with a session, from its creation to what is left of it: real programs behind the real binary,
// spoken to by HTTP, by the command line and by the client in turn.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Client } from "@fleetty/client";
import { know } from "./harness/processes.ts";
import { fixture, installed } from "./harness/programs.ts";
import { startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const vim = installed("vim", "vim.tiny", "vi");
const less = installed("less");
const python = installed("python3");

const [CTRL_C, CTRL_D, CTRL_Z, ESCAPE] = ["\x03", "\x04", "\x1a", "\x1b"];

let server: TestServer;
let client: Client;

before(async () => {
  server = await startServer();
  client = server.client();
});

after(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

interface Start {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cols?: number;
}

/** By HTTP. Resolves with what the server says of the new session. */
// biome-ignore lint/suspicious/noExplicitAny: tests say what they expect by asserting it
async function start(name: string, body: Start): Promise<any> {
  const { status, json } = await server.ask({ path: "/sessions", body: { name, ...body } });
  assert.equal(status, 201, JSON.stringify(json));
  return json;
}

/** By the client. Resolves with the position before it. */
function type(session: string, text: string): Promise<{ generation: number; offset: number }> {
  return client.sessions.input({ session, data: Buffer.from(text) });
}

/** By HTTP. Resolves when the program has printed it after `since`; with the text that matched. */
async function prints(session: string, regex: string, since: object = { offset: 0 }): Promise<string> {
  const until = { pattern: { regex, on: "output" } };
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body: { since, until } });
  assert.equal(
    json.reason,
    "pattern",
    `${regex} was never printed: ${JSON.stringify(json)}\n${await screenOf(session)}`,
  );
  return json.match.text;
}

/** By the client. Resolves when a row of the screen matches, with the rows of that moment. */
async function shows(session: string, regex: string): Promise<readonly string[]> {
  const answer = await client.sessions.wait({ session, until: { pattern: { regex, on: "screen" } }, screen: "plain" });
  assert.equal(answer.reason, "pattern", `${regex} was never shown:\n${await screenOf(session)}`);
  return (answer.screen as { lines: string[] }).lines;
}

/** By the command line, as a person reads it. */
async function screenOf(session: string): Promise<string> {
  const { code, stdout } = await server.fleetty(["screen", session]);
  assert.equal(code, 0);
  return stdout;
}

/** By the command line. */
async function outputOf(session: string): Promise<string> {
  const { code, stdout } = await server.fleetty(["output", session]);
  assert.equal(code, 0);
  return stdout;
}

/** By the command line: waits for the end. */
async function ends(session: string, said: string): Promise<void> {
  const { code, stdout } = await server.fleetty(["wait", session]);
  assert.deepEqual([code, stdout], [0, said]);
}

const PROMPT = "^here>$";
const shell: Start = { argv: ["/bin/bash", "--norc", "--noprofile"], env: { PS1: "here> " } };

/** A program that runs until it is interrupted, and says when it has begun and when it goes on after having been stopped. */
const LONG_RUN = `sh -c 'trap "echo went on" CONT; echo begun; while :; do sleep 0.05; done'`;

describe("a shell", () => {
  it("runs commands and pipelines, each awaited from where it was typed", async () => {
    const made = await server.fleetty(["new", "work", "--env", "PS1=here> ", "--", ...shell.argv]);
    assert.deepEqual([made.code, made.stdout], [0, "work\n"]);
    await shows("work", PROMPT);
    assert.equal(await prints("work", "^[0-9]+$", await type("work", "echo $((6 * 7))\r")), "42");
    const typed = await type("work", "printf '%s\\n' pear apple fig | sort | head -n 2\r");
    await prints("work", "^here> $", typed);
    assert.deepEqual((await screenOf("work")).split("\n").slice(0, 6), [
      "here> echo $((6 * 7))",
      "42",
      "here> printf '%s\\n' pear apple fig | sort | head -n 2",
      "apple",
      "fig",
      "here>",
    ]);
    await type("work", "exit 7\r");
    await ends("work", "exit 7 (exact)\n");
  });

  it("stops a program at Ctrl-Z, lets it go on, and interrupts it at Ctrl-C", async () => {
    await start("jobs", shell);
    await shows("jobs", PROMPT);
    await prints("jobs", "^begun$", await type("jobs", `${LONG_RUN}\r`));
    const stopped = await type("jobs", CTRL_Z);
    await prints("jobs", "Stopped", stopped);
    await prints("jobs", "^went on$", await type("jobs", "fg\r"));
    const interrupted = await type("jobs", CTRL_C);
    await prints("jobs", "^here> $", interrupted);
    assert.equal(await prints("jobs", "^code .*$", await type("jobs", 'echo "code $?"\r')), "code 130");
    await type("jobs", CTRL_D);
    await ends("jobs", "exit 0 (exact)\n");
  });

  it("asks, and takes the answer that was typed at its question", async () => {
    await start("ask", shell);
    await shows("ask", PROMPT);
    const asked = await type("ask", "read -p 'Go on? [y/n] ' -n 1 answer; echo; echo \"you said $answer\"\r");
    await prints("ask", "^Go on\\? \\[y/n\\] $", asked);
    const { code, stdout } = await server.fleetty(["send", "ask", "y", "--json"]);
    assert.equal(code, 0);
    assert.equal(await prints("ask", "^you said .*$", JSON.parse(stdout)), "you said y");
    assert.equal((await server.ask({ method: "DELETE", path: "/sessions/ask" })).status, 204);
  });
});

describe("a full-screen program", () => {
  it("edits a file and gives the screen back", { skip: vim.skip }, async () => {
    const file = join(server.home.root, "letter.txt");
    await start("edit", shell);
    await shows("edit", PROMPT);
    await type("edit", `${vim.path} -u NONE -i NONE -n -N ${file}\r`);
    await shows("edit", "^~$");
    assert.equal((await client.sessions.screen({ session: "edit" })).alternate_active, true);
    await type("edit", "i");
    await shows("edit", "^-- INSERT --");
    await type("edit", "Dear reader,\rall is well.");
    const lines = await shows("edit", "^all is well\\.$");
    assert.deepEqual(lines.slice(0, 3), ["Dear reader,", "all is well.", "~"]);
    await type("edit", `${ESCAPE}:wq\r`);
    await shows("edit", PROMPT);
    const { json } = await server.ask({ path: "/sessions/edit/screen?format=plain" });
    assert.equal(json.alternate_active, false);
    assert.match(json.lines[0], /^here> .*letter\.txt$/);
    assert.doesNotMatch(json.lines.join("\n"), /Dear reader/);
    assert.equal(readFileSync(file, "utf8"), "Dear reader,\nall is well.\n");
    assert.equal((await server.fleetty(["kill", "edit"])).code, 0);
  });

  it("pages and searches through a file", { skip: less.skip }, async () => {
    const file = join(server.home.root, "long.txt");
    writeFileSync(file, Array.from({ length: 300 }, (_, at) => `line ${at + 1}\n`).join(""));
    await start("page", { argv: [less.path, file] });
    assert.equal((await shows("page", "^line 23$"))[0], "line 1");
    await type("page", " ");
    assert.equal((await shows("page", "^line 46$"))[0], "line 24");
    await type("page", "/line 15[05]\r");
    assert.equal((await shows("page", "^line 172$"))[0], "line 150");
    await type("page", "n");
    assert.equal((await shows("page", "^line 177$"))[0], "line 155");
    await type("page", "q");
    await ends("page", "exit 0 (exact)\n");
  });
});

describe("a program that asks for a password", () => {
  it("gets it at its prompt, and it is neither on the screen nor in the output", async () => {
    const secret = "correct horse battery";
    await start("login", { argv: [fixture("ask-password")] });
    await prints("login", "^Password: $");
    const { code } = await server.fleetty(["send", "login", secret, "--enter"]);
    assert.equal(code, 0);
    await ends("login", "exit 0 (exact)\n");
    assert.equal(await outputOf("login"), `Password: \ngot ${secret.length} characters\n`);
    const { body } = await server.ask({ path: "/sessions/login/output?format=raw" });
    assert.doesNotMatch(body.toString(), /horse/);
    assert.doesNotMatch(await screenOf("login"), /horse/);
  });
});

describe("a REPL", () => {
  it("takes a definition of several lines, answers, and ends at Ctrl-D", { skip: python.skip }, async () => {
    await start("repl", { argv: [python.path, "-q"], env: { PYTHON_BASIC_REPL: "1" } });
    await prints("repl", "^>>> $");
    for (const line of ["def fib(n):", "    if n < 2: return n", "    return fib(n - 1) + fib(n - 2)"]) {
      await prints("repl", "^\\.\\.\\. $", await type("repl", `${line}\r`));
    }
    await prints("repl", "^>>> $", await type("repl", "\r"));
    await type("repl", "[fib(n) for n in range(10)]\r");
    await shows("repl", "^\\[0, 1, 1, 2, 3, 5, 8, 13, 21, 34\\]$");
    await type("repl", CTRL_D);
    await ends("repl", "exit 0 (exact)\n");
  });
});

describe("a watched session", () => {
  it("is seen while it goes, each byte once and in order, to its end", async () => {
    await start("steps", {
      argv: ["sh", "-c", 'stty -echo; for step in 1 2 3; do echo "step $step?"; read _; done; exit 4'],
    });
    const watch = client.sessions.watch({ session: "steps", from: 0 });
    let seen = "";
    let end = 0;
    let answered = 0;
    for await (const item of watch) {
      if (item.type === "exit") {
        assert.deepEqual([item.exit, item.offset], [{ code: 4 }, end]);
        break;
      }
      if (item.type !== "output") continue;
      assert.equal(item.offset, end);
      end += item.bytes.byteLength;
      seen += Buffer.from(item.bytes).toString();
      const asked = seen.match(/step \d\?\r\n/g)?.length ?? 0;
      // Only a watcher who sees a question as it comes gets to the next one.
      while (answered < asked) {
        answered += 1;
        await watch.write("\r");
      }
    }
    assert.equal(seen, "step 1?\r\nstep 2?\r\nstep 3?\r\n");
    assert.equal(await outputOf("steps"), "step 1?\nstep 2?\nstep 3?\n");
  });
});

describe("a session that is resized", () => {
  it("tells its program, which sees its new size", async () => {
    await start("size", { argv: [fixture("report-size")] });
    await prints("size", "^24 80$");
    const { code } = await server.fleetty(["resize", "size", "--rows", "40", "--cols", "100"]);
    assert.equal(code, 0);
    await prints("size", "^40 100$");
    const { rows, cols } = await client.sessions.get({ session: "size" });
    assert.deepEqual([rows, cols], [40, 100]);
    assert.equal((await server.ask({ method: "DELETE", path: "/sessions/size" })).status, 204);
  });

  it("breaks its long lines anew", async () => {
    const long = "0123456789".repeat(10);
    await start("reflow", { argv: ["sh", "-c", `echo ${long}; echo below; exec sleep 1000`] });
    const linesAt = async (cols: number) => {
      const { status } = await server.ask({ path: "/sessions/reflow/resize", body: { rows: 24, cols } });
      assert.equal(status, 200);
      return (await screenOf("reflow")).split("\n").slice(0, -1);
    };
    assert.deepEqual((await shows("reflow", "^below$")).slice(0, 3), [long.slice(0, 80), long.slice(80), "below"]);
    assert.deepEqual(await linesAt(120), [long, "below"]);
    assert.deepEqual(await linesAt(40), [long.slice(0, 40), long.slice(40, 80), long.slice(80), "below"]);
    assert.equal((await server.fleetty(["kill", "reflow"])).code, 0);
  });
});

interface Signalled {
  readonly pid: number;
  readonly start_time: number;
  readonly signals: readonly string[];
}

/** What the session host wrote about the end. */
function exitRecord(id: string) {
  return JSON.parse(readFileSync(join(server.stateDir, "sessions", id, "exit.json"), "utf8"));
}

function signalled(id: string, pid: number): Signalled | undefined {
  return exitRecord(id).evidence.signalled.find((one: Signalled) => one.pid === pid);
}

describe("a session that is killed", () => {
  it("goes with every process, also those that left its group and its terminal, and the record names them", async () => {
    const { id } = await start("tree", { argv: [fixture("child-in-other-group")] });
    const pids = (await prints("tree", "^ready \\d+ \\d+ \\d+$")).split(" ").slice(1).map(Number);
    const processes = pids.map(know);
    assert.equal(processes.filter((one) => one !== null).length, 3, `of ${pids} not all live`);
    assert.equal((await server.ask({ method: "DELETE", path: "/sessions/tree" })).status, 204);
    assert.deepEqual(pids.map(know), [null, null, null]);

    assert.equal((await server.ask({ path: "/sessions/tree" })).json.error.code, "session_not_found");
    const { state, exit, end_reason: reason } = await client.sessions.get({ session: id });
    assert.deepEqual([state, exit, reason], ["exited", { signal: "SIGKILL" }, "killed"]);
    assert.deepEqual(exitRecord(id).evidence.survivors, []);
    for (const [at, pid] of pids.entries()) {
      const record = signalled(id, pid);
      assert.deepEqual([record?.signals, String(record?.start_time)], [["SIGKILL"], processes[at]?.startTime]);
    }
  });

  it("is asked first when there is time, and not asked for ever", async () => {
    const { id, pid } = await start("stubborn", { argv: [fixture("ignore-sigterm")] });
    await prints("stubborn", "^ready$");
    assert.equal((await server.fleetty(["kill", "stubborn", "--grace-ms", "50"])).code, 0);
    assert.deepEqual(exitRecord(id).info.exit, { signal: "SIGKILL" });
    assert.deepEqual(signalled(id, pid)?.signals, ["SIGHUP", "SIGTERM", "SIGKILL"]);
  });

  it("ends as its program ends it when that takes the hint", async () => {
    const { id } = await start("polite", { argv: [fixture("slow-exit")] });
    await prints("polite", "^ready$");
    await client.sessions.kill({ session: "polite", grace_ms: 20_000 });
    const { exit, end_reason: reason } = await client.sessions.get({ session: id });
    assert.deepEqual([exit, reason], [{ code: 3 }, "killed"]);
    assert.match(await outputOf(id), /^bye$/m);
  });
});

describe("a session that has ended", () => {
  it("remains readable, by its name until another one has it, by its id also then", async () => {
    const { id } = await start("past", { argv: ["sh", "-c", "echo first life; exit 5"] });
    await ends("past", "exit 5 (exact)\n");
    assert.equal(await screenOf("past"), "first life\n");
    assert.equal(await outputOf("past"), "first life\n");
    const info = await client.sessions.get({ session: "past" });
    assert.deepEqual(
      [info.state, info.exit, info.end_reason, info.pid !== null],
      ["exited", { code: 5 }, "exited", true],
    );
    const refused = await server.ask({ path: "/sessions/past/input", body: "x" });
    assert.deepEqual([refused.status, refused.json.error.code], [409, "session_exited"]);
    assert.doesNotMatch((await server.fleetty(["ls"])).stdout, /^past /m);
    assert.match((await server.fleetty(["ls", "--include", "exited"])).stdout, /^past +exited 5 /m);

    await start("past", { argv: ["sh", "-c", "echo second life; exec sleep 1000"] });
    await shows("past", "^second life$");
    assert.equal(await screenOf(id), "first life\n");
    assert.equal((await server.fleetty(["kill", "past"])).code, 0);
    assert.equal(await outputOf(id), "first life\n");
  });

  it("leaves the last screen of a full-screen program as that left it", async () => {
    await start("drawn", { argv: [fixture("alt-screen")] });
    await shows("drawn", "in the alternate screen");
    const { json } = await server.ask({ path: "/sessions/drawn/screen" });
    assert.deepEqual([json.alternate_active, json.cursor.visible], [true, false]);
    await type("drawn", "\r");
    await waitUntil("it has ended", async () => (await client.sessions.get({ session: "drawn" })).exit);
    const left = (await server.ask({ path: "/sessions/drawn/screen" })).json;
    assert.deepEqual([left.alternate_active, left.cursor.visible], [false, true]);
    assert.doesNotMatch(await screenOf("drawn"), /alternate/);
  });
});
