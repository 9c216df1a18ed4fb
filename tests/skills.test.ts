// The examples of the skills, carried out as they stand: by a shell that finds the `fleetty` command, on one server. What they say
// that is printed is printed, and what they make they take away. Their calls of tools are held to what those tools take.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempDisposableSync } from "node:fs";
import { dirname } from "node:path";
import { after, before, describe, it } from "node:test";
import { readSkill, SKILL_NAMES } from "@fleetty/hub/skills/skill-library";
import { type AnyOperation, operations } from "@fleetty/protocol/operations";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { findCommand } from "../packages/cli/src/commands.ts";
import { Agent } from "./harness/agent.ts";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";
import { shellExamples, toolCalls } from "./harness/skill-text.ts";

/** A shell that stops at the first line that fails, and says which. */
const SHELL = ["bash", "-eu", "-o", "pipefail", "-c"] as const;

const PATH = `${dirname(LAUNCHER)}:${process.env["PATH"]}`;

describe("the examples of the skills", { concurrency: 3 }, () => {
  let server: TestServer;

  before(async () => {
    // Programs of its sessions find the command too.
    server = await startServer({ args: ["--slots", "64"], env: { PATH } });
  });
  after(async () => {
    const left = (await server.ask({ path: "/sessions" })).json;
    await server[Symbol.asyncDispose]();
    assert.deepEqual(left, [], "an example left sessions behind");
  });

  for (const skill of SKILL_NAMES) {
    it(`do in ${skill} what they say`, async () => {
      const examples = shellExamples(skill);
      assert.ok(examples.length > 0);
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

describe("the calls of tools in the skills", () => {
  it("name tools that there are, and give them what they take", async () => {
    await using server = await startServer();
    await using agent = await Agent.overStdio(server);
    const validator = new AjvJsonSchemaValidator();
    const calls = toolCalls();
    assert.ok(calls.length > SKILL_NAMES.length);
    for (const { skill, tool, args } of calls) {
      const schema = agent.tools.get(tool);
      assert.ok(schema, `${skill} calls ${tool}, which is no tool`);
      const { valid, errorMessage } = validator.getValidator(schema)(args);
      assert.ok(valid, `${skill}: ${tool} ${JSON.stringify(args)}: ${errorMessage}`);
    }
  });

  it("are among the tools that core lists, each with its command and its request", async () => {
    const core = await readSkill("core");
    for (const { skill, tool } of toolCalls()) {
      assert.ok(core.includes(`\`${tool}\``) || ELSEWHERE.includes(tool), `core does not name ${tool} of ${skill}`);
    }
  });
});

describe("the reference of core", () => {
  it("names commands and requests that there are", async () => {
    const core = await readSkill("core");
    const anonymous = (http: string) => http.replaceAll(/\{\w+\}/g, "{}");
    const known = new Set((Object.values(operations) as AnyOperation[]).map(({ http }) => anonymous(http ?? "")));
    const requests = [...core.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`? ]*)/g)];
    assert.ok(requests.length > 30);
    for (const [, request = ""] of requests) assert.ok(known.has(anonymous(request)), `there is no ${request}`);
    const rows = [...core.matchAll(/^\| `[a-z_`, ]+ \| (.+?) \| `[A-Z]/gm)];
    assert.ok(rows.length > 20);
    for (const [, commands = ""] of rows) {
      for (const [, command = ""] of commands.matchAll(/`([a-z][a-z ]*)/g)) {
        assert.ok(findCommand(command.trim().split(" ")), `there is no command ${command}`);
      }
    }
  });
});

/** Tools of which the skill that is about them has all. */
const ELSEWHERE = ["overlay", "panel", "remove_overlay", "remove_panel", "input_mode", "screen_mode"];

/** Shells may begin slowly on a machine that is busy with other tests. */
const patient = (script: string) => script.replaceAll("fleetty run ", "fleetty run --ready-wait-ms 30000 ");

/** What it printed on both; throws unless it ends well. */
async function carriedOut(server: TestServer, script: string): Promise<string> {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  const [program, ...args] = SHELL;
  const env = { ...server.home.env, PATH };
  const child = spawn(program, [...args, patient(script)], {
    cwd: folder.path,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
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
