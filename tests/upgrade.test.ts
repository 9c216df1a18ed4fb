// Another release of the program takes the place of the one that runs: what lives goes on where it is, what is new begins in
// a session host of the new release, and the old one leaves with its last session. No release ends a session.
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { hostOf, processOf, seenHosts } from "./harness/hosts.ts";
import { isAlive, kill } from "./harness/processes.ts";
import { fixture } from "./harness/programs.ts";
import { installRelease } from "./harness/release.ts";
import { LAUNCHER, startServer, TestServer } from "./harness/server.ts";
import { TestSession } from "./harness/session.ts";
import { waitUntil } from "./harness/wait-until.ts";

const OTHER = "0.0.9";

function say(server: TestServer, name: string): Promise<TestSession> {
  return TestSession.start(server.socketPath, name, { argv: [fixture("say")], ready: "ready" });
}

/** Starts one release, then, after `begin`, the other one in its place. */
async function replaced(direction: "up" | "down", begin: (server: TestServer) => Promise<unknown>) {
  const server = new TestServer({});
  const other = installRelease(join(server.home.root, "other"), OTHER);
  const [before, after] = direction === "up" ? [other, LAUNCHER] : [LAUNCHER, other];
  server.launcher = before;
  try {
    await server.start();
    const begun = (await server.ask({ path: "/server/info" })).json.version;
    await begin(server);
    await server.stop();
    server.launcher = after;
    await server.start();
    return { server, begun, now: (await server.ask({ path: "/server/info" })).json.version };
  } catch (thrown) {
    server.abandon();
    throw thrown;
  }
}

for (const [sentence, direction] of [
  ["an upgrade", "up"],
  ["a step back to an older release", "down"],
] as const) {
  describe(sentence, () => {
    it("leaves sessions where they are until the last has ended, and begins others in a host of its own", async () => {
      const sessions: TestSession[] = [];
      const { server, begun, now } = await replaced(direction, async (old) => {
        for (const name of ["one", "two"]) sessions.push(await say(old, name));
      });
      await using _ = server;
      const [one, two] = sessions as [TestSession, TestSession];
      assert.notEqual(begun, now);
      const old = await hostOf(server, "one");
      assert.deepEqual([old.version, old.sessions.toSorted()], [begun, ["one", "two"]]);
      await waitUntil("the old host retires", async () => (await hostOf(server, "one")).retiring);

      const three = await say(server, "three");
      const fresh = await hostOf(server, "three");
      assert.deepEqual([fresh.version, fresh.retiring, fresh.sessions], [now, false, ["three"]]);
      const { session_hosts } = (await server.ask({ path: "/server/info" })).json;
      const told = session_hosts.map((host: Record<string, unknown>) => [
        host["id"],
        host["sessions"],
        host["retiring"],
      ]);
      assert.deepEqual(
        told.toSorted(([, a]: [string, number], [, b]: [string, number]) => b - a),
        [
          [old.id, 2, true],
          [fresh.id, 1, false],
        ],
      );
      const { stdout } = await server.fleetty(["session-host", "status"]);
      assert.match(stdout, new RegExp(`^${old.id} .*version ${begun} .*retiring  (one two|two one)$`, "m"));

      const process = await processOf(server, "one");
      await two.kill();
      await one.type("still here\n");
      await one.shows("still here");
      assert.ok(isAlive(process), "it stays for its last session");
      await one.type("exit 3\n");
      await waitUntil("it leaves with its last session", () => !isAlive(process));
      assert.deepEqual((await one.info()).exit, { code: 3 });
      await three.type("undisturbed\n");
      await three.shows("undisturbed");
      assert.deepEqual(
        (await seenHosts(server)).map(({ id }) => id),
        [fresh.id],
      );
    });
  });
}

describe("a session host of another release without sessions", () => {
  it("leaves when the server finds it", async () => {
    const { server } = await replaced("up", async (old) => (await say(old, "over")).kill());
    await using _ = server;
    await waitUntil("no host is left", () => server.hosts().length === 0, { seen: () => server.log });
  });
});

describe("a session host that is told by a signal to leave", () => {
  it("gets no new sessions, keeps those that it has, and is known for it by the next server too", async () => {
    await using server = await startServer();
    const old = await say(server, "old");
    const process = await processOf(server, "old");
    kill(process, "SIGTERM");
    await waitUntil("it retires", async () => {
      const { session_hosts } = (await server.ask({ path: "/server/info" })).json;
      return session_hosts[0].retiring;
    });
    await say(server, "new");
    assert.notEqual((await hostOf(server, "new")).id, (await hostOf(server, "old")).id);
    await server.kill();
    assert.equal((await hostOf(server, "old")).retiring, true);
    await server.start();
    await say(server, "next");
    assert.deepEqual((await hostOf(server, "old")).sessions, ["old"]);
    await old.type("exit 0\n");
    await waitUntil("it leaves", () => !isAlive(process));
  });
});
