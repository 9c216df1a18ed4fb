// A server as programs find it that were written for the wsh API: by their own socket, with the line by which they begin, and
// without it where somebody else has its place.
import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { inHome } from "./harness/folders.ts";
import { ask } from "./harness/http.ts";
import { startServer } from "./harness/server.ts";

describe("the socket for programs written for the wsh API", () => {
  it("is the same server, for its user alone, and goes and comes back with it", async () => {
    await using server = await startServer();
    const { compatSocketPath: socketPath } = server;
    const modes = [socketPath, dirname(socketPath)].map((path) => lstatSync(path).mode & 0o777);
    assert.deepEqual([lstatSync(socketPath).isSocket(), ...modes], [true, 0o600, 0o700]);
    const made = await ask({ socketPath }, { path: "/sessions", body: { name: "build", argv: ["/bin/cat"] } });
    assert.equal(made.status, 201);
    assert.equal((await server.ask({ path: "/sessions/build" })).json.id, made.json.id);
    assert.equal((await ask({ socketPath }, { path: "/server/token" })).json.token, server.token);
    const page = await ask({ socketPath }, { path: "/sessions", headers: { origin: "http://evil.example" } });
    assert.equal(page.json.error.code, "origin_not_allowed");

    await server.kill();
    assert.ok(existsSync(socketPath), "a dead server leaves it");
    await server.start();
    assert.equal((await ask({ socketPath }, { path: "/sessions/build" })).json.id, made.json.id);
    await server.stop();
    assert.equal(existsSync(socketPath), false);
  });

  it("is left out, and said so once, where its folder is not private", async () => {
    await inHome(async (home) => {
      mkdirSync(join(home.root, "run/wsh"));
      chmodSync(join(home.root, "run/wsh"), 0o777);
      await using server = await startServer({ home });
      assert.equal(existsSync(server.compatSocketPath), false);
      assert.equal(server.log.split("no socket for programs written for the wsh API").length, 2, server.log);
    });
  });
});
