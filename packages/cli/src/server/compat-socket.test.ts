// Where a server may listen for programs written for the wsh API, and that it does without, and says so once, wherever it may
// not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempDisposableSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { type RuntimePaths, runtimePaths } from "@fleetty/protocol/runtime-paths";
import { pino } from "pino";
import { claimCompatSocket } from "./compat-socket.ts";

interface Place {
  readonly paths: RuntimePaths;
  readonly folder: string;
  /** What is claimed there, and what was logged meanwhile. */
  claim(hasCompatSocket?: boolean): Promise<{ path: string | null; logged: readonly { reason: string }[] }>;
}

async function inPlace(story: (place: Place) => Promise<void>): Promise<void> {
  using root = mkdtempDisposableSync("/tmp/ft-");
  const paths = runtimePaths({ instance: "default", uid: 1, home: "/", runtimeHome: root.path });
  const claim: Place["claim"] = async (hasCompatSocket = true) => {
    const logged: { reason: string }[] = [];
    const log = pino({}, { write: (line) => logged.push(JSON.parse(line)) });
    return { path: await claimCompatSocket({ paths, hasCompatSocket }, log), logged };
  };
  await story({ paths, folder: dirname(paths.compatSocket), claim });
}

async function assertDoesWithout({ claim }: Place, because: RegExp): Promise<void> {
  const { path, logged } = await claim();
  assert.equal(path, null);
  assert.equal(logged.length, 1);
  assert.match(logged[0]?.reason ?? "", because);
}

describe("the socket for programs written for the wsh API", () => {
  it("is in a folder that is made private, without a word", async () => {
    await inPlace(async ({ paths, folder, claim }) => {
      assert.deepEqual(await claim(), { path: paths.compatSocket, logged: [] });
      assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    });
  });

  it("is left out where it is not wanted, without a word and without a folder", async () => {
    await inPlace(async ({ folder, claim }) => {
      assert.deepEqual(await claim(false), { path: null, logged: [] });
      assert.equal(existsSync(folder), false);
    });
  });

  it("is left out where its folder is open to others, leads elsewhere, or is none; which stays as it is", async () => {
    await inPlace(async (place) => {
      mkdirSync(place.folder);
      chmodSync(place.folder, 0o755);
      await assertDoesWithout(place, /open to others/);
      assert.equal(lstatSync(place.folder).mode & 0o777, 0o755);
    });
    await inPlace(async (place) => {
      mkdirSync(`${place.folder}-elsewhere`, { mode: 0o700 });
      symlinkSync(`${place.folder}-elsewhere`, place.folder);
      await assertDoesWithout(place, /symbolic link/);
      assert.ok(lstatSync(place.folder).isSymbolicLink());
    });
    await inPlace(async (place) => {
      writeFileSync(place.folder, "precious");
      await assertDoesWithout(place, /wsh/);
      assert.ok(lstatSync(place.folder).isFile());
    });
  });

  it("is left out where a file stands, or another process answers; which goes on answering", async () => {
    await inPlace(async (place) => {
      mkdirSync(place.folder, { mode: 0o700 });
      writeFileSync(place.paths.compatSocket, "precious");
      await assertDoesWithout(place, /is not a socket.*--no-compat-socket/);
      assert.ok(lstatSync(place.paths.compatSocket).isFile());
    });
    await inPlace(async (place) => {
      mkdirSync(place.folder, { mode: 0o700 });
      await using other = createServer((socket) => socket.destroy()).listen(place.paths.compatSocket);
      await once(other, "listening");
      await assertDoesWithout(place, /answered by another process/);
      assert.ok(existsSync(place.paths.compatSocket));
    });
  });

  it("takes the place of one that nobody answers any more", async () => {
    await inPlace(async ({ paths, folder, claim }) => {
      mkdirSync(folder, { mode: 0o700 });
      const listening = 'require("node:net").createServer().listen(process.argv[1], () => console.log("listening"))';
      const dead = spawn(process.execPath, ["-e", listening, paths.compatSocket], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await once(dead.stdout, "data");
      dead.kill("SIGKILL");
      await once(dead, "exit");
      assert.deepEqual(await claim(), { path: paths.compatSocket, logged: [] });
      assert.equal(existsSync(paths.compatSocket), false);
    });
  });
});
