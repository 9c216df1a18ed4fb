// Holds the lock of an instance to one holder, across processes and whatever their death.
import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { lockInstance } from "./instance-lock.ts";

/** A process that tried to take the lock, and what it says of that. */
class Contender {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly said: Promise<string>;

  constructor(path: string) {
    const fixture = fileURLToPath(new URL("./fixtures/hold-lock.ts", import.meta.url));
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fixture, path], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.said = once(createInterface({ input: this.#child.stdout }), "line").then(([line]) => String(line));
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async die(signal: NodeJS.Signals): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose]() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.die("SIGKILL");
  }
}

describe("the lock of an instance", () => {
  it("refuses a second process by name of the first, and says what to do", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "lock.db");
    await using holder = new Contender(path);
    assert.equal(await holder.said, `held ${holder.pid}`);
    assert.throws(() => lockInstance(path), {
      code: "not_ready",
      details: { reason: "locked", pid: holder.pid },
      message: new RegExp(`already runs.*process ${holder.pid} since .*${path}.*-L NAME`),
    });
    await using second = new Contender(path);
    assert.match(await second.said, /already runs/);
  });

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`is free when its holder has died of ${signal}`, async () => {
      using folder = mkdtempDisposableSync("/tmp/ft-");
      const path = join(folder.path, "lock.db");
      await using holder = new Contender(path);
      await holder.said;
      await holder.die(signal);
      const lock = lockInstance(path);
      assert.throws(() => lockInstance(path), { details: { reason: "locked", pid: process.pid } });
      lock.release();
    });
  }

  it("is free when it was released, over and over", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "lock.db");
    for (let turn = 0; turn < 3; turn += 1) lockInstance(path).release();
    lockInstance(path).release();
  });

  it("has one holder when several come at once", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "lock.db");
    await using first = new Contender(path);
    await using second = new Contender(path);
    await using third = new Contender(path);
    const said = await Promise.all([first.said, second.said, third.said]);
    assert.equal(said.filter((line) => line.startsWith("held ")).length, 1, said.join("\n"));
    assert.equal(said.filter((line) => line.includes("already runs")).length, 2, said.join("\n"));
  });

  it("does not take a file that is no lock", () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "lock.db");
    writeFileSync(path, "x".repeat(8192));
    assert.throws(() => lockInstance(path), /not a database/);
  });
});
