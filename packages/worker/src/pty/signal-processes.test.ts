// Signals on real process trees: whom they reach, and that nobody else's process ever gets one.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { childrenOf, processIdentity } from "./processes.ts";
import { eventually, program, Run } from "./pty-harness.ts";
import { signalProcess, signalProcesses } from "./signal-processes.ts";

afterEach(async () => {
  await Run.endAll();
  await eventually("no child is left", () => childrenOf(process.pid).length === 0);
});

/** A shell with a job in the background and one in the foreground, each a process group of its own. */
async function shellWithJobs(): Promise<{ run: Run; shell: number; background: number; foreground: number }> {
  const script = "set -m; sleep 1000 & echo back $!; sh -c 'echo fore $$; exec sleep 1000'; echo after; read -r _";
  const run = await Run.start(["/bin/bash", "-c", script]);
  const pidAfter = async (word: string) => Number((await run.prints(new RegExp(`${word} (\\d+)`)))[1]);
  return { run, shell: run.pty.pid, background: await pidAfter("back"), foreground: await pidAfter("fore") };
}

describe("a signal", () => {
  it("to the foreground reaches the job that the terminal's keys reach, and no other", async () => {
    const { run, shell, background, foreground } = await shellWithJobs();
    await eventually("the job is in the foreground", () =>
      signalProcesses(run.pty, "SIGWINCH", "foreground").includes(foreground),
    );
    assert.deepEqual(signalProcesses(run.pty, "SIGTERM", "foreground"), [foreground]);
    await run.prints(/after/);
    await eventually("the shell is in the foreground", () =>
      signalProcesses(run.pty, "SIGWINCH", "foreground").includes(shell),
    );
    assert.deepEqual(signalProcesses(run.pty, "SIGCONT", "session").sort(), [shell, background].sort());
    assert.deepEqual(signalProcesses(run.pty, "SIGKILL", "session").sort(), [shell, background].sort());
    assert.deepEqual(await run.exit(), { signal: "SIGKILL" });
  });

  it("to the session reaches children in other groups and other kernel sessions", async () => {
    const run = await Run.start([program("child-in-other-group")]);
    const [, ...pids] = await run.prints(/ready (\d+) (\d+) (\d+)/);
    const signalled = signalProcesses(run.pty, "SIGCONT", "session");
    for (const pid of pids.map(Number)) assert.ok(signalled.includes(pid), `${pid} is not in ${signalled}`);
    signalProcesses(run.pty, "SIGKILL", "session");
    await run.exit();
  });

  it("reaches nobody once the leader has gone, or when its pid is another's", async () => {
    const run = await Run.start([program("print-and-exit"), "1"]);
    await run.exit();
    const own = processIdentity(process.pid);
    const another = { ...own, startTime: own.startTime - 1 };
    for (const to of ["foreground", "session"] as const) {
      assert.deepEqual(signalProcesses(run.pty, "SIGKILL", to), [], to);
      assert.deepEqual(signalProcesses(another, "SIGKILL", to), [], to);
    }
  });

  it("is not sent to a process that has another start time than the one that was meant", async () => {
    const run = await Run.start([program("read-nothing")]);
    const { pid, startTime } = run.pty;
    assert.equal(signalProcess({ pid, startTime: startTime + 1 }, "SIGKILL"), false);
    assert.equal(signalProcess({ pid, startTime }, "SIGKILL"), true);
    assert.deepEqual(await run.exit(), { signal: "SIGKILL" });
  });
});
