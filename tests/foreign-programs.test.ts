// Runs programs that were written from the documents of the compat API alone, as they are, against its socket and its command.
// They hold every answer to those documents themselves; what is held here is that they come to their end, and leave nothing.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Home, makeHome } from "./harness/folders.ts";
import { kill, naming } from "./harness/processes.ts";
import { fixture, installed } from "./harness/programs.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const python = installed("python3");
const missing = ["curl", "jq"].map((name) => installed(name).skip).find(Boolean) ?? false;
/** A program that takes longer hangs. */
const PROGRAM_MAX_MS = 120_000;

let server: TestServer;

/** Links `wsh` in that home; the environment of a program that finds it there. */
async function withCommand(home: Home): Promise<Readonly<Record<string, string>>> {
  const bin = join(home.root, "bin");
  const { code, stderr } = await runFleetty(["compat", "wsh", "--dir", bin], { home });
  assert.equal(code, 0, stderr);
  return { ...home.env, PATH: `${bin}:${home.env["PATH"]}` };
}

/** What the program printed; rejects unless it ended well. */
function run(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<string[]> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const options = { env, timeout: PROGRAM_MAX_MS, killSignal: "SIGKILL" } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${argv.join(" ")} got as far as\n${stdout}\n${stderr}`));
      else resolve(stdout.trimEnd().split("\n"));
    });
  });
}

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

describe("a program that knows the compat API", () => {
  it("drives terminals over HTTP", { skip: python.skip }, async () => {
    const done = await run([python.path, "-B", fixture("drive-over-http")], server.home.env);
    assert.equal(done.at(-1), "the end");
  });

  it("drives terminals over WebSockets, beside a person", { skip: python.skip }, async () => {
    const done = await run([python.path, "-B", fixture("drive-over-websockets")], await withCommand(server.home));
    assert.equal(done.at(-1), "the end");
  });

  it("drives terminals with the tools of its MCP server", async () => {
    const done = await run([process.execPath, fixture("drive-over-mcp.ts")], await withCommand(server.home));
    assert.equal(done.at(-1), "the end");
  });

  it("does the loop of its skills with curl", { skip: missing }, async () => {
    const done = await run([fixture("loop-with-curl")], await withCommand(server.home));
    assert.deepEqual(done, ["found a server", ...LOOPED]);
  });

  it("starts a server where there is none, which ends with its last session", { skip: missing }, async () => {
    const home = makeHome();
    try {
      const done = await run([fixture("loop-with-curl")], await withCommand(home));
      assert.deepEqual(done, ["started a server", ...LOOPED]);
      const sockets = () => globSync(join(home.root, "run/*/*.http.sock"));
      await waitUntil("the server has ended", () => sockets().length === 0, { seen: sockets });
    } finally {
      // Without a session, it would end a minute later.
      for (const host of naming(home.root)) kill(host, "SIGKILL");
      home.remove();
    }
  });
});

/** What the loop with curl sees. */
const LOOPED = [
  "made build work",
  "so: y",
  "still 408",
  "one: this is one",
  "two: this is two",
  "shown: Agent: OK",
  "taken away 204",
  "kept: 1",
  "left: build one two",
  ...["build", "one", "two"].map((name) => `ended ${name} 204`),
];
