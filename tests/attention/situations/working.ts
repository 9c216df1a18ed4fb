// Holds situations of programs that work and want nothing, whatever they print and however long they are silent.
import { is, outside, PROMPT, program, runs, type Situation, script, shows, stays, type } from "../situation.ts";

const bash = { argv: ["/bin/bash"] } as const;

/** A line of sh that works. */
function works(name: string, line: string, shown: string, more: Partial<Situation> = {}): Situation {
  return { name, argv: script(line), ...more, steps: [shows(shown), stays("working")] };
}

export const working: readonly Situation[] = [
  works("a silent build", "echo building; sleep 60", "building"),
  works(
    "a progress bar",
    "i=0; while :; do i=$((i+1)); printf '\\r[%3d/999] downloading: ' $i; sleep 0.05; done",
    "downloading",
  ),
  works(
    "a spinner",
    "while :; do for c in '|' / - '\\'; do printf '\\r%s installing ' \"$c\"; sleep 0.1; done; done",
    "installing",
  ),
  {
    name: "a spinner of node",
    argv: ["/usr/bin/env", "node", program("spin.ts")],
    needs: ["node"],
    steps: [shows("fetching"), stays("working")],
  },
  works("bursts with long silences", "while :; do seq 20; echo 'resting...'; sleep 0.8; done", "resting"),
  works("a busy loop", "echo begun; while :; do :; done", "begun"),
  works("a flood", "yes", "^y$"),
  works("a line without its end", "printf 'Loading'; sleep 60", "Loading"),
  works("what looks like a prompt", "printf 'user@host:~$ '; sleep 60", "host"),
  works("what looks like a question", "printf 'Continue? [y/N] '; sleep 60", "Continue"),
  works("a screen with nothing on it", "echo begun; clear; sleep 60", "^$"),
  works("tail -f", "echo begun >log; tail -f log", "begun"),
  works("a pipeline that waits for its first program", "echo begun; sleep 60 | cat", "begun"),
  works("less on a pipe that is slow", "(echo first; sleep 60) | less", "first", { needs: ["less"] }),
  works("make with parallel silence", "make -j2", "building a", {
    needs: ["make"],
    prepare: "printf 'all: a b\\na b:\\n\\t@echo building $@; sleep 60\\n' >Makefile",
  }),
  works("a program that waits for a socket", `exec /usr/bin/python3 ${program("wait-for-socket.py")}`, "listening", {
    needs: ["python3"],
  }),
  works("a program that waits for its child", "sleep 60 & echo begun; wait", "begun"),
  works("a program that waits in a thread", `exec /usr/bin/python3 ${program("compute-in-thread.py")}`, "begun", {
    needs: ["python3"],
  }),
  works("node that waits for a timer", "exec node -e 'console.log(\"begun\"); setTimeout(() => {}, 60000)'", "begun", {
    needs: ["node"],
  }),
  works(
    "curl that shows its progress",
    "socat UNIX-LISTEN:web SYSTEM:'cat answer; sleep 60' & until [ -S web ]; do :; done; curl -o out --unix-socket web http://x/",
    "Total",
    {
      needs: ["socat", "curl"],
      prepare: "printf 'HTTP/1.1 200 OK\\r\\ncontent-length: 999999\\r\\n\\r\\nabc' >answer",
    },
  ),
  {
    name: "watch",
    argv: ["/usr/bin/watch", "-n", "60", "echo ticking"],
    // Newer ones read keys.
    steps: [shows("ticking"), stays("working", "needs_input")],
  },
  {
    name: "a program that ignores what is typed",
    argv: script("echo begun; sleep 60"),
    steps: [shows("begun"), type("hello\rhello\r"), shows("hello"), stays("working")],
  },
  {
    name: "a command that is typed ahead",
    ...bash,
    steps: [shows(PROMPT), type("sleep 60\recho after\r"), runs("sleep"), stays("working")],
  },
  {
    name: "a pipeline in bash",
    ...bash,
    steps: [shows(PROMPT), type("sleep 60 | cat | cat\r"), runs("cat"), stays("working")],
  },
  {
    name: "yes that answers every question",
    ...bash,
    prepare: "mkdir many; touch many/{1..50}",
    steps: [shows(PROMPT), type("yes | rm -i many/*; sleep 60\r"), runs("sleep"), stays("working")],
  },
  {
    name: "a stream of short commands",
    argv: script("for i in 1 2 3; do until read x <go; do :; done; echo step $i; done; exit 3"),
    prepare: "mkfifo go",
    steps: [
      is("working"),
      outside("echo >go"),
      shows("step 1"),
      stays("working"),
      outside("echo >go"),
      shows("step 2"),
      outside("echo >go"),
      is("done"),
    ],
  },
  { name: "a program that ends well", argv: script("echo begun"), steps: [is("done")] },
  { name: "a program that is killed", argv: script("kill -9 $$"), steps: [is("done")] },
];
