// Which programs are given marks, and what they are started with then.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { removeScripts, writeScripts } from "../pty/start-scripts.ts";
import { integrate } from "./integration.ts";

const nonce = "0123456789abcdef0123456789abcdef";
const folder = "/state/it's/integration";
const ask = (argv: readonly string[], env: Record<string, string> = {}) => integrate({ argv, env, folder, nonce });

test("interactive shells are known, by name and arguments", () => {
  const known = {
    bash: ["bash", "/usr/bin/bash -i", "bash -l", "bash --login", "bash -il", "bash -i -l"],
    zsh: ["zsh", "/bin/zsh -il", "zsh --login"],
    fish: ["fish", "fish -l", "fish --interactive"],
    sh: ["sh", "/bin/dash -i", "ash -l", "busybox sh", "/bin/busybox ash -il"],
  };
  for (const [shell, commands] of Object.entries(known)) {
    for (const command of commands) assert.equal(ask(command.split(" "))?.shell, shell, command);
  }
});

test("other programs, and shells that are told something else, are left alone", () => {
  const left = [
    ...["bash -c ls", "bash script", "bash --norc", "bash --rcfile x", "bash --posix", "bash -x", "bash -", "bash --"],
    ...["zsh -f", "zsh --no-rcs", "zsh -o norcs", "zsh -c ls", "fish -N", "fish --no-config", "fish -c ls", "sh x"],
    ...["dash -c ls", "busybox", "busybox ls", "busybox ash -c ls", "python3", "vim", "ksh", "nu", "env bash"],
  ];
  for (const command of left) assert.equal(ask(command.split(" ")), null, command);
  assert.equal(ask([]), null);
  assert.equal(ask(["bash"], { POSIXLY_CORRECT: "" }), null);
});

test("the nonce stands in the files alone, and nothing is left to be filled in", () => {
  for (const argv of [["bash"], ["bash", "-l"], ["zsh"], ["fish"], ["sh"]]) {
    const found = ask(argv, { A: "1" }) ?? assert.fail();
    assert.ok(!JSON.stringify([found.argv, found.env]).includes(nonce));
    assert.ok(found.files.some(({ text }) => text.includes(nonce)));
    for (const { path, text } of found.files) {
      assert.ok(path.startsWith(`${folder}/`));
      assert.doesNotMatch(text, /@[a-z]+@/);
    }
    const kept = argv.filter((word) => found.argv.includes(word));
    assert.deepEqual(kept, argv, "the arguments are still there");
    assert.equal(found.env["A"], "1");
  }
});

test("files are for their user alone, and go again", async () => {
  const home = mkdtempSync(join(tmpdir(), "fleetty-marks-"));
  const own = join(home, "integration");
  const { files } = integrate({ argv: ["zsh"], env: {}, folder: own, nonce }) ?? assert.fail();
  writeScripts(files);
  assert.equal(statSync(own).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(own), [".zshenv"]);
  assert.equal(statSync(join(own, ".zshenv")).mode & 0o777, 0o600);
  assert.throws(() => writeScripts(files), { details: { step: "scripts", reason: "EEXIST" } });
  await removeScripts(own);
  await removeScripts(own);
  assert.deepEqual(readdirSync(home), []);
  rmSync(home, { recursive: true });
});
