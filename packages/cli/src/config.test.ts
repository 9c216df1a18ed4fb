// Where the command line looks for sockets when its environment does not say it.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { readEnvironment, standInForRuntimeHome } from "./config.ts";

const before = process.env["XDG_RUNTIME_DIR"];
const uid = process.getuid?.() ?? 0;
const own = { kind: "folder", uid, mode: 0o700 } as const;

describe("the folder for sockets of who is started without its variable", () => {
  afterEach(() => {
    delete process.env["XDG_RUNTIME_DIR"];
    if (before !== undefined) process.env["XDG_RUNTIME_DIR"] = before;
  });

  it("is that which the system keeps for the user, if it is private", () => {
    for (const facts of [null, { ...own, uid: uid + 1 }, { ...own, mode: 0o755 }, { ...own, kind: "link" } as const]) {
      delete process.env["XDG_RUNTIME_DIR"];
      standInForRuntimeHome(() => facts);
      assert.equal(readEnvironment().runtimeHome, undefined);
    }
    standInForRuntimeHome(() => own);
    assert.equal(readEnvironment().runtimeHome, `/run/user/${uid}`);
  });

  it("is the one that is given, where one is", () => {
    process.env["XDG_RUNTIME_DIR"] = "/given";
    standInForRuntimeHome(() => own);
    assert.equal(readEnvironment().runtimeHome, "/given");
  });
});
