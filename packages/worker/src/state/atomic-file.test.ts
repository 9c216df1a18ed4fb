// Holds both writers to the one promise: a reader finds the old content or the new one, whoever dies meanwhile.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../../../../tests/harness/wait-until.ts";
import { writeFileAtomically, writeFileAtomicallySync } from "./atomic-file.ts";

type Write = (path: string, content: string | Uint8Array) => Promise<void>;

const writers: Readonly<Record<string, Write>> = {
  "the writer": (path, content) => writeFileAtomically(path, content, { sync: false }),
  "the writer that waits for the disk": (path, content) => writeFileAtomically(path, content, { sync: true }),
  "the writer at once": async (path, content) => writeFileAtomicallySync(path, content),
};

for (const [name, write] of Object.entries(writers)) {
  describe(name, () => {
    it("makes a file for its user alone, and replaces what is there", async () => {
      using folder = mkdtempDisposableSync("/tmp/ft-");
      const path = join(folder.path, "exit.json");
      await write(path, "old");
      await write(path, Buffer.from("new é"));
      assert.equal(readFileSync(path, "utf8"), "new é");
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder.path), ["exit.json"]);
    });

    it("leaves the old content to whoever has opened it", async () => {
      using folder = mkdtempDisposableSync("/tmp/ft-");
      const path = join(folder.path, "exit.json");
      await write(path, "old");
      const { ino } = statSync(path);
      await write(path, "new");
      assert.notEqual(statSync(path).ino, ino);
    });

    it("replaces a link, and writes nothing where it led", async () => {
      using folder = mkdtempDisposableSync("/tmp/ft-");
      const [path, target] = [join(folder.path, "exit.json"), join(folder.path, "target")];
      writeFileSync(target, "another's");
      symlinkSync(target, path);
      await write(path, "new");
      assert.deepEqual([readFileSync(path, "utf8"), readFileSync(target, "utf8")], ["new", "another's"]);
    });

    it("fails with the system's error and leaves what was there, and nothing beside it", async () => {
      using folder = mkdtempDisposableSync("/tmp/ft-");
      const path = join(folder.path, "exit.json");
      mkdirSync(join(path, "inside"), { recursive: true });
      await assert.rejects(write(path, "new"), { code: "EISDIR" });
      assert.deepEqual(readdirSync(folder.path, { recursive: true }).sort(), ["exit.json", "exit.json/inside"]);
      await assert.rejects(write(join(folder.path, "nowhere", "exit.json"), "new"), { code: "ENOENT" });
    });
  });
}

it("readers find whole files while one is written over and over, and after the writer was killed", async () => {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  const path = join(folder.path, "final");
  const fixture = fileURLToPath(new URL("./fixtures/write-over-and-over.ts", import.meta.url));
  const child = spawn(process.execPath, [fixture, path], { stdio: "inherit" });
  const exited = once(child, "exit");
  const seen = new Set<string>();
  const look = (): number => {
    const content = readFileSync(path, "utf8");
    assert.match(content, /^(.)\1{299999}$/s);
    return seen.add(content[0] as string).size;
  };
  try {
    await waitUntil("the file is there", () => readdirSync(folder.path).includes("final"));
    await waitUntil("five contents were read", () => look() >= 5);
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
  look();
});
