// How often programs are run to tell their version.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { ToolVersions } from "./tool-versions.ts";

it("runs a program once for all who ask while it runs, whatever they remember", async () => {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  const [program, runs, go] = ["program", "runs", "go"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  execFileSync("mkfifo", [go]);
  writeFileSync(program, `#!/bin/sh\necho run >> ${runs}\nread line < ${go}\necho program 1.2.3\n`, { mode: 0o700 });
  const versions = new ToolVersions();
  const parts = { environment: { PATH: process.env["PATH"] ?? "" }, withinMs: 10_000 };
  const asked = Array.from({ length: 5 }, () => versions.of([program], parts, true));
  // Opened when a run reads it; another one would read in vain.
  await writeFile(go, "now\n");
  assert.deepEqual(await Promise.all(asked), Array(5).fill(["1.2.3"]));
  assert.equal(readFileSync(runs, "utf8"), "run\n");
});
