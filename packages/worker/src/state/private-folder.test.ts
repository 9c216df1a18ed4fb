// Holds the folders of sockets and secrets to being the user's own: made closed, and refused when they are not.
import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, mkdtempDisposableSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { factsOf } from "@fleetty/protocol/private-folder";
import { privateFolder } from "./private-folder.ts";

const notPrivate = { code: "forbidden", details: { reason: "not_private" } };

describe("a private folder", () => {
  it("is made with what is missing above it, closed to others", () => {
    using root = mkdtempDisposableSync("/tmp/ft-");
    const path = join(root.path, "state", "fleetty", "default");
    assert.equal(privateFolder(path), path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(privateFolder(path), path, "and taken as it is the next time");
  });

  for (const mode of [0o750, 0o705, 0o770, 0o701, 0o1777]) {
    it(`is refused with mode ${mode.toString(8)}`, () => {
      using root = mkdtempDisposableSync("/tmp/ft-");
      const path = join(root.path, "run");
      mkdirSync(path);
      chmodSync(path, mode);
      assert.throws(() => privateFolder(path), { ...notPrivate, message: new RegExp(path) });
      assert.equal(statSync(path).mode & 0o7777, mode, "and left as it is");
    });
  }

  it("is refused as a link, wherever that leads", () => {
    using root = mkdtempDisposableSync("/tmp/ft-");
    mkdirSync(join(root.path, "own"), { mode: 0o700 });
    symlinkSync(join(root.path, "own"), join(root.path, "run"));
    assert.throws(() => privateFolder(join(root.path, "run")), notPrivate);
  });

  it("cannot be a file", () => {
    using root = mkdtempDisposableSync("/tmp/ft-");
    writeFileSync(join(root.path, "run"), "");
    assert.throws(() => privateFolder(join(root.path, "run")));
  });

  it("tells the four kinds of what may stand there apart", async () => {
    using root = mkdtempDisposableSync("/tmp/ft-");
    const at = (name: string) => join(root.path, name);
    writeFileSync(at("file"), "");
    symlinkSync(at("file"), at("link"));
    const server = createServer().listen(at("socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const kinds = ["file", "link", "socket", ""].map((name) => factsOf(lstatSync(at(name))).kind);
    server.close();
    assert.deepEqual(kinds, ["other", "link", "socket", "folder"]);
  });
});
