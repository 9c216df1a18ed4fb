// Holds situations of shells and other programs that wait for commands.
import { is, outside, PROMPT, runs, type Situation, shows, stays, type } from "../situation.ts";

/** Between the words so that the line that is typed does not show what it prints. */
const SAY = (word: string) => `echo ${word.slice(0, 2)}""${word.slice(2)}`;

const bash = { argv: ["/bin/bash"] } as const;
const bashWithoutMarks = { ...bash, integration: "off" } as const;

/** What every shell here does: is at its prompt, runs something, and is there again. */
function shell(name: string, argv: readonly string[], more: Partial<Situation> = {}): readonly Situation[] {
  const steps = [
    shows(PROMPT),
    is("ready"),
    type("sleep 60\r"),
    runs("sleep"),
    stays("working"),
    type("\x03"),
    shows(PROMPT),
    is("ready"),
  ];
  return [
    { name: `${name} at its prompt and while it runs a command`, argv, ...more, steps },
    { name: `${name} without marks, the same`, argv, integration: "off", ...more, steps },
  ];
}

const fish = { env: { TERM: "xterm" } };

export const shells: readonly Situation[] = [
  ...shell("bash", ["/bin/bash"]),
  ...shell("zsh", ["/usr/bin/zsh"]),
  ...shell("fish", ["/usr/bin/fish"], fish),
  ...shell("dash", ["/bin/dash", "-i"]).slice(1),
  ...shell("busybox sh", ["/bin/busybox", "sh"]).slice(1),
  {
    name: "bash as login shell with a half-typed command",
    argv: ["/bin/bash", "-l"],
    prepare: "echo . ./.bashrc >.bash_profile",
    steps: [shows(PROMPT), type("ls -l"), shows("ok> ls -l"), stays("ready")],
  },
  {
    name: "bash that searches its history",
    ...bash,
    steps: [shows(PROMPT), type("\x12sle"), shows("reverse-i-search"), is("ready")],
  },
  {
    name: "bash that asks whether to show all completions",
    ...bash,
    prepare: "mkdir many; cd many; touch file{1..200}",
    steps: [shows(PROMPT), type("ls many/\t\t\t"), shows("Display all 200"), is("ready", "needs_input")],
  },
  {
    name: "bash that wants the rest of a loop",
    ...bash,
    steps: [shows(PROMPT), type("for i in 1 2\r"), shows("more> ?$"), is("ready", "needs_input")],
  },
  {
    name: "bash that wants the rest of a here document",
    ...bash,
    steps: [
      shows(PROMPT),
      type("cat <<EOF\r"),
      shows("more> ?$"),
      is("ready", "needs_input"),
      type("one\rEOF\r"),
      shows("^one$"),
      shows(PROMPT),
      is("ready"),
    ],
  },
  {
    name: "bash whose command ends with an error",
    ...bash,
    steps: [shows(PROMPT), type("false; (exit 3)\r"), type(`${SAY("after")}\r`), shows("^after"), is("ready")],
  },
  {
    name: "bash with a stopped job",
    ...bash,
    steps: [
      shows(PROMPT),
      type("sleep 60\r"),
      runs("sleep"),
      is("working"),
      type("\x1a"),
      shows("Stopped"),
      stays("ready"),
      type("fg\r"),
      runs("sleep"),
      stays("working"),
    ],
  },
  {
    name: "bash at its prompt with a background job that prints later",
    ...bash,
    prepare: "mkfifo go",
    steps: [
      shows(PROMPT),
      type("(read x <go; echo lat''er) &\r"),
      shows(PROMPT),
      is("ready"),
      outside("echo >go"),
      shows("later"),
      stays("ready"),
    ],
  },
  {
    name: "bash that waits for its children",
    ...bash,
    steps: [shows(PROMPT), type(`sleep 60 & ${SAY("begun")}; wait\r`), shows("^begun"), stays("working")],
  },
  {
    name: "bash that computes in itself",
    ...bash,
    steps: [
      shows(PROMPT),
      type(`${SAY("begun")}; while :; do :; done\r`),
      shows("^begun"),
      stays("working"),
      type("\x03"),
    ],
  },
  {
    name: "bash without marks that computes in itself",
    ...bashWithoutMarks,
    steps: [
      shows(PROMPT),
      type(`${SAY("begun")}; while :; do :; done\r`),
      shows("^begun"),
      stays("working"),
      type("\x03"),
    ],
  },
  {
    name: "bash that runs short commands in a loop",
    ...bash,
    steps: [
      shows(PROMPT),
      type("while :; do /bin/true; echo tick; done >log\r"),
      outside("until grep -q tick log; do :; done"),
      stays("working"),
    ],
  },
  {
    name: "bash whose prompt command takes long",
    ...bash,
    prepare: "mkfifo go; echo 'PROMPT_COMMAND=\"until read x <go; do :; done\"' >>.bashrc; (echo >go) &",
    steps: [
      shows(PROMPT),
      is("ready"),
      type(`${SAY("done")}\r`),
      shows("^done"),
      stays("working"),
      outside("echo >go"),
      is("ready"),
    ],
  },
  {
    name: "bash that has become zsh",
    ...bash,
    needs: ["zsh"],
    steps: [
      shows(PROMPT),
      type("clear; exec zsh\r"),
      runs("zsh"),
      shows(PROMPT),
      is("ready"),
      type("sleep 60\r"),
      runs("sleep"),
      stays("working"),
    ],
  },
  {
    name: "bash inside bash",
    ...bash,
    steps: [
      shows(PROMPT),
      type(`PS1='inner> ' bash --norc\r`),
      shows("inner> ?$"),
      is("needs_input"),
      type("sleep 60\r"),
      runs("sleep"),
      stays("working"),
      type("\x03"),
      shows("inner> ?$"),
      type("exit\r"),
      shows(PROMPT),
      is("ready"),
    ],
  },
  {
    name: "bash with echo left off",
    ...bash,
    steps: [shows(PROMPT), type("stty -echo\r"), type(`${SAY("after")}\r`), shows("after"), is("ready")],
  },
  {
    name: "dash with echo left off",
    argv: ["/bin/dash", "-i"],
    steps: [shows(PROMPT), type("stty -echo\r"), type(`${SAY("after")}\r`), shows("after"), is("ready")],
  },
  {
    name: "python at its prompt",
    argv: ["/usr/bin/python3", "-q"],
    steps: [
      shows(">>> ?$"),
      is("ready"),
      type("import time; print('be' + 'gun'); time.sleep(60)\r"),
      shows("^begun"),
      stays("working"),
      type("\x03"),
      shows("KeyboardInterrupt"),
      is("ready"),
    ],
  },
  {
    name: "node at its prompt",
    argv: ["/usr/bin/env", "node"],
    needs: ["node"],
    steps: [
      shows("^> ?$"),
      is("ready"),
      type("console.log('be' + 'gun'); while (true);\r"),
      shows("^begun"),
      stays("working"),
      type("\x03"),
    ],
  },
  {
    name: "python at its prompt inside bash",
    ...bash,
    needs: ["python3"],
    steps: [shows(PROMPT), type("/usr/bin/python3 -q\r"), shows(">>> ?$"), is("needs_input")],
  },
  {
    name: "sqlite at its prompt",
    argv: ["/usr/bin/sqlite3"],
    steps: [
      shows("sqlite> ?$"),
      is("ready", "needs_input"),
      type("select 1\r"),
      shows("\\.\\.\\.>"),
      is("ready", "needs_input"),
    ],
  },
  {
    name: "gdb at its prompt",
    argv: ["/usr/bin/gdb", "-q", "-nx", "/bin/sleep"],
    steps: [
      shows("\\(gdb\\) ?$"),
      is("ready", "needs_input"),
      type("shell sleep 60\r"),
      runs("sleep"),
      stays("working"),
    ],
  },
  {
    name: "a command in an interactive shell that ends",
    argv: ["/bin/sh", "-ic", "read x; exit $x"],
    steps: [is("needs_input"), type("3\r"), is("done")],
  },
  {
    name: "bash that is left",
    ...bash,
    steps: [shows(PROMPT), type("exit 0\r"), is("done")],
  },
];
