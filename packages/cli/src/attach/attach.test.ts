import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { OwnFleet } from "../../test/own-fleet.ts";
import { PtyTerminal } from "../../test/pty-terminal.ts";
import { launcher } from "../../test/run-cli.ts";

const DETACH = "\x1c\x1c";
const DETACHED = /\[s\d+ detached\]$/;

describe("an attached terminal", () => {
  const fleet = new OwnFleet();
  const open: PtyTerminal[] = [];
  let names = 0;

  before(async () => {
    assert.equal((await fleet.fleetty("server", "start")).code, 0);
  });
  afterEach(() => {
    for (const terminal of open.splice(0)) terminal.close();
  });
  after(() => fleet[Symbol.asyncDispose]());

  const newSession = async (...argv: string[]): Promise<string> => {
    const name = `s${names++}`;
    const { code, stderr } = await fleet.fleetty("new", name, "--", ...argv);
    assert.equal(code, 0, stderr);
    return name;
  };
  const terminal = (argv: [string, ...string[]], cols = 80, rows = 24): PtyTerminal => {
    const made = new PtyTerminal(argv, { cols, rows, env: fleet.env });
    open.push(made);
    return made;
  };
  const attached = (name: string, ...options: string[]) => terminal([launcher, "attach", name, ...options]);
  const shell = () => newSession("sh", "-c", "PS1='$ ' exec sh -i");

  it("shows the session, types into it, and leaves it with Ctrl-\\ twice", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    user.type("echo in $((40+2))\r");
    await user.until("the answer", (text) => text.includes("\nin 42\n"));
    user.type(DETACH);
    assert.equal(await user.ended(DETACHED), 0);
    assert.match((await fleet.fleetty("ls")).stdout, new RegExp(`^${name} +running`, "m"));
  });

  for (const [how, leave] of [
    ["detached", (user: PtyTerminal) => user.type(DETACH)],
    ["ended by a signal", (_: PtyTerminal, pid: number) => process.kill(pid, "SIGTERM")],
    ["ended by a signal that programs seldom expect", (_: PtyTerminal, pid: number) => process.kill(pid, "SIGQUIT")],
  ] as const) {
    it(`gives the terminal back as it was when ${how}`, async () => {
      const name = await shell();
      const pidFile = join(fleet.folder, `${name}.pid`);
      const attach = `sh -c 'echo $$ > ${pidFile}; exec ${launcher} attach ${name}'`;
      const user = terminal(["sh", "-c", `before=$(stty -g); ${attach}; [ "$before" = "$(stty -g)" ] && echo same`]);
      await user.until("the prompt", (text) => text === "$");
      user.type("printf '\\033[?1000h\\033[?2004h\\033[?25l\\033[?1049h'; echo set\r");
      await user.until("modes of the program", () => user.isAlternate);
      leave(user, Number(readFileSync(pidFile, "utf8")));
      await user.until("the same settings as before", (text) => text.endsWith("same"));
      assert.equal(user.isAlternate, false);
      assert.deepEqual(user.modes, { mouseTrackingMode: "none", bracketedPasteMode: false });
    });
  }

  it("says how the session ended", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    user.type("exit 3\r");
    assert.equal(await user.ended(new RegExp(`\\[${name} exited with code 3\\]$`)), 0);
  });

  it("is sent away by another's fleetty detach, and stays away", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    assert.deepEqual(await fleet.fleetty("detach", name), { code: 0, stdout: "", stderr: "" });
    assert.equal(await user.ended(new RegExp(`\\[${name} detached by fleetty detach\\]$`)), 0);
    assert.match((await fleet.fleetty("ls")).stdout, new RegExp(`^${name} +running .* 80x24 +0 `, "m"));
  });

  it("shows an editor as the session has it, and leaves its modes behind", async () => {
    const file = join(fleet.folder, "written.txt");
    writeFileSync(file, "first line\n");
    const name = await newSession("vi", file);
    const user = attached(name);
    await user.until("the file", (text) => text.startsWith("first line"));
    assert.equal(user.isAlternate, true);
    user.type(DETACH);
    await user.ended(DETACHED);
    assert.equal(user.isAlternate, false);
  });

  it("draws what fits in a smaller terminal, says so, and passes through once the sizes are equal", async () => {
    const name = await shell();
    const user = terminal([launcher, "attach", name], 40, 10);
    await user.until("the notice", (text) => text.includes(`${name} 80x24 in 40x10`));
    user.type("seq 1 30\r");
    await user.until("the newest lines", (text) => text.includes("\n30\n$"));
    assert.equal(user.isAlternate, true);
    user.resize(80, 24);
    await user.until("all of it", (text) => text.startsWith("8\n9\n10\n"));
    assert.equal(user.isAlternate, false);
    user.type("echo direct\r");
    await user.until("live output", (text) => text.includes("\ndirect\n"));
  });

  it("takes a terminal that does not say its size for one of the usual size", async () => {
    const name = await shell();
    const user = terminal(["sh", "-c", `stty rows 0 cols 0; exec ${launcher} attach ${name} --resize`]);
    await user.until("the prompt", (text) => text === "$");
    assert.match((await fleet.fleetty("ls")).stdout, new RegExp(`^${name} .* 80x24 `, "m"));
    user.type(DETACH);
    await user.ended(DETACHED);
  });

  it("gives the session its size with --resize only", async () => {
    const name = await shell();
    const user = attached(name, "--resize");
    await user.until("the prompt", (text) => text === "$");
    user.resize(100, 30);
    const hasNewSize = async () => new RegExp(`^${name} .* 100x30 `, "m").test((await fleet.fleetty("ls")).stdout);
    await waitUntil("the session has the new size", hasNewSize);
    user.type("stty size\r");
    await user.until("the new size", (text) => text.includes("30 100"));
    const other = terminal([launcher, "attach", name], 50, 12);
    await other.until("its notice", (text) => text.includes("100x30 in 50x12"));
    assert.ok(await hasNewSize());
  });

  it("keeps queries of programs from the terminal: the session answers them, once", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    user.type("stty -echo -icanon; printf '\\033[6n\\033[c'; sleep 0.5; dd bs=100 count=1 2>/dev/null | od -An -c\r");
    await user.until("the answers as the program read them", (text) => /033.*R/.test(text));
    assert.equal(user.answers, "");
    assert.equal(user.text.match(/R +033/g)?.length, 1, user.text);
  });

  it("types nothing with --readonly", async () => {
    const name = await shell();
    const user = attached(name, "--readonly");
    await user.until("the prompt", (text) => text === "$");
    user.type("echo typed\r");
    user.type(DETACH);
    assert.equal(await user.ended(DETACHED), 0);
    assert.doesNotMatch((await fleet.fleetty("screen", name)).stdout, /typed/);
  });

  it("goes on when the server is killed and started again, with what was typed meanwhile, once", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    await fleet.kill();
    user.type("echo typed while it was away\r");
    await user.until("word of the loss", (text) => text.includes("connection lost"));
    assert.equal((await fleet.fleetty("server", "start")).code, 0);
    await user.until("the answer", (text) => text.includes("\ntyped while it was away\n$"));
    assert.equal(user.text, "$ echo typed while it was away\ntyped while it was away\n$");
    user.type(DETACH);
    assert.equal(await user.ended(DETACHED), 0);
  });

  it("is left with Ctrl-\\ twice also while keys are sent in the forms that a program has asked for", async () => {
    const keys = { modifyOtherKeys: "\x1b[27;5;92~", "the keyboard protocol": "\x1b[92;5u\x1b[92;5:3u" };
    for (const key of Object.values(keys)) {
      const name = await shell();
      const user = attached(name);
      await user.until("the prompt", (text) => text === "$");
      user.type(key);
      user.type(key);
      assert.equal(await user.ended(DETACHED), 0);
    }
  });

  it("is left by a signal with the exit code that shells know", async () => {
    const name = await shell();
    const user = attached(name);
    await user.until("the prompt", (text) => text === "$");
    process.kill(user.pid, "SIGTERM");
    assert.equal(await user.ended(DETACHED), 143);
  });

  it("refuses without a terminal, and for a session that is not there or has ended", async () => {
    const name = await newSession("true");
    await fleet.fleetty("wait", name);
    const { code, stderr } = await fleet.fleetty("attach", name);
    assert.equal(code, 5);
    assert.match(stderr, /has ended/);
    assert.equal((await fleet.fleetty("attach", "nobody")).code, 4);
    const live = await fleet.fleetty("attach", await shell());
    assert.equal(live.code, 2);
    assert.match(live.stderr, /needs a terminal/);
  });

  it("types alone from its first key on, gives that up when it leaves, and keeps nobody from anything by looking", async () => {
    const name = await shell();
    const [user, other] = [attached(name), attached(name)];
    for (const one of [user, other]) await one.until("the prompt", (text) => text === "$");
    assert.equal((await fleet.fleetty("send", name, "true", "--enter")).code, 0);
    user.type("echo one$((1))\r");
    await user.until("the answer", (text) => text.includes("\none1\n"));
    assert.match((await fleet.fleetty("send", name, "true", "--enter")).stderr, /local \(human\).*\[lease_held\]/);
    other.type("x");
    await other.until("the refusal", (text) => text.includes("local (human) has the right to type"));
    user.type(DETACH);
    assert.equal(await user.ended(DETACHED), 0);
    other.type("echo two$((2))\r");
    await other.until("the answer", (text) => text.includes("\ntwo2\n") && !text.includes("has the right"));
    assert.equal((await fleet.fleetty("resize", name, "--rows", "24", "--cols", "80")).code, 5);
  });

  it("takes the right to type over when it is told to, and says who has taken it over", async () => {
    const name = await shell();
    const { code, stdout } = await fleet.fleetty("lease", name, "--ttl-ms", "600000");
    assert.equal(code, 0);
    const user = attached(name, "--take-over");
    await user.until("the prompt", (text) => text === "$");
    assert.equal((await fleet.fleetty("send", name, "true", "--enter", "--lease", stdout.trim())).code, 0);
    user.type("echo one$((1))\r");
    await user.until("the answer", (text) => text.includes("\none1\n"));
    assert.match((await fleet.fleetty("send", name, "x", "--lease", stdout.trim())).stderr, /\[lease_lost\]/);
    assert.equal((await fleet.fleetty("lease", name, "--take-over")).code, 0);
    user.type("x");
    await user.until("who has it", (text) => text.includes("local (agent) has taken over"));
    user.type("x");
    await user.until("the refusal", (text) => text.includes("local (agent) has the right to type"));
  });
});
