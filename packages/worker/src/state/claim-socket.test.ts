// Holds the claim of a socket's path to removing one thing alone: a socket that nobody answers any more.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { FleettyError } from "@fleetty/protocol/errors";
import { claimSocket } from "./claim-socket.ts";

const listenAndWait = 'require("node:net").createServer().listen(process.argv[1], () => console.log("listening"))';

/** Leaves a socket behind as a killed server does. */
async function leaveSocket(path: string): Promise<void> {
  const child = spawn(process.execPath, ["-e", listenAndWait, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.ok(existsSync(path));
}

function occupied(path: string, what: RegExp) {
  return (refusal: FleettyError) => {
    assert.deepEqual([refusal.code, refusal.details], ["forbidden", { reason: "occupied" }]);
    assert.ok(refusal.message.includes(path), refusal.message);
    assert.match(refusal.message, what);
    return true;
  };
}

describe("claiming the path of a socket", () => {
  it("takes a free path as it is", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "http.sock");
    await claimSocket(path);
    assert.ok(!existsSync(path));
  });

  it("removes what a dead server left, so that another can listen", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "http.sock");
    await leaveSocket(path);
    await claimSocket(path);
    await using server = createServer().listen(path);
    await once(server, "listening");
  });

  it("refuses one that is answered, and leaves it answering", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const path = join(folder.path, "http.sock");
    await using server = createServer((socket) => socket.destroy()).listen(path);
    await once(server, "listening");
    await assert.rejects(claimSocket(path), occupied(path, /answered by another process/));
    assert.ok(existsSync(path));
  });

  it("never removes what is no socket: a file, a folder, a link to a dead socket", async () => {
    using folder = mkdtempDisposableSync("/tmp/ft-");
    const at = (name: string) => join(folder.path, name);
    writeFileSync(at("file"), "precious");
    mkdirSync(at("folder"));
    await leaveSocket(at("dead"));
    symlinkSync(at("dead"), at("link"));
    symlinkSync(at("nowhere"), at("dangling"));
    for (const name of ["file", "folder", "link", "dangling"]) {
      await assert.rejects(claimSocket(at(name)), occupied(at(name), /is not a socket/));
      assert.ok(lstatSync(at(name)));
    }
  });
});
