// What is seen of real programs on real terminals, and what that is judged to be: readers of every kind, and everything
// that is none. Each waits for the state that it names.
import assert from "node:assert/strict";
import { mkdtempDisposableSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { installed } from "../../../../tests/harness/programs.ts";
import { eventually, Run } from "../pty/pty-harness.ts";
import { shown, Watched } from "./evidence-harness.ts";

afterEach(() => Run.endAll());

const python = (code: string) => ["python3", "-c", code] as const;

/** Command, and what it comes to without marks. */
const PROGRAMS: readonly (readonly [argv: readonly [string, ...string[]], wanted: string])[] = [
  [["sh", "-c", "read answer"], "needs_input strong K3 line"],
  [["bash", "-c", "read -t 60 answer"], "needs_input strong K3 line"],
  [["sh", "-c", "cat; :"], "needs_input strong K3 line"],
  [["sh", "-c", "cat | sleep 100"], "needs_input strong K3 line"],
  [["sh", "-c", "cat < /dev/tty > /dev/null"], "needs_input strong K3 line"],
  [python("input('Name? ')"), "needs_input strong K3 line"],
  [python("import select, sys; select.select([sys.stdin], [], [])"), "needs_input strong K3 line"],
  [
    python("import select, sys; p = select.epoll(); p.register(0, 1); print(end='? ', flush=True); p.poll()"),
    "needs_input strong K3 line",
  ],
  [
    python("import threading; threading.Thread(target=input).start(); threading.Event().wait()"),
    "needs_input strong K3 line",
  ],
  [["bash", "-c", "while ! read -t 0.3 answer; do :; done"], "needs_input heuristic K3 event_loop"],
  [["node", "-e", "process.stdin.on('data', () => {})"], "needs_input heuristic K3 event_loop"],
  [["node", "-e", "process.stdout.write('Name? '); process.stdin.on('data', () => {})"], "needs_input strong K3 line"],
  [["setsid", "-w", "sh", "-c", "read answer; :"], "needs_input strong K3 line"],

  [["bash", "-c", "read -s password"], "needs_secret strong K1"],
  [["sh", "-c", "stty -echo; read password < /dev/tty"], "needs_secret strong K1"],
  [python("import getpass; getpass.getpass()"), "needs_secret strong K1"],
  [["bash", "-c", "stty -echo; while ! read -t 0.3 answer; do :; done"], "needs_secret heuristic K1"],
  [["sh", "-c", "stty -echo -icanon; printf 'Password: '; cat"], "needs_secret heuristic P0"],

  [["bash", "--norc", "-i"], "ready heuristic K4"],
  [["zsh", "-f", "-i"], "ready heuristic K4"],
  [["fish", "--no-config", "-i"], "ready heuristic K4"],
  [["dash", "-i"], "ready heuristic K4"],
  [["python3"], "ready strong K4"],
  [["node"], "ready strong K4"],
  [["sqlite3"], "ready strong K4"],
  [["gdb", "-q"], "ready strong K4"],

  [["vim", "-u", "NONE"], "needs_input strong K6 keys"],
  [["less", "/etc/services"], "needs_input strong K6 keys"],
  [["nano"], "needs_input strong K6 keys"],
  [["top"], "needs_input strong K6 keys"],
  [
    ["node", "-e", "process.stdin.setRawMode(true).resume(); setInterval(() => {}, 100)"],
    "needs_input heuristic K6 event_loop",
  ],

  [["script", "-qc", "cat", "/dev/null"], "needs_input strong K3 line"],
  [["script", "-qc", "stty -echo; cat", "/dev/null"], "needs_secret strong K1"],
  [["script", "-qc", "script -qc cat /dev/null", "/dev/null"], "needs_input strong K3 line"],
  [["script", "-qc", "vim -u NONE", "/dev/null"], "needs_input strong K6 keys"],
  [["script", "-q", "/dev/null"], "ready heuristic K4"],
  [["vim", "-u", "NONE", "-c", "terminal"], "needs_input strong K6 keys"],
  [["expect", "-c", "spawn cat; interact"], "needs_input strong K3 line"],
  [["socat", "-,raw,echo=0", "EXEC:cat,pty,setsid,ctty"], "needs_input strong K3 line"],
];

describe("a program", () => {
  for (const [argv, wanted] of PROGRAMS) {
    const { path, skip } = installed(argv[0]);
    it(`${argv.join(" ")}: ${wanted}`, { skip }, async () => {
      const watched = await Watched.start([path, ...argv.slice(1)]);
      await watched.comesTo(wanted);
      if (argv[0] === "script" && argv[2]?.startsWith("script")) assert.equal(depthOf(watched), 2);
    });
  }
});

/** Command, and the program of it that waits for something else, as the innermost terminal shows it. */
const BUSY: readonly (readonly [argv: readonly [string, ...string[]], waits: string])[] = [
  [["sleep", "1000"], "sleep: sleep"],
  [["sh", "-c", "while :; do :; done"], "dash: running"],
  [["sh", "-c", "stty -echo; printf 'Password: '; while :; do :; done"], "dash: running"],
  [["sh", "-c", "sleep 1000 | cat"], "cat: pipe"],
  [["sh", "-c", "sleep 1000 | less"], "less: pipe"],
  [["sh", "-c", "stty raw; sleep 1000; :"], "sleep: sleep"],
  [["tail", "-f", "/etc/hostname"], "tail: other"],
  [["watch", "date"], "watch: sleep"],
  [["sh", "-c", "kill -STOP $$"], "dash: stopped"],
  [["bash", "-c", "sleep 1000 & wait"], "bash: child"],
  [["bash", "-c", "cat < <(sleep 1000)"], "cat: pipe"],
  [python("import signal; signal.pause()"), "python: signal"],
  [python("import socket; pair = socket.socketpair(); pair[0].recv(1)"), "python: socket"],
  [python("import select, os; select.select([os.pipe()[0]], [], [])"), "python: pipe"],
  [python("import select; p = select.poll(); p.register(0, select.POLLPRI); p.poll()"), "python: other"],
  [python("import select; p = select.epoll(); p.register(0, select.EPOLLERR); p.poll()"), "python: other"],
  [python("import threading; threading.Event().wait()"), "python: lock"],
  [["node", "-e", "setInterval(() => {}, 1000)"], "node: pipe"],
  [["expect", "-c", "spawn cat; expect never"], "expect: inner_terminal"],
  [["script", "-qc", "sleep 1000", "/dev/null"], "sleep: sleep"],
  [python("import pty; pty.spawn(['sleep', '1000'])"), "sleep: sleep"],
];

describe("a program that asks nothing", () => {
  for (const [argv, waits] of BUSY) {
    const { path, skip } = installed(argv[0]);
    it(`${argv.join(" ")}: ${waits}`, { skip }, async () => {
      const watched = await Watched.start([path, ...argv.slice(1)]);
      await eventually(waits, () => watched.waits().includes(waits));
      assert.equal(shown(watched.verdict()), "working strong K8");
      await eventually(`still ${waits}`, () => watched.waits().includes(waits));
    });
  }
});

function depthOf(watched: Watched): number {
  let depth = 0;
  for (let at = watched.look(); at.inner && at.inner !== "lost"; at = at.inner) depth += 1;
  return depth;
}

describe("a shell's own program", () => {
  const bash = ["bash", "--norc", "--noprofile", "-i"];

  it("is not the shell: what it starts asks for itself", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready strong K4", { marks: "prompt" });
    await watched.type("cat\n");
    await watched.comesTo("needs_input strong K3 line", { marks: "command" });
    await watched.type("\x04");
    await watched.comesTo("ready strong K4", { marks: "prompt" });
  });

  it("asks for keys while a command of the shell itself does", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready heuristic K4");
    await watched.type("read -e answer\n");
    await watched.comesTo("needs_input strong K4 keys", { marks: "command" });
  });

  it("that is stopped, or is in the background and prints, leaves the shell at its prompt", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready heuristic K4");
    await watched.type("cat\n");
    await watched.comesTo("needs_input strong K3 line");
    await watched.type("\x1a");
    await watched.comesTo("ready heuristic K4");
    await watched.type("(while sleep 0.01 && echo tick; do :; done) &\n");
    await watched.run.prints(/tick\s+tick/);
    await eventually("the shell is at its prompt", () => watched.verdict().attention === "ready");
  });

  it("is found behind a pipeline whose first program has ended", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready heuristic K4");
    await watched.type("true | (sleep 0; exec sh -c 'read answer < /dev/tty; :')\n");
    await watched.comesTo("needs_input strong K3 line");
  });

  it("is found below a shell within the shell", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready heuristic K4");
    await watched.type("bash --norc --noprofile -i\n");
    await watched.comesTo("needs_input strong K6 keys");
    await watched.type("bash -c 'read -s password'\n");
    await watched.comesTo("needs_secret strong K1");
  });

  it("has a fingerprint that changes when it executes another one, and only then", async () => {
    const watched = await Watched.start(bash);
    await watched.comesTo("ready heuristic K4");
    const before = watched.look().leader;
    assert.equal(watched.look().leader?.fingerprint, before?.fingerprint);
    await watched.type("exec bash --norc --noprofile -i\n");
    await eventually("another image", () => watched.look().leader?.fingerprint !== before?.fingerprint);
    await watched.comesTo("ready heuristic K4");
    assert.deepEqual([watched.look().leader?.pid, watched.look().leader?.program], [before?.pid, "bash"]);
  });
});

describe("a program that was stopped and goes on", () => {
  for (const [argv, wanted] of [
    [["cat"], "needs_input strong K3 line"],
    [python("import select; p = select.poll(); p.register(0, 1); p.poll()"), "needs_input strong K3 line"],
    [["less", "/etc/services"], "needs_input strong K6 keys"],
    [["sleep", "1000"], "working strong K8"],
  ] as const) {
    it(`${argv.join(" ")} is what it was: ${wanted}`, async () => {
      const watched = await Watched.start(argv);
      const [name = ""] = argv;
      const state = (wanted: RegExp) =>
        watched.waits().some((one) => one.startsWith(name.slice(0, 4)) && wanted.test(one));
      await eventually("it waits", () => state(/: (terminal|sleep)$/));
      process.kill(watched.run.pty.pid, "SIGSTOP");
      await eventually("it is stopped", () => state(/: stopped$/));
      assert.equal(shown(watched.verdict()), "working strong K8");
      process.kill(watched.run.pty.pid, "SIGCONT");
      await eventually("it waits again", () => state(/: (terminal|sleep)$/));
      assert.equal(shown(watched.verdict()), wanted);
    });
  }
});

describe("what was typed", () => {
  it("and not read yet makes nobody wait", async () => {
    const watched = await Watched.start(["sh", "-c", "sleep 1000; read answer"]);
    await watched.comesTo("working strong K8");
    await watched.type("early\n");
    await eventually("it lies there", () => watched.look().unreadBytes === "early\n".length);
    assert.equal(shown(watched.verdict()), "working strong K8");
  });

  it("is handed over by the look itself, so who still waits has taken all of it", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const taken = join(folder.path, "taken");
    const watched = await Watched.start(["sh", "-c", `stty raw -echo; exec cat > ${taken}`]);
    await watched.comesTo("needs_input strong K6 keys");
    for (let count = 1; count <= 500; count += 1) {
      // The kernel takes the bytes in this very call; until cat has them in its file it may not be seen to wait for more.
      const written = watched.type("x");
      const look = watched.look();
      const isWaiting = look.foreground?.processes[0]?.waitingOn === "terminal" && look.unreadBytes === 0;
      if (isWaiting) assert.equal(statSync(taken).size, count);
      await written;
      await eventually("cat has it", () => statSync(taken).size === count && watched.verdict().attention !== "working");
    }
  });
});

describe("a tmux client", () => {
  const { path, skip } = installed("tmux");
  const socket = `fleetty-test-${process.pid}`;
  const client = [path, "-L", socket, "-f", "/dev/null", "new", "cat"];

  for (const [how, argv] of [
    ["", client],
    [" from below a shell", ["sh", "-c", `${client.join(" ")}; :`]],
  ] as const)
    it(`is followed through its server to the program in its pane${how}`, { skip }, async () => {
      const watched = await Watched.start(argv);
      try {
        await watched.comesTo("needs_input strong K3 line", {}, { elsewhere: true });
        assert.equal(shown(watched.verdict()), "working strong K8", "unasked, nobody is looked for elsewhere");
        assert.equal(watched.look({ elsewhere: true }).elsewhere?.length, 1);
      } finally {
        const killer = await Run.start([path, "-L", socket, "kill-server"]);
        await Promise.all([killer.exit(), watched.run.exit()]);
      }
    });
});
