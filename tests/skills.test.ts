// The examples of the skills, carried out as they stand: by a shell that finds the `fleetty` command, on one server. What they say
// that is printed is printed, and what they make they take away.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempDisposableSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import { SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";
import { shellExamples } from "./harness/skill-text.ts";

/** A shell that stops at the first line that fails, and says which. */
const SHELL = ["bash", "-eu", "-o", "pipefail", "-c"] as const;

describe("the examples of the skills", { concurrency: 3 }, () => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ args: ["--slots", "64"] });
  });
  after(async () => {
    const left = (await server.ask({ path: "/sessions" })).json;
    await server[Symbol.asyncDispose]();
    assert.deepEqual(left, [], "an example left sessions behind");
  });

  for (const skill of SKILL_NAMES) {
    it(`do in ${skill} what they say`, async () => {
      const examples = shellExamples(skill);
      for (const { script, prints } of examples) {
        assert.ok(prints.length > 0, "an example that says nothing of what it prints proves nothing");
        const printed = await carriedOut(server, script);
        let at = 0;
        for (const text of prints) {
          const found = printed.indexOf(text, at);
          assert.ok(found >= 0, `${text} is not printed, or not there:\n${printed}`);
          at = found + text.length;
        }
      }
    });
  }
});

/** What it printed on both; throws unless it ends well. */
async function carriedOut(server: TestServer, script: string): Promise<string> {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  const [program, ...args] = SHELL;
  const { PATH = "" } = process.env;
  const env = { ...server.home.env, PATH: `${dirname(LAUNCHER)}:${PATH}` };
  const child = spawn(program, [...args, script], { cwd: folder.path, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.on("close", resolve);
  assert.equal(await promise, 0, `it failed:\n${printed}`);
  return printed;
}
