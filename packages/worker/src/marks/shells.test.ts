// What every shell tells by its marks, on a real terminal: prompts, commands, their ends and folders; and what it must not
// change for whoever uses it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { eventually } from "../pty/pty-harness.ts";
import { endShells, isInstalled, KEYS, type ShellOptions, ShellRun, withShell } from "./shell-harness.ts";

const shells = {
  bash: { argv: ["bash"], hasText: false, hasBegin: true },
  "bash as login shell": { argv: ["bash", "-l"], hasText: false, hasBegin: true },
  zsh: { argv: ["zsh"], hasText: true, hasBegin: true },
  "zsh as login shell": { argv: ["zsh", "-il"], hasText: true, hasBegin: true },
  fish: { argv: ["fish"], hasText: true, hasBegin: true },
  dash: { argv: ["dash"], hasText: false, hasBegin: false },
  "busybox ash": { argv: ["busybox", "ash"], hasText: false, hasBegin: false },
} as const;

after(endShells);

for (const [name, { argv, hasText, hasBegin }] of Object.entries(shells)) {
  const [program] = argv;
  const skip = isInstalled(program) ? false : `${program} is not installed`;
  const isFish = program === "fish";
  const exits = (code: number) => (isFish ? `sh -c 'exit ${code}'` : `(exit ${code})`);

  const story = (says: string, tell: (shell: ShellRun) => Promise<void>, options: ShellOptions = {}) =>
    test(says, () =>
      withShell(argv, options, async (shell) => {
        await tell(shell);
        assert.ok(!shell.output.includes("__fleetty"), shell.output);
      }),
    );

  describe(name, { skip }, () => {
    story("says of a command what it printed and how it ended", async (shell) => {
      const first = await shell.command(`echo one; ${exits(3)}`);
      assert.deepEqual([visible(shell.outputOf(first)), first.exit_code], ["one\n", 3]);
      const second = await shell.command("printf two");
      assert.deepEqual([visible(shell.outputOf(second)), second.exit_code], ["two", 0]);
      assert.equal(second.text, hasText ? "printf two" : null);
      assert.ok(second.from > first.to && second.id !== first.id);
      const silent = await shell.command("true");
      assert.equal(visible(shell.outputOf(silent)), "");
      const missing = await shell.command("no-such-program");
      assert.equal(missing.exit_code, 127);
      assert.deepEqual(shell.foreign, []);
    });

    story("prints one mark of each kind, in order, for each command", async (shell) => {
      const before = shell.marks.length;
      await shell.command("echo x");
      const kinds = hasBegin ? ["command", "end", "prompt", "input"] : ["end", "prompt", "input"];
      assert.deepEqual(
        shell.marks.slice(before).map(({ kind }) => kind),
        kinds,
      );
      const [prompt, input] = shell.marks.slice(-2);
      if (prompt && input) assert.ok(input.from > prompt.to, "the prompt is between them");
    });

    story("names the folder of each prompt", async (shell) => {
      const { commands } = shell.tracked;
      assert.equal(commands.cwd, shell.home);
      await shell.command("mkdir -p 'a b/ü;&' && cd 'a b/ü;&'");
      assert.equal(commands.cwd, join(shell.home, "a b/ü;&"));
      const command = await shell.command("cd /");
      assert.deepEqual([command.cwd, commands.cwd], ["/", "/"]);
      await shell.command(`cd ${shell.home} && mkdir 'x%y' && cd 'x%y'`);
      assert.equal(commands.cwd, hasBegin ? join(shell.home, "x%y") : null);
    });

    story("tells Enter at an empty prompt from a command", async (shell) => {
      await shell.prompted(KEYS.enter);
      await shell.prompted(KEYS.enter);
      assert.deepEqual(shell.tracked.commands.endedAfter(0), []);
      assert.equal(shell.tracked.commands.state, "at_prompt");
    });

    story("tells Ctrl-C at a prompt from a command", async (shell) => {
      await shell.reads();
      await shell.echoed("abc");
      if (!isFish) await shell.prompted(KEYS.interrupt);
      else await interruptFish(shell);
      assert.deepEqual(shell.tracked.commands.endedAfter(0), []);
      assert.equal((await shell.command("echo after")).exit_code, 0);
    });

    story("ends a command that Ctrl-C interrupts", async (shell) => {
      shell.type(`sh -c 'echo begun; exec sleep 1000'${KEYS.enter}`);
      const { commands } = shell.tracked;
      await shell.until("it has begun", () =>
        shell.output.slice(commands.open?.from ?? Infinity).includes("begun\r\n"),
      );
      await shell.prompted(KEYS.interrupt, { isRunning: true });
      assert.equal(shell.tracked.commands.last?.exit_code, 130);
    });

    story("takes a command of several lines for one", async (shell) => {
      const lines = isFish ? ["for x in 1 2", "echo n$x", "end"] : ["for x in 1 2", "do echo n$x", "done"];
      const ended = await shell.command(lines.join(KEYS.enter));
      assert.equal(visible(shell.outputOf(ended)), "n1\nn2\n");
      if (!isFish) assert.ok(shell.marks.some(({ kind }) => kind === "continuation"));
      assert.equal(shell.tracked.commands.endedAfter(0).length, 1);
    });

    story("leaves the status and the last word of a command for the next", async (shell) => {
      await shell.command(exits(7));
      const status = await shell.command(isFish ? "echo $status" : "echo $?");
      assert.equal(visible(shell.outputOf(status)), "7\n");
      if (!hasBegin || isFish) return;
      await shell.command("echo one two");
      assert.equal(shell.outputOf(await shell.command("echo $_")), "two\n");
    });

    story("prints no mark in a subshell, and none in a pipe", async (shell) => {
      const before = shell.marks.length;
      const ended = await shell.command(isFish ? "fish -c 'echo sub' | cat" : "(echo sub; false) | cat");
      assert.equal(visible(shell.outputOf(ended)), "sub\n");
      assert.equal(shell.marks.slice(before).length, hasBegin ? 4 : 3);
    });

    story("is still in its command while another shell runs in it", async (shell) => {
      const count = shell.marks.length;
      shell.type(`sh${KEYS.enter}`);
      await shell.until("it runs", () => shell.tracked.commands.state === "command");
      shell.type(`echo $((40 + 2)); exit 5${KEYS.enter}`);
      await shell.until("it has ended", () => shell.tracked.commands.last?.exit_code === 5);
      assert.match(shell.outputOf(shell.tracked.commands.last ?? assert.fail()), /42/);
      assert.equal(shell.marks.length - count, hasBegin ? 4 : 3);
    });

    story("prints no more marks once another program is in its place", async (shell) => {
      const count = shell.marks.length;
      shell.type(`exec env -u ENV sh${KEYS.enter}`);
      await shell.until("it is", () => shell.tracked.commands.state === "command");
      shell.type(`echo $((40 + 2))${KEYS.enter}`);
      await shell.until("it answers", () => shell.output.includes("42"));
      assert.equal(shell.marks.length - count, hasBegin ? 1 : 0);
      shell.tracked.commands.forget(shell.bytes.length, performance.now());
      assert.equal(shell.tracked.commands.last?.exit_code, null);
    });

    story("is not deceived by output", async (shell) => {
      await shell.command("echo first");
      const raw = join(shell.home, "raw");
      const nonce = "0".repeat(32);
      const forged = `\x1b]133;D;9;fleetty=${nonce}.99999\x07\x1b]133;D;8\x07`;
      writeFileSync(raw, Buffer.concat([shell.bytes, Buffer.from(forged)]));
      const before = shell.marks.length;
      const ended = await shell.command(`cat raw; ${exits(4)}`);
      assert.equal(ended.exit_code, 4);
      assert.equal(shell.marks.length - before, hasBegin ? 4 : 3);
      assert.ok(shell.foreign.length >= 6);
    });

    test("gives its children what it would give them without us", async () => {
      const seen = [];
      for (const isIntegrated of [true, false]) {
        const env = { USER_OWN: "1", ENV: "$HOME/own env", ...(program === "zsh" ? {} : { ZDOTDIR: "/x" }) };
        const shell = await ShellRun.start(argv, { isIntegrated, env, files: { "own env": "OWN=yes; export OWN\n" } });
        if (isIntegrated) await shell.prompts(1);
        await shell.reads();
        shell.type(`env -u _ >env.new; mv env.new env${KEYS.enter}`);
        await eventually("it has been written", () => shell.has("env"));
        const text = readFileSync(join(shell.home, "env"), "utf8");
        assert.ok(!text.includes(shell.nonces.marks));
        seen.push(text.replaceAll(shell.home, "HOME").split("\n").sort());
        await shell.end();
      }
      assert.deepEqual(seen[0], seen[1]);
    });

    story("is right without the files of its integration, once it has read them", async (shell) => {
      await shell.removeScripts();
      assert.equal((await shell.command(exits(6))).exit_code, 6);
    });
  });
}

/** fish shows the same prompt again, and misses an interrupt while it paints; one at an empty line does nothing. */
async function interruptFish(shell: ShellRun): Promise<void> {
  const shown = shell.foreign.length;
  await eventually("fish shows its prompt again", () => {
    if (shell.foreign.length === shown) shell.type(KEYS.interrupt);
    return shell.foreign.length > shown;
  });
}

/** What is left to see of a line: fish sets title and colours before each command's output. */
function visible(output: string): string {
  return output.replace(/\x1b\][^\x07]*\x07|\x1b\[[0-?]*[@-~]|\x1b\(B/g, "").replace(/^\r/, "");
}
