// The link by which fleetty is called `wsh`: made, led elsewhere and removed, and never in the place of anything else.
import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeLink, removeLink } from "./command-link.ts";

const TARGET = "/opt/fleetty/packages/cli/bin/fleetty";

function inFolder(story: (folder: string) => void): void {
  using folder = mkdtempDisposableSync("/tmp/ft-");
  story(folder.path);
}

describe("the command wsh", () => {
  it("is made, with its folder, and the same again when it is there", () => {
    inFolder((folder) => {
      const path = join(folder, "local/bin/wsh");
      assert.equal(makeLink({ path, target: TARGET }), "linked");
      assert.equal(readlinkSync(path), TARGET);
      assert.equal(makeLink({ path, target: TARGET }), "unchanged");
    });
  });

  it("is led to this installation from another one, even from one that is gone", () => {
    inFolder((folder) => {
      const path = join(folder, "wsh");
      symlinkSync("/gone/bin/fleetty", path);
      assert.equal(makeLink({ path, target: TARGET }), "updated");
      assert.equal(readlinkSync(path), TARGET);
      assert.deepEqual(readdirSync(folder), ["wsh"]);
    });
  });

  it("is removed, and nothing is where there was none", () => {
    inFolder((folder) => {
      const path = join(folder, "wsh");
      makeLink({ path, target: TARGET });
      assert.equal(removeLink({ path }), "removed");
      assert.equal(existsSync(path), false);
      assert.equal(removeLink({ path }), "absent");
    });
  });

  it("never takes the place of another program, a folder, or a link to one, and never removes them", () => {
    const kinds: Readonly<Record<string, (path: string) => void>> = {
      program: (path) => writeFileSync(path, "precious"),
      folder: (path) => mkdirSync(path),
      link: (path) => symlinkSync("/usr/bin/wsh-of-somebody", path),
    };
    for (const put of Object.values(kinds)) {
      inFolder((folder) => {
        const path = join(folder, "wsh");
        put(path);
        const was = lstatSync(path).ino;
        const refusal = { code: "forbidden", details: { reason: "occupied" }, message: /wsh is no link of fleetty's/ };
        assert.throws(() => makeLink({ path, target: TARGET }), refusal);
        assert.throws(() => removeLink({ path }), refusal);
        assert.equal(lstatSync(path).ino, was);
      });
    }
  });

  it("is refused by name where its folder is none", () => {
    inFolder((folder) => {
      writeFileSync(join(folder, "file"), "precious");
      const path = join(folder, "file/wsh");
      assert.throws(() => makeLink({ path, target: TARGET }), { code: "invalid_request", message: /another --dir/ });
      assert.equal(readFileSync(join(folder, "file"), "utf8"), "precious");
    });
  });
});
