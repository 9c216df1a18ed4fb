// What zsh in particular must leave as it is: the user's files, hooks, options and prompts.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
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

const CYCLE = "command end prompt input";

function story(
  says: string,
  tell: (shell: ShellRun) => Promise<void>,
  options: ShellOptions & { argv?: string[] } = {},
) {
  test(says, () =>
    withShell(options.argv ?? ["zsh"], options, async (shell) => {
      await tell(shell);
      assert.doesNotMatch(shell.output, /__fleetty/);
    }),
  );
}

const goesOn = wholeCommands({ cycle: CYCLE, hasText: true });

const rc = (text: string) => ({ files: { ".zshrc": `PS1='> '\n${text}\n` } });

describe("zsh", { skip: isInstalled("zsh") ? false : "zsh is not installed" }, () => {
  describe("the user's files", () => {
    const say = (name: string) => `echo ${name} \${ZDOTDIR-unset} >>~/read`;
    const files = {
      ".zshenv": say("env"),
      ".zprofile": say("profile"),
      ".zshrc": say("rc"),
      ".zlogin": say("login"),
      ".zlogout": say("out"),
    };
    const read = (shell: ShellRun) => readFileSync(join(shell.home, "read"), "utf8").replaceAll("\n", ", ");

    story(
      "are read once, in their order",
      async (shell) => {
        assert.equal(read(shell), "env unset, rc unset, ");
        assert.equal(shell.outputOf(await shell.command(`echo \${ZDOTDIR-unset}`)), "unset\n");
        await goesOn(shell);
      },
      { files },
    );

    story(
      "of a login shell too, to its end",
      async (shell) => {
        await goesOn(shell);
        shell.type(`exit${KEYS.enter}`);
        await shell.exit();
        assert.equal(read(shell), "env unset, profile unset, rc unset, login unset, out unset, ");
      },
      { files, argv: ["zsh", "-l"] },
    );

    test("are found where ZDOTDIR says, also when it is empty", async () => {
      for (const folder of ["/tmp/fleetty no such it's", ""]) {
        const shell = await ShellRun.start(["zsh"], { env: { ZDOTDIR: folder } });
        await shell.prompts(1);
        assert.equal(
          shell.outputOf(await shell.command('echo "=$ZDOTDIR="; env | grep -c "^ZDOTDIR="')),
          `=${folder}=\n1\n`,
        );
        await shell.end();
      }
    });

    story(
      "may choose another ZDOTDIR",
      async (shell) => {
        assert.equal(readFileSync(join(shell.home, "read"), "utf8"), "moved\n");
        await goesOn(shell);
      },
      { files: { ".zshenv": "export ZDOTDIR=~/moved", "moved/.zshrc": "echo moved >>~/read" } },
    );

    story(
      "leave history and cache where they are",
      async (shell) => {
        await shell.command(`autoload -U compinit; compinit`);
        assert.deepEqual(readdirSync(join(shell.home, "state/integration")), [".zshenv"]);
        assert.ok(shell.has(".zcompdump"));
        assert.equal(shell.outputOf(await shell.command("print -r -- $HISTFILE")), `${shell.home}/.history\n`);
      },
      { files: { ".zshrc": `HISTFILE=\${ZDOTDIR:-$HOME}/.history` } },
    );

    story("may be slow, and define names that ours use", (shell) => goesOn(shell), {
      files: {
        ".zshenv": "alias -g emulate=false print=false builtin=false; alias local=false typeset=false",
        ".zshrc": "print() { echo mine; }; for ((i = 0; i < 200000; i++)) { : }; sleep 0.3; false",
      },
    });
  });

  describe("hooks", () => {
    story(
      "run as before, and see status, last word and command",
      async (shell) => {
        await shell.command("(exit 7)");
        await shell.command("true last word");
        const seen = readFileSync(join(shell.home, "seen"), "utf8").split("\n");
        assert.deepEqual(seen.slice(0, 10), [
          ...["precmd 0", "first 0", "preexec (exit 7)", "exec (exit 7)", "precmd 7", "first 7"],
          ...["preexec true last word", "exec true last word", "precmd 0", "first 0"],
        ]);
        await goesOn(shell);
      },
      rc(`for hook in precmd preexec; $hook() { echo "$0 \${1-$?}" >>~/seen }
first() { echo "first $?" >>~/seen }; execs() { echo "exec $1" >>~/seen }
precmd_functions=(first); preexec_functions+=(execs)`),
    );

    story(
      "may set the prompt anew each time",
      async (shell) => {
        await goesOn(shell);
        assert.match(shell.output, /new 4> \x1b\]133;B/);
      },
      rc('n=0; set_prompt() { PS1="new $((++n))> " }; precmd_functions+=(set_prompt)'),
    );

    story("that are added later are run, and ours are first and last again", async (shell) => {
      await shell.command("late() { PROMPT='late> ' }; precmd_functions+=(late)");
      await goesOn(shell);
      assert.match(shell.output, /late> \x1b\]133;B/);
      await shell.command(
        "preexec_functions=(); add-zsh-hook precmd late 2>/dev/null || precmd_functions=(late $precmd_functions)",
      );
      await shell.command("true");
      await goesOn(shell);
    });

    story("may be all replaced: ours come back with the next command", async (shell) => {
      shell.type(`precmd_functions=()${KEYS.enter}`);
      await shell.until("it has begun", () => shell.kinds.endsWith("command"));
      await shell.reads();
      await shell.command("true");
      await goesOn(shell);
    });

    story(
      "may change what is shown of a line once it is entered",
      async (shell) => {
        await goesOn(shell);
      },
      rc("finish() { PS1='short> '; zle reset-prompt; PS1='> ' }; zle -N zle-line-finish finish"),
    );

    story(
      "may show the prompt again and again",
      async (shell) => {
        await shell.reads();
        const shown = shell.foreign.length;
        shell.type("\x18\x18");
        await shell.until("it is shown again", () => shell.foreign.length > shown);
        await goesOn(shell);
      },
      rc("again() { zle reset-prompt }; zle -N again; bindkey '^X^X' again"),
    );
  });

  describe("options", () => {
    const options = [
      "setopt ksh_arrays",
      "setopt no_unset",
      "setopt sh_word_split",
      "setopt prompt_subst",
      "setopt xtrace",
      "setopt all_export",
    ];
    const more = [
      "setopt no_clobber glob_subst warn_create_global",
      "setopt no_prompt_percent; PS1='$ '",
      "setopt no_prompt_sp",
      "setopt no_multibyte",
      "setopt extended_glob null_glob ksh_glob",
      "setopt no_rcs aliases; alias -g emulate=x",
      "setopt interactive_comments rc_quotes csh_null_glob",
      "emulate ksh",
      "emulate sh",
    ];
    for (const option of [...options, ...more]) {
      story(`go on: ${option}`, async (shell) => {
        await shell.command(option);
        const ended = await shell.command("echo x; (exit 3)");
        assert.equal(ended.exit_code, 3);
        assert.match(shell.outputOf(ended), /x\n/);
        assert.equal(shell.kinds.split(" ").slice(-4).join(" "), CYCLE);
        assert.doesNotMatch(shell.outputOf(await shell.command("env")), /fleetty=|__fleetty/);
      });
    }

    story("set -e ends the shell for the user's failures only", async (shell) => {
      await shell.command("set -e");
      assert.equal((await shell.command("! true")).exit_code, 1);
      await goesOn(shell, [0, 0]);
    });
  });

  describe("prompts", () => {
    story(
      "are the user's own while a command runs, and take nothing along",
      async (shell) => {
        const ended = await shell.command("export PS1 PS2; env | grep '^PS'");
        assert.equal(shell.outputOf(ended), "PS1=> \nPS2=more> \n");
        assert.equal(
          shell.outputOf(await shell.command("env | grep '^PS'; print -r -- $PROMPT")),
          "PS1=> \nPS2=more> \n> \n",
        );
        await goesOn(shell);
      },
      rc("PS2='more> '"),
    );

    story(
      "on the right side stay",
      async (shell) => {
        await goesOn(shell);
        assert.match(shell.output, /\x1b\]133;B[^\x07]*\x07.*right/);
      },
      rc("RPROMPT=right"),
    );

    story(
      "that show marks of their own change nothing",
      async (shell) => {
        await goesOn(shell);
        assert.ok(shell.foreign.length >= 8);
      },
      rc("PS1=$'%{\\e]133;A\\a%}> %{\\e]133;B\\a%}'"),
    );
  });

  describe("what is typed", () => {
    story("is told as it was typed", async (shell) => {
      const line = `echo 'ä;%41\t€' "\\$(x)" # \\n`;
      const ended = await shell.command(line.replace("\t", "\x16\t"));
      assert.equal(ended.text, line);
      const long = await shell.command(`: ${"ü".repeat(1500)}`);
      assert.match(long.text ?? "", /^: ü{400,}$/);
      assert.equal(long.exit_code, 0);
    });

    story("as a paste of several lines is one command", async (shell) => {
      await shell.reads();
      const ended = await shell.command("\x1b[200~echo one\necho two\x1b[201~");
      assert.deepEqual([ended.text, shell.outputOf(ended)], ["echo one\necho two", "one\ntwo\n"]);
      await goesOn(shell);
    });

    story("as a here-document is one command, with a mark at each line", async (shell) => {
      const ended = await shell.command("cat <<END\rone\r$HOME\rEND");
      assert.equal(shell.outputOf(ended), `one\n${shell.home}\n`);
      await goesOn(shell);
    });
  });

  story("whatever marks a line without its end, it is no output", async (shell) => {
    for (const mark of ["", "%B$%b", "%F{red}<none>%f", "⏎"]) {
      await shell.command(`PROMPT_EOL_MARK='${mark}'`);
      assert.equal(shell.outputOf(await shell.command("printf 'a b'")), "a b");
      assert.equal(shell.outputOf(await shell.command("echo 'a b'")), "a b\n");
    }
  });
});
