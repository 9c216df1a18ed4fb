// What shells without hooks in particular must leave as it is, and what their prompts alone can tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  endShells,
  isInstalled,
  KEYS,
  type ShellOptions,
  ShellRun,
  wholeCommands,
  withShell,
} from "./shell-harness.ts";

after(endShells);

const CYCLE = "end prompt input";

const goesOn = wholeCommands({ cycle: CYCLE });

for (const argv of [["dash"], ["busybox", "ash"], ["busybox", "sh"]]) {
  const name = argv.join(" ");
  const [program = ""] = argv;

  const story = (
    says: string,
    tell: (shell: ShellRun) => Promise<void>,
    options: ShellOptions & { args?: string[] } = {},
  ) => test(says, () => withShell([...argv, ...(options.args ?? [])], options, tell));

  describe(name, { skip: isInstalled(program) ? false : `${program} is not installed` }, () => {
    story(
      "reads the user's ENV once, and keeps it for children",
      async (shell) => {
        assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "$HOME/own env\n");
        const ended = await shell.command("mine; env | grep ^ENV=; env | grep -c fleetty_");
        assert.equal(shell.outputOf(ended), "alias\nENV=$HOME/own env\n0\n");
        assert.match(shell.output, /mine> .*\x1b\]133;B/);
        await goesOn(shell);
      },
      {
        env: { ENV: "$HOME/own env" },
        files: { "own env": "echo \"$ENV\" >>~/read\nalias mine='echo alias'\nPS1='mine> '\nsleep 0.3\nfalse" },
      },
    );

    story(
      "does without an ENV, or one that is not there",
      async (shell) => {
        const ended = await shell.command('echo "$ENV"');
        assert.equal(shell.outputOf(ended), "/no/such file\n");
        await goesOn(shell);
      },
      { env: { ENV: "/no/such file" } },
    );

    story(
      "reads the profile of a login shell",
      async (shell) => {
        assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "profile\n");
        await goesOn(shell);
      },
      { args: ["-l"], files: { ".profile": "echo profile >>~/read" } },
    );

    for (const option of ["set -eu", "set -x", "set -f", "set -C", "IFS=0123456789"]) {
      story(`goes on after ${option}`, async (shell) => {
        await shell.command(option);
        const ended = await shell.command("echo x; sh -c 'exit 3' || echo y");
        assert.match(shell.outputOf(ended), /x\n(.*\n)*y\n$/);
        assert.equal((await shell.command("! true")).exit_code, 1);
      });
    }

    story("takes a here-document for one command", async (shell) => {
      const ended = await shell.command("cat <<END\rone\r$HOME\rEND");
      assert.equal(shell.outputOf(ended), `one\n${shell.home}\n`);
      assert.equal(shell.tracked.commands.endedAfter(0).length, 1);
      await goesOn(shell);
    });

    story("takes lines that come one by one for one command", async (shell) => {
      for (const [at, line] of ["for x in 1 2", "do", "", "echo n$x"].entries()) {
        await shell.reads();
        shell.type(line + KEYS.enter);
        await shell.until("the rest is asked for", () => shell.kinds.split("continuation").length > at + 1);
      }
      assert.equal(shell.tracked.commands.state, "continuation");
      const ended = await shell.command("done");
      assert.equal(shell.outputOf(ended), "n1\nn2\n");
      assert.equal(shell.tracked.commands.endedAfter(0).length, 1);
    });

    story("gives an unfinished command up with Ctrl-C", async (shell) => {
      await shell.reads();
      shell.type(`echo '${KEYS.enter}`);
      await shell.until("the rest is asked for", () => shell.tracked.commands.state === "continuation");
      await shell.prompted(KEYS.interrupt);
      assert.deepEqual(shell.tracked.commands.endedAfter(0), []);
      await goesOn(shell);
    });

    story("runs nothing for a line that was erased", async (shell) => {
      await shell.reads();
      await shell.echoed("ls");
      await shell.prompted(`\x7f\x7f${KEYS.enter}`);
      assert.deepEqual(shell.tracked.commands.endedAfter(0), []);
      await goesOn(shell);
    });

    test("has no marks where PS1 is exported", async () => {
      const shell = await ShellRun.start(argv, { env: { PS1: "out> " } });
      await shell.until("its prompt", () => shell.output.includes("out> "));
      await shell.reads();
      shell.type(`env | grep PS1; echo $((40 + 2))${KEYS.enter}`);
      await shell.until("its answer", () => shell.output.includes("42"));
      assert.match(shell.output, /PS1=out> \r\n/);
      assert.equal(shell.marks.length + shell.foreign.length, 0);
      await shell.end();
    });
  });
}
