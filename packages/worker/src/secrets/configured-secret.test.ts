// Holds the reading of configured secrets to what an operator says: where it is read, what of it, for how long, and that what
// goes wrong is told without a word of what was read.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { readSource, type SecretSource, SourceProblem } from "./configured-secret.ts";

let folder: ReturnType<typeof mkdtempDisposableSync>;

beforeEach(() => {
  folder = mkdtempDisposableSync("/tmp/ft-");
});
afterEach(() => folder.remove());

const PATH = process.env["PATH"] ?? "";
const read = async (source: SecretSource, environment: Record<string, string> = {}) =>
  (await readSource(source, { PATH, ...environment })).reveal();
const sh = (line: string): SecretSource => ({ kind: "command", argv: ["/bin/sh", "-c", line] });

function file(text: string | Buffer, mode = 0o600): SecretSource {
  const path = join(folder.path, "secret");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return { kind: "file", path };
}

/** Passes when there is none, for a reason that has none of these words. */
async function assertNone(source: SecretSource, says: RegExp, hidden = "hunter2"): Promise<void> {
  await assert.rejects(read(source), (thrown: unknown) => {
    assert.ok(thrown instanceof SourceProblem, `${thrown}`);
    assert.match(thrown.message, says);
    assert.ok(!`${thrown.stack} ${String(thrown.cause)}`.includes(hidden));
    return true;
  });
}

describe("a secret that is configured", () => {
  it("is what is in a file, a variable, or what a command prints, but for one line end", async () => {
    assert.equal(await read(file("hunter2\n")), "hunter2");
    assert.equal(await read(file("hünter 2")), "hünter 2");
    assert.equal(await read({ kind: "env", variable: "MINE" }, { MINE: "hunter2" }), "hunter2");
    assert.equal(await read(sh("echo hunter2")), "hunter2");
    assert.equal(await read(file(`${"x".repeat(4095)}\n`)), "x".repeat(4095));
    const source = file("first\n");
    assert.equal(await read(source), "first");
    file("second\n");
    assert.equal(await read(source), "second");
  });

  it("is none that could not be typed in one line", async () => {
    for (const text of ["hunter2\n\n", "hunter2\r\n", "hun\x03ter2"])
      await assertNone(file(text), /control characters/);
    await assertNone(file(""), /is empty/);
    await assertNone(file("\n"), /is empty/);
    await assertNone(file(Buffer.from([0x68, 0xff])), /UTF-8/);
    await assertNone(file(`hunter2${"x".repeat(4090)}`), /4096 bytes/);
    await assertNone(sh("yes hunter2"), /4096 bytes/);
  });

  it("is in no file that others can read, and in nothing that is no file", async () => {
    await assertNone(file("hunter2", 0o644), /chmod 600/);
    await assertNone({ kind: "file", path: folder.path }, /EISDIR|none/);
    await assertNone({ kind: "file", path: join(folder.path, "missing") }, /ENOENT/);
    const pipe = join(folder.path, "pipe");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    await assertNone({ kind: "file", path: pipe }, /that is none/);
  });

  it("is not there when its variable is not set, or its command fails, whatever that has said", async () => {
    await assertNone({ kind: "env", variable: "MINE" }, /not set/);
    await assertNone(sh("echo hunter2; echo hunter2 >&2; exit 4"), /status 4/);
    await assertNone(sh("echo hunter2; kill -9 $$"), /SIGKILL/);
    await assertNone({ kind: "command", argv: ["/no/such/hunter2"] }, /cannot be started/);
  });
});

describe("the command of a secret", () => {
  it("has no terminal, no input, and nothing of our own environment that is ours alone", async () => {
    const environment = { FLEETTY_TOKEN: "ours", VAULT: "theirs" };
    const line = 'read -r x && echo input; (: </dev/tty) 2>/dev/null && echo terminal; echo "$VAULT,$FLEETTY_TOKEN"';
    assert.equal(await read(sh(line), environment), "theirs,");
  });

  it("that says too much is ended with all that it has started", async () => {
    const pid = join(folder.path, "pid");
    await assertNone(sh(`sleep 1000 & echo $! >${pid}; while :; do echo hunter2; done`), /4096 bytes/);
    await waitUntil("what it started has ended", () => hasEnded(readFileSync(pid, "utf8").trim()));
  });

  it("that takes over 10 s is ended too", async () => {
    const pid = join(folder.path, "pid");
    await assertNone(sh(`echo hunter2; sleep 1000 & echo $! >${pid}; wait`), /over 10 s/);
    await waitUntil("what it started has ended", () => hasEnded(readFileSync(pid, "utf8").trim()));
  });
});

function hasEnded(pid: string): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
