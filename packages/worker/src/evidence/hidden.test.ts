// What is seen where the kernel hides something: programs of another user, a debugger's rights withheld, no node:ffi, no
// /proc. Less is said then, and with less confidence; nothing is made up.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { judge } from "../attention/judge.ts";
import { eventually, Run } from "../pty/pty-harness.ts";
import { PLAIN, shown, Watched } from "./evidence-harness.ts";
import { type Kernel, linuxKernel } from "./kernel.ts";
import type { KernelLook } from "./kernel-look.ts";
import { shellReads } from "./shell-reads.ts";

afterEach(() => Run.endAll());

/** Whoever may not trace a program (Yama) sees what it sleeps in, and nothing of its calls and memory. */
const withoutTracing: Kernel = {
  ...linuxKernel,
  text: (path) => (path.endsWith("/syscall") ? null : linuxKernel.text(path)),
  memory: () => null,
};
const withoutChildren: Kernel = {
  ...linuxKernel,
  text: (path) => (path.endsWith("/children") ? null : linuxKernel.text(path)),
};
const withoutCalls: Kernel = { ...linuxKernel, unreadBytes: () => null, lineMode: () => null };
const withoutProc: Kernel = {
  ...linuxKernel,
  text: () => null,
  link: () => null,
  list: () => null,
  file: () => null,
  memory: () => null,
};

const NOBODY = 65534;

/** As that user sees it. Only root can become another. */
function asUser<Value>(user: number, see: () => Value): Value {
  process.setegid?.(user);
  process.seteuid?.(user);
  try {
    return see();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe("a program of another user", { skip: process.getuid?.() !== 0 && "only root can have another's" }, () => {
  const seen = (watched: Watched): KernelLook => asUser(NOBODY, () => watched.look());
  const verdict = (watched: Watched, echoOffForMs: number | null, lastLine = watched.lastLine) =>
    shown(judge(seen(watched), { ...PLAIN, echoOffForMs, lastLine }));

  it("asks for a secret once echo has been off for a while, surely only where the line asks", async () => {
    const watched = await Watched.start(["sh", "-c", "stty -echo; printf '[sudo] password for someone: '; cat"]);
    await watched.comesTo("needs_secret strong K1");
    assert.equal(seen(watched).foreground?.processes[0]?.waitingOn, "unreadable");
    assert.equal(verdict(watched, 199), "unknown heuristic Q1");
    assert.equal(verdict(watched, 200), "needs_secret strong K2");
    assert.equal(verdict(watched, 200, "thinking"), "needs_secret heuristic K2");
  });

  it("is unknown as long as it echoes or reads keys", async () => {
    const lines = await Watched.start(["cat"]);
    await lines.comesTo("needs_input strong K3 line");
    assert.equal(verdict(lines, 1000, "Password: "), "unknown heuristic Q1");
    const keys = await Watched.start(["sh", "-c", "stty -echo -icanon; cat"]);
    await keys.comesTo("needs_input strong K6 keys");
    assert.equal(verdict(keys, 1000, "Password: "), "unknown heuristic Q1");
  });

  it("works while it is on a processor, whatever it prints", async () => {
    const code = "stty -echo; printf 'Password: '; while :; do :; done";
    const watched = await Watched.start(["sh", "-c", code]);
    await eventually(
      "it is silent",
      () => watched.look().terminal?.echoes === false && watched.waits()[0] === "dash: running",
    );
    await eventually("it is seen to run", () => verdict(watched, 1000) === "working strong K8");
  });

  it("is named by its arguments, and cannot agree with a mark", async () => {
    const watched = await Watched.start(["bash", "--norc", "-i"]);
    await watched.comesTo("ready heuristic K4");
    assert.match(seen(watched).leader?.command ?? "", /^bash --norc -i$/);
    assert.equal(
      asUser(NOBODY, () => shellReads(watched.run.pty)),
      null,
    );
  });
});

describe("without the right to trace", () => {
  const options = { kernel: withoutTracing };
  for (const [argv, wanted] of [
    [["cat"], "needs_input heuristic K3 line"],
    [["bash", "-c", "read -s password"], "needs_secret heuristic K1"],
    [["sleep", "1000"], "working heuristic K8"],
    [["sh", "-c", "sleep 1000; :"], "working heuristic K8"],
    [["python3", "-c", "import select; select.select([0], [], [])"], "unknown heuristic Q1"],
  ] as const) {
    it(`${argv.join(" ")} comes to ${wanted}`, async () => {
      const watched = await Watched.start(argv);
      await watched.comesTo(wanted, {}, options);
    });
  }
});

describe("without lists of children", () => {
  it("a shell's own program is found all the same", async () => {
    const watched = await Watched.start(["sh", "-c", "cat; :"]);
    await watched.comesTo("needs_input strong K3 line", {}, { kernel: withoutChildren });
    const pipeline = await Watched.start(["bash", "-ic", "sleep 1000 | cat < /dev/tty"]);
    await pipeline.comesTo("needs_input strong K3 line", {}, { kernel: withoutChildren });
  });
});

describe("without what it takes", () => {
  for (const [name, kernel] of Object.entries({ withoutCalls, withoutProc })) {
    it(`nothing is known (${name})`, async () => {
      const watched = await Watched.start(["bash", "-c", "read -s password"]);
      await watched.comesTo("needs_secret strong K1");
      const context = { lastLine: "Password: ", echoOffForMs: null };
      assert.equal(shown(watched.verdict(context, { kernel })), "unknown heuristic Q1");
      assert.equal(shellReads(watched.run.pty, kernel), null);
    });
  }

  it("nothing is known of a terminal whose program is gone", async () => {
    const watched = await Watched.start(["true"]);
    await watched.run.exit();
    const look = watched.look();
    assert.deepEqual([look.terminal, look.leader, look.foreground, look.unreadBytes], [null, null, null, null]);
    assert.equal(shown(watched.verdict()), "unknown heuristic Q1");
  });

  it("nobody is taken for a program that had its pid before", async () => {
    const watched = await Watched.start(["cat"]);
    await watched.comesTo("needs_input strong K3 line");
    const { pid, startTime, heldSlaveFd } = watched.run.pty;
    assert.equal(shellReads({ pid, startTime: startTime - 1, heldSlaveFd }), null);
  });
});
