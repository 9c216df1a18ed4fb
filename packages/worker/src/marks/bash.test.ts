// What bash in particular must leave as it is: the user's files, hooks, traps, options and prompts.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { endShells, KEYS, type ShellOptions, ShellRun, wholeCommands, withShell } from "./shell-harness.ts";

after(endShells);

const CYCLE = "command end prompt input";

function story(
  says: string,
  tell: (shell: ShellRun) => Promise<void>,
  options: ShellOptions & { argv?: string[] } = {},
) {
  test(says, () => withShell(options.argv ?? ["bash"], options, tell));
}

// Line editing may have been told on before the end mark, where that is in the prompt.
const goesOn = wholeCommands({ cycle: CYCLE, printed: /^out42\n(\x1b\[\?2004h)?$/ });

const rc = (text: string) => ({ files: { ".bashrc": `PS1='> '\n${text}\n` } });

describe("the user's files", () => {
  story(
    "are read once, and none that bash would not read",
    async (shell) => {
      assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "bashrc\n");
      await goesOn(shell);
    },
    { files: { ".bashrc": "echo bashrc >>~/read", ".profile": "echo profile >>~/read", ".bash_profile": "echo bad" } },
  );

  story(
    "of a login shell are read as bash reads them, and it stays one",
    async (shell) => {
      assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "profile bash\nbashrc\n");
      const ended = await shell.command(
        `shopt login_shell inherit_errexit; shopt -o posix; echo \${ENV-none} \${POSIXLY_CORRECT-none} ~+`,
      );
      const facts = shell.outputOf(ended).replaceAll(/\s+/g, " ");
      assert.equal(facts, `login_shell on inherit_errexit off posix off none none ${shell.home} `);
      await goesOn(shell);
      shell.type(`exit${KEYS.enter}`);
      await shell.exit();
      assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "profile bash\nbashrc\nlogout\n");
    },
    {
      argv: ["bash", "-l"],
      files: {
        ".bash_profile": `echo profile \${0##*/} >>~/read; . ~/.bashrc`,
        ".profile": "echo bad >>~/read",
        ".bashrc": "echo bashrc >>~/read",
        ".bash_logout": "echo logout >>~/read",
      },
    },
  );

  for (const argv of [["bash"], ["bash", "-l"]]) {
    story(
      `leave the history where it is (${argv.join(" ")})`,
      async (shell) => {
        assert.equal(shell.outputOf(await shell.command("echo $HISTFILE")), `${shell.home}/.bash_history\n`);
        assert.equal(
          shell.outputOf(await shell.command("history | sed 's/^ *[0-9]* *//'")).split("\n")[0],
          "echo $HISTFILE",
        );
      },
      { argv },
    );
  }

  story("may be slow, and define names that ours use", (shell) => goesOn(shell), {
    files: {
      ".bashrc": `shopt -s expand_aliases; alias local=false printf=false builtin=false unset=false set=false shopt=false
printf() { echo mine; }
for ((i = 0; i < 200000; i++)); do :; done; sleep 0.3`,
    },
  });

  story("may do without a prompt, or end in failure", (shell) => goesOn(shell), {
    files: { ".bashrc": "unset PS1; false" },
  });
});

describe("hooks", () => {
  const hook = 'user_hook() { seen="$? $_ $1"; echo "$seen" >>~/seen; }';
  const arrangements = {
    "a text": "PROMPT_COMMAND='user_hook a;'",
    "a text with a comment": "PROMPT_COMMAND=$'user_hook a # last'",
    "an array": "PROMPT_COMMAND=('user_hook a' 'user_hook b')",
  };
  for (const [name, arrangement] of Object.entries(arrangements)) {
    story(
      `that are ${name} run as before, and see the command's status and last word`,
      async (shell) => {
        const first = shell.home;
        await shell.command("(exit 7) # last");
        await shell.command("true last word");
        const lines = readFileSync(join(first, "seen"), "utf8").trim().split("\n");
        const times = name === "an array" ? 2 : 1;
        assert.equal(lines.length, 3 * times);
        assert.match(lines[times] as string, /^7 /);
        assert.equal(lines[2 * times], "0 word a");
        await goesOn(shell);
      },
      rc(`${hook}; ${arrangement}`),
    );
  }

  story(
    "may set the prompt anew each time, also in ways that keep what was there",
    async (shell) => {
      await goesOn(shell);
      assert.match(shell.output, /new 3> \x1b\]133;B/);
      assert.equal(shell.outputOf(await shell.command(`echo \${#PS2}`)).length > 0, true);
    },
    rc("n=0; PROMPT_COMMAND='PS1=\"new $((++n))> \"'"),
  );

  story("that are added later are run, and ours are first and last again", async (shell) => {
    await shell.command("PROMPT_COMMAND+=('PS1=\"late> \"')");
    await goesOn(shell);
    await shell.command("PROMPT_COMMAND='PS1=\"other> \"'");
    await goesOn(shell);
    assert.match(shell.output, /late> /);
    await shell.command('PROMPT_COMMAND="$PROMPT_COMMAND; :"');
    await goesOn(shell);
  });

  story(
    "survive that the user's file is read again",
    async (shell) => {
      await shell.command(". ~/.bashrc");
      await goesOn(shell);
      assert.equal(readFileSync(join(shell.home, "seen"), "utf8").length, 5);
    },
    rc("PROMPT_COMMAND='printf . >>~/seen'"),
  );

  story("are called in the middle of a command: that is no end", async (shell) => {
    shell.agrees = false;
    const { commands } = shell.tracked;
    const hooks = `eval "\${PROMPT_COMMAND[0]}"; eval "\${PROMPT_COMMAND[1]}"; echo "\${PS1@P}"`;
    shell.type(`${hooks}; sh -c "exit 9"${KEYS.enter}`);
    await shell.until(
      "the last end",
      () => shell.marks.some(({ exitCode }) => exitCode === 9) && commands.awaitsAgreement,
    );
    assert.ok(shell.marks.filter(({ kind }) => kind === "end").length >= 3);
    commands.agree();
    assert.equal(commands.last?.exit_code, 9);
    assert.equal(commands.endedAfter(0).length, 1);
  });

  story(
    "are exported: children have them as they are, and the prompt says all",
    async (shell) => {
      const ended = await shell.command("env | grep -a -A1 ^PROMPT_COMMAND");
      assert.match(shell.outputOf(ended), /^PROMPT_COMMAND=printf \.>>~\/seen\n(?!.*fleetty)/);
      await goesOn(shell);
      assert.equal(shell.tracked.commands.cwd, shell.home);
    },
    rc("export PROMPT_COMMAND='printf .>>~/seen'"),
  );

  story(
    "may be a PS0, which is shown before the command's output",
    async (shell) => {
      const ended = await shell.command("echo x");
      assert.equal(shell.outputOf(ended), "x\n");
      assert.match(shell.output, /user's ps0/);
    },
    rc(`PS0="user's ps0"`),
  );

  story(
    "may be a DEBUG trap, which runs for the user's commands and not between hooks and prompt",
    async (shell) => {
      await shell.command("first=1");
      await shell.command("second=2");
      const seen = readFileSync(join(shell.home, "seen"), "utf8").split("\n");
      assert.ok(seen.includes("first=1") && seen.includes("second=2"));
      const hookAt = seen.indexOf("user_hook");
      assert.equal(seen[hookAt + 1], "first=1");
      await goesOn(shell);
    },
    rc("user_hook() { :; }; PROMPT_COMMAND=user_hook; trap 'echo \"$BASH_COMMAND\" >>~/seen' DEBUG"),
  );

  story(
    "may be bash-preexec, which takes what comes after its own hook for a command",
    async (shell) => {
      await shell.command("true");
      await shell.prompted(KEYS.enter);
      await shell.command("(exit 3)");
      await shell.command("echo hi");
      assert.equal(readFileSync(join(shell.home, "seen"), "utf8"), "true\necho hi\n");
    },
    // What it does, in short: a trap from the first prompt on, that knows the lines of PROMPT_COMMAND.
    rc(`bash_preexec_imported=defined
begins() {
  local line
  [[ $ready ]] || return 0
  while read -r line; do [[ $line != "$BASH_COMMAND" ]] || { ready=; return 0; }; done <<<"$PROMPT_COMMAND"
  ready=; echo "$BASH_COMMAND" >>~/seen
}
install() { trap begins DEBUG; PROMPT_COMMAND=\${PROMPT_COMMAND/install/is_ready}; ready=1; }
is_ready() { ready=1; }
PROMPT_COMMAND=install`),
  );

  story("may be a DEBUG trap that is set later", async (shell) => {
    await shell.command("trap 'true' DEBUG");
    await goesOn(shell);
    await shell.command("set -T; shopt -s extdebug");
    await goesOn(shell);
  });
});

describe("options", () => {
  story("set -eu ends the shell for the user's failures only", async (shell) => {
    await shell.command("set -eu");
    await goesOn(shell, [0, 0]);
    assert.equal((await shell.command("! true")).exit_code, 1);
    await goesOn(shell, [0]);
  });

  for (const option of [
    "set -x",
    "set -f",
    "set -C",
    "set -o posix",
    "set -o noglob; shopt -s nocasematch failglob",
    "IFS=0123456789abcdef; unset IFS; IFS=:x",
  ]) {
    story(`go on: ${option}`, async (shell) => {
      await shell.command(option);
      const ended = await shell.command("echo x; (exit 3)");
      assert.equal(ended.exit_code, 3);
      assert.match(shell.outputOf(ended), /x\n/);
      assert.doesNotMatch(shell.output, /__fleetty/);
      assert.equal(shell.kinds.split(" ").slice(-4).join(" "), CYCLE);
    });
  }

  story("set -a exports nothing of ours", async (shell) => {
    await shell.command("set -a");
    await shell.command("cd /");
    assert.doesNotMatch(shell.outputOf(await shell.command("env")), /fleetty=|__fleetty_/);
  });

  story("without promptvars no names of ours are shown", async (shell) => {
    await shell.command("shopt -u promptvars");
    await goesOn(shell);
    await shell.command("shopt -s promptvars");
    assert.doesNotMatch(shell.output, /__fleetty/);
    await goesOn(shell);
  });
});

describe("prompts", () => {
  story(
    "that are exported take nothing along",
    async (shell) => {
      await shell.command("export PS1 PS2");
      await shell.command("true");
      assert.equal(shell.outputOf(await shell.command("env | grep ^PS1")), "PS1=> \n");
      await goesOn(shell);
    },
    rc(""),
  );

  story("hold no nonce", async (shell) => {
    const ended = await shell.command(`echo "$PS0$PS1$PS2\${PROMPT_COMMAND[*]}"`);
    assert.ok(!shell.outputOf(ended).includes(shell.nonces.marks));
  });

  story(
    "of several lines, and with a command in them, are whole before their mark",
    async (shell) => {
      await goesOn(shell);
      assert.match(shell.output, /one\r+\ntwo 42 \x1b\]133;B/);
    },
    rc("PS1='one\\ntwo $((6*7)) '"),
  );

  story(
    "that show marks of their own change nothing",
    async (shell) => {
      await goesOn(shell);
      assert.ok(shell.foreign.length >= 8);
    },
    rc("PS1='\\[\\e]133;A\\a\\]> \\[\\e]133;B\\a\\]'"),
  );
});

describe("what is typed", () => {
  story("as a paste of several lines is one command", async (shell) => {
    await shell.reads();
    const ended = await shell.command("\x1b[200~echo one\recho two\x1b[201~");
    assert.match(shell.outputOf(ended), /one\n(.|\n)*two\n/);
    assert.equal(shell.tracked.commands.endedAfter(0).length, 1);
    await goesOn(shell);
  });

  story("as a here-document is one command", async (shell) => {
    const ended = await shell.command("cat <<END\rone\r$HOME\rEND");
    assert.equal(shell.outputOf(ended), `one\n${shell.home}\n`);
    await goesOn(shell);
  });

  story("as several commands ahead ends with the last", async (shell) => {
    shell.type("sleep 0.2; echo a\rsh -c 'exit 4'\r");
    await shell.until("the last code", () => shell.tracked.commands.last?.exit_code === 4);
  });
});

test("a bash before 5.1 has one text for all hooks", async () => {
  const edit = (text: string) => text.replace(">= 501", ">= 99999");
  const files = { ".bashrc": "user_hook() { echo \"$? $_\" >>~/seen; }; PROMPT_COMMAND='user_hook;'" };
  const shell = await ShellRun.start(["bash"], { edit, files });
  await shell.prompts(1);
  await shell.command("sh -c 'exit 5'");
  await shell.command("true last");
  assert.deepEqual(readFileSync(join(shell.home, "seen"), "utf8").trim().split("\n").slice(1), ["5 exit 5", "0 last"]);
  assert.equal(shell.outputOf(await shell.command(`echo \${#PROMPT_COMMAND[@]}`)), "1\n");
  await goesOn(shell);
  await shell.end();
});

test("a bash called sh is in POSIX mode, and told as bash", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fleetty-sh-"));
  symlinkSync("/bin/bash", join(folder, "sh"));
  const files = { "own env": "PS1='mine> '" };
  const shell = await ShellRun.start([join(folder, "sh")], { files, env: { ENV: "$HOME/own env" } });
  await shell.prompts(1);
  await goesOn(shell);
  assert.equal(
    shell.outputOf(await shell.command("shopt -o posix; echo $ENV")),
    "posix          \ton\n$HOME/own env\n",
  );
  assert.match(shell.output, /mine> /);
  await shell.end();
  rmSync(folder, { recursive: true });
});
