// Holds situations of programs that ask for a line or for single keys.
import {
  is,
  outside,
  PROMPT,
  program,
  runs,
  type Situation,
  script,
  shows,
  stays,
  turnsFrom,
  type,
} from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;

/** A line of sh that asks something, as the session's own program. */
function asks(name: string, line: string, question: string, more: Partial<Situation> = {}): Situation {
  return { name, argv: script(line), ...more, steps: [shows(question), stays("needs_input")] };
}

/** The same typed at the prompt of a shell. */
function asksFromBash(name: string, line: string, question: string, more: Partial<Situation> = {}): Situation {
  const steps = [shows(PROMPT), type(`clear; ${line}\r`), shows(question), is("needs_input")];
  return { name, ...bash, ...more, steps };
}

export const asking: readonly Situation[] = [
  {
    name: "read in a script",
    argv: ["/bin/bash", "-c", "read x; echo got $x"],
    steps: [stays("needs_input"), type("a\r"), is("done")],
  },
  asksFromBash("read at a prompt", "read -p 'name: ' x", "^name: ?$"),
  asksFromBash("read at a prompt without marks", "read -p 'name: ' x", "^name: ?$", { integration: "off" }),
  asksFromBash("read of one key at a prompt", "read -n1 -p 'go on? ' x", "^go on\\? ?$"),
  asksFromBash("read of one key at a prompt without marks", "read -n1 -p 'go on? ' x", "^go on\\? ?$", {
    integration: "off",
  }),
  asksFromBash("read with a line editor at a prompt", "read -e -p 'name: ' x", "^name: ?$"),
  asksFromBash("read with a line editor at a prompt without marks", "read -e -p 'name: ' x", "^name: ?$", {
    integration: "off",
  }),
  asksFromBash("a menu of bash's select", "select x in one two; do break; done", "^#\\? ?$"),
  asksFromBash("vared in zsh", "x=; vared -p 'name: ' x", "^name: ?$", { argv: ["/usr/bin/zsh"] }),
  asksFromBash("vared in zsh without marks", "x=; vared -p 'name: ' x", "^name: ?$", {
    argv: ["/usr/bin/zsh"],
    integration: "off",
  }),
  asksFromBash("read in fish", "read -P 'name: ' x", "^name: ?$", { argv: ["/usr/bin/fish"] }),
  asksFromBash("read in fish without marks", "read -P 'name: ' x", "^name: ?$", {
    argv: ["/usr/bin/fish"],
    integration: "off",
  }),
  asks("read with a time-out", "exec bash -c 'read -t 600 -p \"go on? \"'", "^go on\\? ?$"),
  {
    name: "a question that is given up",
    argv: ["/usr/bin/python3", program("ask-until-told.py")],
    prepare: "mkfifo go",
    steps: [
      shows("^go on\\? ?$"),
      is("needs_input"),
      outside("echo >go"),
      shows("too late"),
      turnsFrom("needs_input", stays("working")),
    ],
  },
  asks("input of python", "/usr/bin/python3 -c 'input(\"name: \")'", "^name: ?$", { needs: ["python3"] }),
  {
    name: "a thread of python that reads",
    argv: ["/usr/bin/python3", program("read-in-thread.py")],
    steps: [shows("^name: ?$"), stays("needs_input")],
  },
  {
    name: "the debugger of python",
    argv: ["/usr/bin/python3", "-m", "pdb", program("read-in-thread.py")],
    steps: [shows("\\(Pdb\\) ?$"), is("needs_input")],
  },
  {
    name: "a question of node's readline",
    argv: ["/usr/bin/env", "node", program("ask-with-readline.ts")],
    needs: ["node"],
    steps: [shows("^name: ?$"), stays("needs_input"), type("a\r"), shows("^hello a"), stays("working")],
  },
  asks("npm init", "npm init", "package name:", { needs: ["npm"] }),
  asks("cat of a terminal", "echo begun; cat", "^begun$"),
  asks("cat into a pipe", "echo begun; cat | sort", "^begun$"),
  asks("cat on a screen with nothing on it", "clear; echo begun; clear; cat", "^$"),
  asks("rm -i", "touch a; rm -i a", "rm: remove"),
  asks("cp -i", "touch a b; cp -i a b", "overwrite"),
  asks("xargs -p", "echo a | xargs -p echo", "echo a ?\\?\\.\\.\\."),
  asks("unzip that would overwrite", "unzip a.zip", "replace a\\?", {
    needs: ["unzip", "python3"],
    prepare: "touch a; /usr/bin/python3 -m zipfile -c a.zip a",
  }),
  asks("ssh-keygen that would overwrite", "touch key; ssh-keygen -q -N '' -f key", "Overwrite \\(y/n\\)", {
    needs: ["ssh-keygen"],
  }),
  asks(
    "a user name that git wants",
    "printf 'protocol=https\\nhost=example.com\\n' | git credential fill",
    "Username for",
    {
      needs: ["git"],
    },
  ),
  {
    name: "a command of bash with an interactive shell below",
    argv: ["/bin/sh", "-c", "echo begun; read x; bash -c 'sleep 60'"],
    steps: [shows("begun"), is("needs_input"), type("\r"), runs("sleep"), stays("working")],
  },
  {
    name: "a question whose text comes in two halves",
    argv: script("printf 'Really de'; read x <go; printf 'lete? '; read x"),
    prepare: "mkfifo go",
    steps: [shows("Really de$"), stays("working"), outside("echo >go"), shows("delete\\?"), stays("needs_input")],
  },
  {
    name: "a program that reads after a long silence",
    argv: script("printf 'thinking... '; read x <go; read x"),
    prepare: "mkfifo go",
    steps: [shows("thinking"), stays("working"), outside("echo >go"), is("needs_input")],
  },
  {
    name: "a program that asks time and again",
    argv: script("while :; do printf 'again? '; read x; done"),
    steps: [
      shows("again\\?"),
      is("needs_input"),
      type("y\r"),
      shows("again\\?"),
      is("needs_input"),
      type("y\ry\r"),
      stays("needs_input"),
    ],
  },
  asks(
    "echo that is off while keys are read",
    "stty -icanon -echo; printf 'press a key'; dd bs=1 count=1 2>/dev/null",
    "press a key",
  ),
];
