// When the kernel agrees that a shell is at its prompt.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { installed } from "../../../../tests/harness/programs.ts";
import { eventually, Run } from "../pty/pty-harness.ts";
import { look } from "./look.ts";
import { shellReads } from "./shell-reads.ts";

afterEach(() => Run.endAll());

const SHELLS = [
  ["bash", "--norc", "--noprofile", "-i"],
  ["zsh", "-f", "-i"],
  ["fish", "--no-config", "-i"],
  ["dash", "-i"],
] as const;

describe("a shell reads its terminal", () => {
  for (const argv of SHELLS) {
    const { path, skip } = installed(argv[0]);
    it(`at its prompt, not while its command asks or computes (${argv[0]})`, { skip }, async () => {
      const run = await Run.start([path, ...argv.slice(1)]);
      await eventually("a prompt", () => shellReads(run.pty) === true);
      await run.pty.write(Buffer.from("echo asks; cat; echo sleeps; sleep 1000\r"));
      await run.prints(/[\r\n]asks/);
      assert.equal(shellReads(run.pty), false);
      await run.pty.write(Buffer.from("\x04"));
      await run.prints(/[\r\n]sleeps/);
      await eventually("it sleeps", () => look(run.pty).foreground?.processes.at(-1)?.program === "sleep");
      assert.equal(shellReads(run.pty), false);
      await run.pty.write(Buffer.from("\x03"));
      await eventually("a prompt", () => shellReads(run.pty) === true);
    });
  }

  it("not with an editor's shell in line mode, whose `read` it is", async () => {
    const run = await Run.start(SHELLS[0]);
    await eventually("a prompt", () => shellReads(run.pty) === true);
    await run.pty.write(Buffer.from("echo asks; read answer; sleep 1000\r"));
    await run.prints(/[\r\n]asks/);
    for (let count = 0; count < 100; count += 1) assert.equal(shellReads(run.pty), false);
    await run.pty.write(Buffer.from("answer\r"));
    await run.prints(/answer\r\n/);
    assert.equal(shellReads(run.pty), false);
  });

  it("not before it has taken what was typed", async () => {
    const run = await Run.start(SHELLS[0]);
    await eventually("a prompt", () => shellReads(run.pty) === true);
    for (let count = 1; count <= 200; count += 1) {
      const written = run.pty.write(Buffer.from(`read answer_${count}\r`));
      // Between the line and the end of its `read`, no moment looks like a prompt.
      assert.equal(shellReads(run.pty), false);
      await written;
      await eventually("it asks", () => shellReads(run.pty) === false && run.output.includes(`answer_${count}\r\n`));
      await run.pty.write(Buffer.from("\r"));
      await eventually("a prompt", () => shellReads(run.pty) === true);
    }
  });
});
