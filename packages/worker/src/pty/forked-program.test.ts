// Holds the fork, the way to a program where there is no better one, to what it says of the program and leaves behind.
import assert from "node:assert/strict";
import { closeSync, copyFileSync, mkdtempDisposableSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FleettyError } from "@fleetty/protocol/errors";
import { forkProgram } from "./forked-program.ts";
import { childrenOf } from "./processes.ts";
import { eventually, testEnv } from "./pty-harness.ts";

const fork = (argv: readonly string[]) => forkProgram({ argv, cwd: "/", env: testEnv, cols: 90, rows: 20 });

describe("a forked program", () => {
  it("runs on a terminal of its size, and its end is told", async () => {
    const forked = await fork(["sh", "-c", "stty size; exit 7"]);
    assert.deepEqual(await forked.reaped, { code: 7 });
    const buffer = Buffer.alloc(100);
    assert.equal(buffer.toString("utf8", 0, readSync(forked.masterFd, buffer)), "20 90\r\n");
    assert.equal(forked.isExecConfirmed, true);
    closeSync(forked.heldSlaveFd);
    closeSync(forked.masterFd);
  });

  it("that the kernel refuses is never reported as executed, and leaves neither process nor descriptor", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const busy = join(folder.path, "busy");
    copyFileSync("/bin/true", busy);
    // The kernel executes no file that somebody has open for writing (ETXTBSY).
    const writer = openSync(busy, "r+");
    const before = readdirSync("/proc/self/fd").length;
    for (let count = 0; count < 20; count++) {
      const outcome = await fork([busy]).catch((error) => error);
      if (outcome instanceof FleettyError) {
        assert.deepEqual([outcome.code, outcome.details?.["reason"]], ["session_create_failed", "failed"]);
        continue;
      }
      assert.equal(outcome.isExecConfirmed, false);
      assert.deepEqual(await outcome.reaped, { code: 1 });
      closeSync(outcome.heldSlaveFd);
      closeSync(outcome.masterFd);
    }
    await eventually("no child is left", () => childrenOf(process.pid).length === 0);
    assert.equal(readdirSync("/proc/self/fd").length, before);
    closeSync(writer);
  });
});
