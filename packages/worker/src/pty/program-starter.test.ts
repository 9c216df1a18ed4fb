// Holds the starter of programs to what it does with a thread that does not come back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StartedProgram } from "./program-start.ts";
import { ProgramStarter } from "./program-starter.ts";
import { eventually } from "./pty-harness.ts";

function toldStarter() {
  const unwanted: number[] = [];
  const starter = new ProgramStarter({
    thread: new URL("./fixtures/told-thread.ts", import.meta.url),
    limitMs: 200,
    onUnwanted: ({ pid }: StartedProgram) => unwanted.push(pid),
  });
  const start = (word: string, pid: number) =>
    starter.start({ argv: [word, String(pid)], cwd: "/", env: {}, cols: 80, rows: 24 });
  return { start, unwanted };
}

const pidOf = async (started: Promise<StartedProgram | null>) => (await started)?.pid;

describe("a starter of programs", () => {
  it("starts in order what is ordered at once", async () => {
    const { start } = toldStarter();
    const pids = await Promise.all([1, 2, 3].map((pid) => pidOf(start("start", pid))));
    assert.deepEqual(pids, [1, 2, 3]);
  });

  it("refuses a program that hangs, starts what waited behind it elsewhere, and gives up what hung when it starts", async () => {
    const { start, unwanted } = toldStarter();
    const hanging = start("hang", 1);
    const behind = [pidOf(start("start", 2)), pidOf(start("start", 3))];
    await assert.rejects(hanging, { code: "session_create_failed", details: { step: "exec", reason: "late" } });
    assert.deepEqual(await Promise.all(behind), [2, 3]);
    await eventually("what hung was started", () => unwanted.length > 0);
    assert.deepEqual(unwanted, [1]);
    assert.equal(await pidOf(start("start", 4)), 4);
  });

  it("tells whoever waits that the thread broke, and starts the next in another", async () => {
    const { start } = toldStarter();
    const refusal = { code: "session_create_failed", details: { step: "exec", reason: "thread" } };
    const waiting = [start("break", 1), start("start", 2)];
    for (const one of waiting) await assert.rejects(one, refusal);
    assert.equal(await pidOf(start("start", 3)), 3);
  });
});
