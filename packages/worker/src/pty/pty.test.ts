// Stories of one terminal: what a program prints and reads, and how its end is told. Real programs on real terminals.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { childrenOf, isSameProcess, readStat } from "./processes.ts";
import { eventually, program, Run } from "./pty-harness.ts";

const workDir = mkdtempSync(join(tmpdir(), "fleetty-pty-"));

after(async () => {
  await Run.endAll();
  rmSync(workDir, { recursive: true });
  const terminals = () => openPaths().filter((path) => /^\/dev\/(ptmx|pts\/\d+)$/.test(path));
  await eventually("no terminal and no child is left", () => terminals().length + childrenOf(process.pid).length === 0);
});

/** What this process has open, without its own standard descriptors. */
function openPaths(): string[] {
  const fds = readdirSync("/proc/self/fd").filter((fd) => Number(fd) > 2);
  return fds.map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // the listing's own
    }
  });
}

/** The bytes that print-and-exit must have printed. */
function numberedLines(byteCount: number): Buffer {
  const bytes = Buffer.alloc(byteCount);
  for (let at = 0, number = 1; at < byteCount; number++) at += bytes.write(`${String(number).padStart(7, "0")}\n`, at);
  return bytes;
}

function busyFor(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
}

describe("the end of a program", () => {
  test("a program's code and all it printed are told", async () => {
    const run = await Run.start(["sh", "-c", "echo no; exit 7"]);
    assert.deepEqual(await run.exit(), { code: 7 });
    assert.equal(run.output, "no\r\n");
    assert.equal(run.pty.isExecConfirmed, true);
  });

  test("a program that a signal ended is told by the signal's name", async () => {
    const run = await Run.start(["sh", "-c", "kill -KILL $$"]);
    assert.deepEqual(await run.exit(), { signal: "SIGKILL" });
  });

  test("a slow consumer gets each of 200,000 bytes before the exit, in 30 of 30 runs", async () => {
    const expected = numberedLines(200_000);
    for (let count = 0; count < 30; count++) {
      const run = await Run.start([program("print-and-exit"), "200000", "3"], { onChunk: () => busyFor(3) });
      assert.deepEqual(await run.exit(), { code: 3 });
      assert.ok(run.bytes.equals(expected), `run ${count}: ${run.bytes.byteLength} bytes`);
    }
  });

  for (const byteCount of [500, 3_000, 9_000]) {
    test(`a terminal that is paused across the exit loses none of ${byteCount} bytes, in 30 of 30 runs`, async () => {
      const expected = numberedLines(byteCount);
      await Promise.all(
        Array.from({ length: 30 }, async () => {
          const run = await Run.start([program("print-and-exit"), String(byteCount)]);
          run.pty.pause();
          await run.exit();
          assert.ok(run.bytes.equals(expected), `${run.bytes.byteLength} bytes`);
          assert.equal(run.bytesAtExit, byteCount);
          run.pty.pause();
          run.pty.resume();
          await new Promise(setImmediate);
          assert.equal(run.exits.length, 1);
          assert.equal(run.bytes.byteLength, byteCount);
        }),
      );
    });
  }

  test("a pause holds the program back, and afterwards every byte comes", async () => {
    const run = await Run.start([program("print-and-exit"), "1000000"]);
    await run.prints(/0000001/);
    run.pty.pause();
    const held = run.bytes.byteLength;
    await eventually("the program waits for the terminal", () => {
      return childrenOf(run.pty.pid).every((pid) => readStat(pid)?.state === "S");
    });
    assert.equal(run.bytes.byteLength, held);
    run.pty.resume();
    await run.exit();
    assert.ok(run.bytes.equals(numberedLines(1_000_000)));
  });

  test("a child that keeps the terminal open does not hold the session open", async () => {
    const run = await Run.start([program("leave-child-behind"), "sleep", "1000"]);
    assert.deepEqual(await run.exit(), { code: 0 });
    const left = Number((await run.prints(/left (\d+)/))[1]);
    assert.ok(readStat(left), "the child lives on");
    process.kill(left, "SIGKILL");
  });

  test("a child that floods after the leader's exit does not hold the session open", async () => {
    // Slower than the flood, so that there is always something to read.
    const run = await Run.start([program("leave-child-behind"), program("flood")], { onChunk: () => busyFor(1) });
    assert.deepEqual(await run.exit(), { code: 0 });
    const left = Number((await run.prints(/left (\d+)/))[1]);
    const seen = run.bytes.byteLength;
    await eventually("the flood ends with its terminal", () => !readStat(left));
    assert.equal(run.bytes.byteLength, seen);
    assert.equal(run.exits.length, 1);
  });

  test("a defect in the consumer is reported and does not stop the exit", async () => {
    const defects: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", (defect) => defects.push(defect));
    try {
      const defect = new Error("a defect");
      const run = await Run.start(["sh", "-c", "echo once"], {
        onData: () => {
          throw defect;
        },
      });
      assert.deepEqual(await run.exit(), { code: 0 });
      await eventually("the defect is reported", () => defects.length === 1);
      assert.equal(defects[0], defect);
    } finally {
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});

describe("input and size", () => {
  test("a megabyte arrives whole and in the order of the writes", async () => {
    const bytes = randomBytes(1_000_000);
    const run = await Run.start([program("count-input"), String(bytes.byteLength)]);
    await run.prints(/ready/);
    const cuts = [0, 1, 5_000, 5_000, 70_000, 999_999, bytes.byteLength];
    await Promise.all(cuts.slice(1).map((end, index) => run.pty.write(bytes.subarray(cuts[index], end))));
    await run.prints(new RegExp(`ready ${createHash("sha256").update(bytes).digest("hex")}`));
    await run.exit();
  });

  test("a write that the program's end cut short says how much was taken, and later ones are refused", async () => {
    const run = await Run.start([program("read-nothing")]);
    await run.prints(/ready/);
    const cut = run.pty.write(Buffer.alloc(1_000_000));
    const never = run.pty.write(Buffer.from("x"));
    const outcomes = Promise.allSettled([cut, never]);
    process.kill(run.pty.pid, "SIGKILL");
    await run.exit();
    const [first, second] = (await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason);
    assert.equal(first.code, "input_send_failed");
    assert.ok(first.details.written > 0 && first.details.written < 1_000_000, String(first.details.written));
    assert.deepEqual(second.details, { written: 0 });
    await assert.rejects(run.pty.write(Buffer.from("y")), { code: "input_send_failed", details: { written: 0 } });
  });

  test("the size is the program's from the start, and each change reaches it", async () => {
    const run = await Run.start([program("report-size")], { cols: 132, rows: 43 });
    await run.prints(/^43 132\r\n/);
    run.pty.resize({ cols: 90, rows: 20 });
    await run.prints(/\n20 90\r\n$/);
    await run.end();
    run.pty.resize({ cols: 10, rows: 10 });
  });
});

describe("what a program starts with", () => {
  test("it is told apart by pid, start time and boot", async () => {
    const run = await Run.start(["sleep", "1000"]);
    assert.equal(readStat(run.pty.pid)?.startTime, run.pty.startTime);
    assert.equal(isSameProcess(run.pty), true);
    await run.end();
    assert.equal(isSameProcess(run.pty), false);
  });

  test("it leads a kernel session on its own terminal, in its directory, with its environment and nothing else", async () => {
    const run = await Run.start(["sh", "-c", "tty; pwd; env; echo end; exec sleep 1000"], {
      cwd: workDir,
      env: { PATH: "/usr/bin:/bin", A: "é" },
    });
    await run.prints(/end\r\n$/);
    assert.equal(readStat(run.pty.pid)?.sid, run.pty.pid);
    const [tty, pwd, ...env] = run.output.split("\r\n").slice(0, -2);
    assert.equal(tty, run.pty.slavePath);
    assert.equal(pwd, workDir);
    assert.deepEqual(env.filter((line) => !/^(_|SHLVL)=/.test(line)).sort(), [
      "A=é",
      "PATH=/usr/bin:/bin",
      `PWD=${workDir}`,
    ]);
    await run.end();
  });

  test("it inherits no descriptor but its own terminal's, whatever other sessions there are", async () => {
    const others = await Promise.all([1, 2, 3].map(() => Run.start(["sleep", "1000"])));
    const run = await Run.start([program("list-descriptors")]);
    await run.exit();
    const inherited = run.output.trim().split("\r\n");
    const expected = new Set([run.pty.slavePath, program("list-descriptors"), `/proc/${run.pty.pid}/fd`]);
    assert.deepEqual(
      inherited.filter((path) => !expected.has(path)),
      [],
    );
    await Promise.all(others.map((other) => other.end()));
  });

  test("it has all signals as they are by default, whatever this process makes of them", async () => {
    const run = await Run.start(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]);
    await run.exit();
    assert.match(run.output, /^SigBlk:\t0+\r\nSigIgn:\t0+\r\n$/);
  });

  test("its terminal erases characters of UTF-8 whole", async () => {
    const run = await Run.start(["stty", "-a"]);
    await run.exit();
    assert.match(run.output, / iutf8\b/);
  });

  test("it is ended before this process when memory runs out", async () => {
    const own = Number(readFileSync("/proc/self/oom_score_adj", "latin1"));
    const run = await Run.start(["sleep", "1000"]);
    const score = Number(readFileSync(`/proc/${run.pty.pid}/oom_score_adj`, "latin1"));
    assert.equal(score, Math.min(own + 300, 1000));
    await run.end();
  });
});

describe("a program that is never executed", () => {
  test("one that the lookup refuses leaves no process behind", async () => {
    const before = childrenOf(process.pid);
    const failing = Run.start(["no-such-program"]);
    await assert.rejects(failing, { code: "session_create_failed", details: { step: "program", reason: "not_found" } });
    assert.deepEqual(childrenOf(process.pid), before);
  });

  test("one that only the kernel refuses is refused by its reason, and leaves neither process nor descriptor", async () => {
    const busy = join(workDir, "busy");
    copyFileSync("/bin/true", busy);
    // The kernel executes no file that somebody has open for writing (ETXTBSY); no lookup can know that.
    const writer = openSync(busy, "r+");
    const before = [childrenOf(process.pid), openPaths()];
    for (let count = 0; count < 20; count++) {
      await assert.rejects(Run.start([busy]), {
        code: "session_create_failed",
        message: /ETXTBSY/,
        details: { step: "exec", reason: "failed" },
      });
    }
    assert.deepEqual([childrenOf(process.pid), openPaths()], before);
    closeSync(writer);
  });

  test("a text without #! is run by the shell, as execvp does", async () => {
    const script = join(workDir, "script");
    writeFileSync(script, "echo from a script\n", { mode: 0o755 });
    const run = await Run.start([script]);
    await run.exit();
    assert.equal(run.output, "from a script\r\n");
  });
});
