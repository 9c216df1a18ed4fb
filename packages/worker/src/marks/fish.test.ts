// What fish in particular must leave as it is: the user's files, event handlers and prompts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { endShells, isInstalled, type ShellOptions, type ShellRun, wholeCommands, withShell } from "./shell-harness.ts";

after(endShells);

const CYCLE = "command end prompt input";
const CONFIG = ".config/fish/config.fish";

function story(
  says: string,
  tell: (shell: ShellRun) => Promise<void>,
  options: ShellOptions & { argv?: string[] } = {},
) {
  test(says, () =>
    withShell(options.argv ?? ["fish"], options, async (shell) => {
      await tell(shell);
      assert.doesNotMatch(shell.output, /__fleetty/);
    }),
  );
}

const goesOn = wholeCommands({
  cycle: CYCLE,
  line: (code) => `echo out(math 40 + 2); sh -c 'exit ${code}'`,
  printed: /\rout42\n$/,
  hasText: true,
});

describe("fish", { skip: isInstalled("fish") ? false : "fish is not installed" }, () => {
  for (const argv of [["fish"], ["fish", "-l"]]) {
    story(
      `reads the user's file once, before ours (${argv.join(" ")})`,
      async (shell) => {
        assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "config\n");
        assert.match(
          shell.outputOf(await shell.command("status is-login; echo $status")),
          argv.length > 1 ? /\r0\n/ : /\r1\n/,
        );
        await goesOn(shell);
      },
      { argv, files: { [CONFIG]: "sleep 0.3; echo config >>~/read; false" } },
    );
  }

  story(
    "calls the user's handlers, and shows their prompt",
    async (shell) => {
      await shell.command("sh -c 'exit 7'");
      const seen = readFileSync(join(shell.home, "seen"), "utf8").split("\n");
      assert.deepEqual(seen.slice(0, 4), ["prompt 0", "pre sh -c 'exit 7'", "post 7", "prompt 7"]);
      await goesOn(shell);
      assert.match(shell.output, /mine 7> \x1b\]133;B/);
    },
    {
      files: {
        [CONFIG]: `function on_prompt --on-event fish_prompt; echo prompt $status >>~/seen; end
function on_pre --on-event fish_preexec; echo pre $argv >>~/seen; end
function on_post --on-event fish_postexec; echo post $status >>~/seen; end
function fish_prompt; echo -n "mine $status> "; end
function fish_right_prompt; echo right; end`,
      },
    },
  );

  story("marks a prompt that is chosen later", async (shell) => {
    await shell.command("function fish_prompt; echo -n 'late> '; end");
    await goesOn(shell);
    assert.match(shell.output, /late> \x1b\]133;B/);
    await shell.command("functions -e fish_prompt");
    await goesOn(shell);
  });

  story("tells what was typed as it was, and several lines as one command", async (shell) => {
    const line = `echo 'ä;%41€' "\\$x" # \\n`;
    assert.equal((await shell.command(line)).text, line);
    const pasted = await shell.command("\x1b[200~echo one\necho two\x1b[201~");
    assert.equal(pasted.text, "echo one\necho two");
    assert.match(shell.outputOf(pasted), /one\ntwo\n$/);
    const long = await shell.command(`: ${"ü".repeat(1500)}`);
    assert.match(long.text ?? "", /^: ü{400,}$/);
  });

  story("adds nothing to output without line feed", async (shell) => {
    assert.match(shell.outputOf(await shell.command("printf 'a b'")), /\ra b$/);
  });

  story("shows what is wrong with a command that is none, which is no command", async (shell) => {
    await shell.reads();
    await shell.echoed("echo (");
    const count = shell.marks.length;
    shell.type("\x15");
    await goesOn(shell);
    assert.equal(shell.marks.length - count, 12);
  });

  story(
    "is deceived by no marks of its own prompt",
    async (shell) => {
      await goesOn(shell);
      assert.ok(shell.foreign.length >= 4);
    },
    { files: { [CONFIG]: "function fish_prompt; printf '\\e]133;A\\a> \\e]133;B\\a'; end" } },
  );
});
