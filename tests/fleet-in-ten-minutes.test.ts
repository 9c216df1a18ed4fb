// Builds a fleet as docs/operating.md says, by the blocks of the document as they stand there and in its order, on two machines:
// folders of their own on one host, so that names, ports and the copying of a file are all that is told otherwise.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Home, makeHome } from "./harness/folders.ts";
import { freePort } from "./harness/free-port.ts";
import { block, replaced } from "./harness/operating.ts";
import { isAlive, naming } from "./harness/processes.ts";
import { LAUNCHER, startServer, type TestServer } from "./harness/server.ts";
import { waitUntil } from "./harness/wait-until.ts";

const SECTION = "A fleet in ten minutes";

/** Types it at a shell of that machine, in its home folder. Resolves with what it prints; rejects when a line fails. */
function types(home: Home, script: string): Promise<string> {
  const folder = home.env["HOME"] as string;
  const PATH = `${dirname(LAUNCHER)}:${process.env["PATH"]}`;
  const env = { ...home.env, XDG_CONFIG_HOME: join(folder, ".config"), PATH };
  return new Promise((resolve, reject) => {
    execFile("sh", ["-ec", script], { env, cwd: folder, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

describe("a fleet, by docs/operating.md", () => {
  let build: Home;
  let hub: TestServer;
  let address: string;

  before(async () => {
    build = makeHome();
    mkdirSync(join(build.env["HOME"] as string, ".config"));
    hub = await startServer({ args: ["--hostname", "hub-1"] });
    address = `127.0.0.1:${await freePort()}`;
  });
  after(async () => {
    await hub?.[Symbol.asyncDispose]();
    const hosts = naming(`--state ${build.stateDir("default")}`);
    await types(build, "fleetty stop --end-sessions");
    await waitUntil("nothing is left of it", () => !hosts.some(isAlive), { seen: () => hosts });
    build.remove();
  });

  const token = () => join(build.env["HOME"] as string, "hub.token");

  it("has on each machine a server, and a token that is its user's alone", async () => {
    const own = { "[server]": '[server]\nhostname = "build-1"', "0.0.0.0:7337": address };
    await types(build, replaced(block(SECTION, "sh", "tokens add"), own));
    assert.equal(statSync(token()).mode & 0o777, 0o600);
  });

  it("is told of it, and knows it a moment later", async () => {
    const other = { "scp build-1:hub.token": `cp ${token()}`, "build-1:7337": address };
    const listed = await types(hub.home, replaced(block(SECTION, "sh", "servers add"), other));
    assert.match(listed, /^SERVER .*\nhub-1 .*\n.*role=build/m);
    const is = async () => /^build-1 +healthy /m.test(await types(hub.home, "fleetty servers ls"));
    await waitUntil("it is healthy", is, { seen: () => types(hub.home, "fleetty servers ls") });
  });

  it("makes sessions there, and shows them wherever it is asked", async () => {
    const said = await types(hub.home, block(SECTION, "sh", "top --once"));
    assert.match(said, /^build-1\/compile\nbuild-1\/shell\n/);
    assert.match(said, /^build-1 +shell +running +/m);
    assert.match(said, /^fleetty top {2}hub-1 {2}2 servers: 2 healthy {2}2 sessions/m);
  });

  it("lets go of it, empty", async () => {
    const said = await types(hub.home, block(SECTION, "sh", "servers rm"));
    assert.match(said, /^build-1 {2}cordoned\n/);
    assert.deepEqual(said.match(/^\S+ {2}killed$/gm)?.toSorted(), ["compile  killed", "shell  killed"]);
    assert.doesNotMatch(await types(hub.home, "fleetty servers ls"), /build-1/);
    assert.equal(await types(build, "fleetty ls --json"), "[]\n");
  });
});
