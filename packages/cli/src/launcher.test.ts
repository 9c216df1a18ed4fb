import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { launcher, run, runCli } from "../test/run-cli.ts";

describe("the launcher", () => {
  let folder = "";
  let copy = "";
  const program = (path: string, text: string) => {
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  /** A PATH with a `node` of that version that says what it was asked to run. */
  const pathWithNode = (version: string): string => {
    const bin = join(folder, `bin-${version}`);
    mkdirSync(bin, { recursive: true });
    program(join(bin, "node"), `[ "$1" = -p ] && { echo ${version}; exit; }\necho "path $*"`);
    return `${bin}:/usr/bin:/bin`;
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "fleetty-launcher-"));
    copy = join(folder, "app/packages/cli/bin/fleetty");
    mkdirSync(join(folder, "app/packages/cli/bin"), { recursive: true });
    copyFileSync(launcher, copy);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is a POSIX shell program", () => {
    assert.match(readFileSync(launcher, "utf8"), /^#!\/bin\/sh\n/);
  });

  it("runs through symbolic links, from any folder", async () => {
    const link = join(folder, "fleetty-link");
    symlinkSync(launcher, link);
    const again = join(folder, "again");
    symlinkSync("fleetty-link", again);
    assert.match((await run(again, ["--version"])).stdout, /^fleetty \d/);
    const { stdout } = await run("/bin/sh", ["-c", `cd ${folder} && ./again --version`]);
    assert.match(stdout, /^fleetty \d/);
  });

  it("begins as wsh where that is the name of a link to it, whatever the link leads over", async () => {
    const link = join(folder, "wsh");
    symlinkSync(launcher, link);
    assert.match((await run(link, ["--help"])).stdout, /^wsh, by fleetty/);
    const { stdout } = await run("/bin/sh", ["-c", `cd ${folder} && PATH=.:$PATH && wsh --help`]);
    assert.match(stdout, /^wsh, by fleetty/);
  });

  it("takes a Node on PATH that is new enough when none is installed beside it", async () => {
    const { stdout } = await run(copy, ["ls"], { env: { PATH: pathWithNode("26.1.0"), HOME: folder } });
    assert.equal(stdout, `path ${folder}/app/packages/cli/src/main.ts ls\n`);
  });

  it("refuses a Node that is too old, and says what to do", async () => {
    const { code, stderr } = await run(copy, ["ls"], { env: { PATH: pathWithNode("20.20.2") } });
    assert.equal(code, 1);
    assert.equal((await run(copy, ["ls"], { env: { PATH: pathWithNode("26.0.9") } })).code, 1);
    assert.match(stderr, /needs Node 26\.1 or newer and found Node 20\.20\.2.*npm install/);
  });

  it("refuses when there is no Node at all", async () => {
    const bin = join(folder, "no-node");
    mkdirSync(bin, { recursive: true });
    symlinkSync("/usr/bin/readlink", join(bin, "readlink"));
    const { code, stderr } = await run(copy, ["ls"], { env: { PATH: bin } });
    assert.equal(code, 1);
    assert.match(stderr, /no Node on PATH/);
  });

  it("prefers the Node that is installed with it", async () => {
    const bin = join(folder, "app/node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    program(join(bin, "node"), 'echo "pinned $*"');
    const { stdout } = await run(copy, ["ls"], { env: { PATH: pathWithNode("30.0.0"), HOME: folder } });
    rmSync(join(folder, "app/node_modules"), { recursive: true });
    assert.match(stdout, /^pinned .*main\.ts ls\n$/);
  });

  it("keeps compiled code in a folder that is the user's own", async () => {
    const env = { XDG_CACHE_HOME: join(folder, "cache"), NODE_COMPILE_CACHE: undefined };
    await runCli(["--version"], { env });
    const { stdout } = await run("/usr/bin/stat", ["-c", "%a", join(folder, "cache/fleetty/node")]);
    assert.equal(stdout, "700\n");
  });

  it("hands arguments on as they are", async () => {
    const { stdout } = await run(copy, ["send", "a b", "$x;*", ""], {
      env: { PATH: pathWithNode("26.1.0"), HOME: folder },
    });
    assert.equal(stdout, `path ${folder}/app/packages/cli/src/main.ts send a b $x;* \n`);
  });
});
