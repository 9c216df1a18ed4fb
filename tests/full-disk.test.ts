// A server whose state folder is on a full disk: it refuses what it could not keep, loses nothing of what lives and what
// ended meanwhile, and is whole again when there is room.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeHome } from "./harness/folders.ts";
import type { Answer } from "./harness/http.ts";
import { isAlive, know } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { assertRefused } from "./harness/refused.ts";
import { runFleetty, startServer, type TestServer } from "./harness/server.ts";
import { SmallDisk, whyNoDisk } from "./harness/small-disk.ts";
import { waitUntil } from "./harness/wait-until.ts";

const skip = whyNoDisk();

/** Room for a server's own files, and none for what a session leaves that has printed at length. */
const LITTLE_BYTES = 400 * 1024;
/** Less than a terminal takes in one line (4096, termios(3)). */
const LINE_BYTES = 4_000;

interface Place {
  readonly server: TestServer;
  readonly disk: SmallDisk;
}

/** Runs `story` with a server whose lasting files are on a small disk of their own. */
async function onSmallDisk(story: (place: Place) => Promise<void>): Promise<void> {
  const home = makeHome();
  try {
    using disk = new SmallDisk(join(home.root, "state"));
    await using server = await startServer({ home });
    try {
      await story({ server, disk });
    } finally {
      if (existsSync(join(home.root, "state/filler"))) disk.makeRoom();
    }
  } finally {
    home.remove();
  }
}

const create = (server: TestServer, name: string): Promise<Answer> =>
  server.ask({ path: "/sessions", body: { name, argv: [fixture("say")] } });

async function startSession(server: TestServer, name: string): Promise<string> {
  const { status, json } = await create(server, name);
  assert.equal(status, 201, JSON.stringify(json));
  await server.ask({ path: `/sessions/${name}/wait`, body: waitFor("ready", { offset: 0 }) });
  return json.id;
}

const waitFor = (regex: string, since: object) => ({ since, until: { pattern: { regex, on: "output" } } });

async function assertEchoes(server: TestServer, session: string, text: string): Promise<void> {
  const { json: since } = await server.ask({ path: `/sessions/${session}/input`, body: Buffer.from(`${text}\n`) });
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body: waitFor(text, since) });
  assert.equal(json.reason, "pattern", JSON.stringify(json));
}

/** Prints more than a little room takes, then its last words. */
async function printAtLength(server: TestServer, session: string): Promise<void> {
  const data = `${"x".repeat(LINE_BYTES)}\n`;
  for (const _ of Array.from({ length: 200 })) {
    await server.ask({ path: `/sessions/${session}/input`, body: Buffer.from(data) });
  }
  await assertEchoes(server, session, "last words");
}

/** Ends by itself with this code. */
async function endWith(server: TestServer, session: string, code: number): Promise<void> {
  await server.ask({ path: `/sessions/${session}/input`, body: Buffer.from(`exit ${code}\n`) });
  const { json } = await server.ask({ path: `/sessions/${session}/wait`, body: { until: { exit: true } } });
  assert.deepEqual([json.reason, json.exit], ["exit", { code }], JSON.stringify(json));
}

/** Passes when all that the session printed can be read, to its end. */
async function assertReadable(server: TestServer, session: string): Promise<void> {
  const path = `/sessions/${session}/output?format=raw&max_bytes=1048576`;
  const { status, body } = await server.ask({ path });
  assert.equal(status, 200, body.subarray(0, 300).toString());
  assert.ok(body.toString().endsWith("last words"), body.subarray(-300).toString());
}

describe("a server on a full disk", { skip }, () => {
  it("refuses new sessions and leaves nothing of them, while those that run go on", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      await startSession(server, "old");
      const before = readdirSync(join(server.stateDir, "sessions"));
      disk.fill();
      for (const name of ["new", "new"]) {
        const { message, details } = assertRefused(await create(server, name), "session_create_failed");
        assert.match(message, /free space in the state folder/);
        assert.equal(details["step"], "record");
      }
      assert.deepEqual(readdirSync(join(server.stateDir, "sessions")), before);
      await assertEchoes(server, "old", "going on");
      const { json } = await server.ask({ path: "/sessions" });
      assert.deepEqual(
        json.map(({ name }: { name: string }) => name),
        ["old"],
      );
      disk.makeRoom();
      await startSession(server, "new");
    });
  });

  it("refuses the first session too, whose host cannot be started", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      disk.fill();
      const { message } = assertRefused(await create(server, "first"), "session_create_failed");
      assert.match(message, /free space in the state folder/);
      disk.makeRoom();
      await startSession(server, "first");
      assert.equal(readdirSync(join(server.stateDir, "hosts")).length, 1, "a host that never was left its folder");
    });
  });

  it("keeps what ended in its host until there is room, whatever else ends meanwhile", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      const id = await startSession(server, "long");
      await startSession(server, "short");
      await printAtLength(server, "long");
      disk.fill({ leaveBytes: LITTLE_BYTES });
      await endWith(server, "long", 3);
      // What is let go with the end of another is not what no disk has.
      await endWith(server, "short", 4);
      const kept = (session: string) => existsSync(join(server.stateDir, "sessions", session, "exit.json"));
      assert.ok(!kept(id), "there was room for it");
      await assertReadable(server, "long");
      disk.makeRoom();
      await waitUntil("its end is on the disk", () => kept(id));
      await assertReadable(server, "long");
      const [host] = server.hosts();
      await server.fleetty(["session-host", "stop"]);
      await waitUntil("the host has let go of it", () => host && !isAlive(host));
      await assertReadable(server, "long");
    });
  });

  it("finds what the host still keeps when it was killed and started again", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      const id = await startSession(server, "long");
      await startSession(server, "lives");
      await printAtLength(server, "long");
      disk.fill({ leaveBytes: LITTLE_BYTES });
      await endWith(server, "long", 3);
      await server.kill();
      await server.start();
      const kept = join(server.stateDir, "sessions", id, "exit.json");
      assert.ok(!existsSync(kept), "there was room for it");
      const { json } = await server.ask({ path: "/sessions/long" });
      assert.deepEqual([json.state, json.exit], ["exited", { code: 3 }]);
      await assertReadable(server, "long");
      assert.equal((await server.ask({ path: "/sessions/long/screen" })).status, 200);
      await assertEchoes(server, "lives", "going on");
      disk.makeRoom();
      await waitUntil("its end is on the disk", () => existsSync(kept));
      await assertReadable(server, "long");
    });
  });

  it("cannot be started, says so, and starts again when there is room, with every session", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      await startSession(server, "lives");
      await server.kill();
      disk.fill();
      const refused = await runFleetty(["server"], { home: server.home });
      assert.deepEqual([refused.code, refused.stdout], [8, ""], refused.stderr);
      assert.match(refused.stderr, /full.*\[not_ready\]/);
      disk.makeRoom();
      await server.start();
      await assertEchoes(server, "lives", "going on");
    });
  });

  it("goes on in the background when its log cannot be written", async () => {
    await onSmallDisk(async ({ server, disk }) => {
      await server.stop();
      assert.equal((await server.fleetty(["server", "start"])).code, 0);
      const [ready = ""] = readFileSync(join(server.stateDir, "server.log"), "utf8").split("\n");
      const background = know(JSON.parse(ready).pid);
      try {
        await startSession(server, "lives");
        // Each end is a line of the log: together more than what is left in the last page of the file.
        const ending = Array.from({ length: 20 }, (_, at) => `ending-${at}`);
        for (const name of ending) await startSession(server, name);
        disk.fill();
        for (const name of ending) await endWith(server, name, 3);
        const log = readFileSync(join(server.stateDir, "server.log"), "utf8");
        assert.ok(log.split("could not be recorded").length <= ending.length, "the log could be written");
        await assertEchoes(server, "lives", "going on");
        disk.makeRoom();
        await startSession(server, "new");
      } finally {
        await server.fleetty(["stop"]);
      }
      await waitUntil("it has gone", () => background && !isAlive(background));
    });
  });
});
