// Names and tags of sessions, through the real binary: by HTTP, command line and client, with watchers, and over crashes.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { assertRefused } from "./harness/refused.ts";
import { type CommandResult, startServer, type TestServer } from "./harness/server.ts";
import { RawViewer } from "./harness/viewer.ts";
import { waitUntil } from "./harness/wait-until.ts";

const cat = { argv: ["/bin/cat"] };

let server: TestServer;

before(async () => {
  server = await startServer();
});

after(() => server[Symbol.asyncDispose]());

async function create(name: string, tags: readonly string[] = []): Promise<string> {
  const { json } = await server.ask({ path: "/sessions", body: { name, tags, ...cat } });
  return json.id;
}

const patch = (session: string, body: object) => server.ask({ method: "PATCH", path: `/sessions/${session}`, body });
const nameOf = async (id: string): Promise<string> => (await server.ask({ path: `/sessions/${id}` })).json.name;
const tagsOf = async (id: string): Promise<string> => (await server.ask({ path: `/sessions/${id}` })).json.tags.join();

describe("a session's other name", () => {
  it("leaves whoever watches it where it is, and is what a wait under way answers with", async () => {
    const id = await create("watched");
    const viewer = await RawViewer.open(server.socketPath, "watched");
    const waiting = server.ask({
      path: "/sessions/watched/wait",
      body: { until: { pattern: { regex: "still here", on: "output" } }, since: { offset: 0 } },
    });
    const changed = await patch("watched", { name: "renamed", add_tags: ["x"] });
    assert.deepEqual([changed.status, changed.json.name, changed.json.clients], [200, "renamed", 1]);
    await server.ask({ path: "/sessions/renamed/input", body: "still here\n" });
    await viewer.until("it sees what is typed under the new name", ({ text }) => text.includes("still here"));
    assert.equal((await waiting).json.session, "renamed");
    viewer.close();
    assert.equal(await nameOf(id), "renamed");
  });

  it("is kept by kill -9 right after the answer, and by the session's end", async () => {
    const id = await create("crash", ["a"]);
    for (const name of ["crash-1", "crash-2"]) {
      assert.equal((await patch(id, { name, add_tags: [name] })).status, 200);
      await server.kill();
      await server.start();
      assert.deepEqual(
        [await nameOf(id), await tagsOf(id)],
        [name, name === "crash-1" ? "a,crash-1" : "a,crash-1,crash-2"],
      );
    }
    assertRefused(await server.ask({ path: "/sessions/crash" }), "session_not_found");
    await server.ask({ path: "/sessions/crash-2/input", body: "\x04" });
    await server.ask({ path: `/sessions/${id}/wait`, body: { until: { exit: true } } });
    await waitUntil("it has ended under its name", async () => {
      const { json } = await server.ask({ path: "/sessions/crash-2" });
      return json.state === "exited" && json.id === id;
    });
  });

  it("is never half there, however often the server is killed while it is given", async () => {
    const id = await create("n0", ["t0"]);
    for (let round = 1; round <= 5; round += 1) {
      const asked = patch(id, { name: `n${round}`, add_tags: [`t${round}`], remove_tags: [`t${round - 1}`] });
      const answered = asked.then(
        ({ status }) => status === 200,
        () => false,
      );
      if (round % 2 === 0) await answered;
      await server.kill();
      await server.start();
      const now = Number((await nameOf(id)).slice(1));
      assert.equal(await tagsOf(id), `t${now}`);
      assert.ok(now === round || !(await answered), `${now} after the answer of ${round}`);
      await patch(id, { name: `n${round}`, add_tags: [`t${round}`], remove_tags: [`t${now}`] });
    }
  });

  it("is one session's alone when two ask for it at once", async () => {
    const ids = [await create("one"), await create("two")];
    const both = await Promise.all(ids.map((id) => patch(id, { name: "both-want" })));
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
    assertRefused(both.find(({ status }) => status === 409) as (typeof both)[0], "session_name_conflict");
    const names = await Promise.all(ids.map(nameOf));
    assert.equal(names.filter((name) => name === "both-want").length, 1, names.join());
  });
});

describe("the command line", () => {
  const ok = ({ code, stderr, stdout }: CommandResult): string => {
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };

  it("renames a session, and says why it does not", async () => {
    const id = await create("old-name");
    assert.equal(ok(await server.fleetty(["rename", "old-name", "new-name"])), "");
    assert.equal(await nameOf(id), "new-name");
    const refused = await server.fleetty(["rename", "new-name", "new-name"]);
    assert.deepEqual([refused.code, refused.stdout], [5, ""]);
    assert.match(refused.stderr, /already called "new-name".*\[session_name_conflict\]/);
    assert.equal((await server.fleetty(["rename", "new-name"])).code, 2);
    assert.equal((await server.fleetty(["rename", "nobody", "x"])).code, 4);
  });

  it("gives and takes tags by signs and by options, and shows those there are", async () => {
    await create("tagged", ["old", "stays"]);
    assert.equal(ok(await server.fleetty(["tag", "tagged", "+ci", "-old", "+b"])), "b,ci,stays\n");
    assert.equal(ok(await server.fleetty(["tag", "tagged", "--add", "x,y", "--remove=b", "-ci"])), "stays,x,y\n");
    const told = JSON.parse(ok(await server.fleetty(["tag", "tagged", "-x", "-y", "-stays", "--json"])));
    assert.deepEqual([told.name, told.tags], ["tagged", []]);
    assert.equal((await server.fleetty(["tag", "tagged"])).code, 2);
    assert.match((await server.fleetty(["tag", "tagged", "+a b"])).stderr, /\[invalid_tag\]/);
  });

  it("is told by the client's method too", async () => {
    const id = await create("by-client");
    using client = server.client();
    const info = await client.sessions.update({ session: "by-client", name: "by-client-2", add_tags: ["x"] });
    assert.deepEqual([info.id, info.name, info.tags], [id, "by-client-2", ["x"]]);
  });
});

describe("a command for many sessions", () => {
  const lines = ({ stdout }: CommandResult): string[] => stdout.split("\n").filter((line) => line !== "");

  it("says whom it would reach, changes nothing then, and tells of each how it went", async () => {
    const ids = await Promise.all(["m1", "m2"].map((name) => create(name, ["many"])));
    await create("other", ["few"]);
    const dry = await server.fleetty(["kill", "--tag", "many", "--dry-run"]);
    assert.deepEqual([dry.code, lines(dry).toSorted()], [0, ["m1  would be killed", "m2  would be killed"]]);
    const tagged = await server.fleetty(["tag", "--tag", "many,nobody", "+more"]);
    assert.deepEqual([tagged.code, lines(tagged).toSorted()], [0, ["m1  tagged", "m2  tagged"]]);
    assert.deepEqual(await Promise.all(ids.map(tagsOf)), ["many,more", "many,more"]);
    const signalled = await server.fleetty(["signal", "--tag", "many", "WINCH"]);
    assert.deepEqual([signalled.code, lines(signalled).toSorted()], [0, ["m1  signalled", "m2  signalled"]]);
    const killed = await server.fleetty(["kill", "--tag", "many", "--grace-ms", "0"]);
    assert.deepEqual([killed.code, lines(killed).toSorted()], [0, ["m1  killed", "m2  killed"]]);
    const left = (await server.ask({ path: "/sessions" })).json.map(({ name }: { name: string }) => name);
    assert.ok(!left.includes("m1") && !left.includes("m2") && left.includes("other"), left.join());
  });

  it("goes on after a refusal, says which it was, and exits with its code", async () => {
    await create("full", ["round"]);
    await create("empty", ["round"]);
    const most = Array.from({ length: 63 }, (_, n) => `t${n}`);
    await patch("full", { add_tags: most });
    const told = await server.fleetty(["tag", "--tag", "round", "+one-more"]);
    assert.deepEqual([told.code, told.stdout], [2, "empty  tagged\n"]);
    assert.match(told.stderr, /^fleetty: full: .*\[invalid_tag\]\n$/);
    const json = JSON.parse((await server.fleetty(["tag", "--tag", "round", "+two-more", "--json"])).stdout);
    const said = json.map(({ session, ok, error }: Record<string, { code?: string }>) => [session, ok, error?.code]);
    assert.deepEqual(said.toSorted(), [
      ["empty", true, undefined],
      ["full", false, "invalid_tag"],
    ]);
  });

  it("dry-runs on one session that is named, and in JSON", async () => {
    const id = await create("single");
    const dry = await server.fleetty(["kill", "single", "--dry-run"]);
    assert.deepEqual([dry.code, dry.stdout], [0, "single  would be killed\n"]);
    const json = JSON.parse((await server.fleetty(["signal", "single", "KILL", "--dry-run", "--json"])).stdout);
    assert.deepEqual(
      json.map(({ session, id, dry_run }: Record<string, unknown>) => [session, id, dry_run]),
      [["single", id, true]],
    );
    assert.equal((await server.ask({ path: "/sessions/single" })).json.state, "running");
  });

  it("refuses a tag that nobody has, none at all, a session beside it, and a session that is not there", async () => {
    const refusals: [string[], number, RegExp][] = [
      [["kill", "--tag", "nobody"], 4, /no live session carries nobody.*\[session_not_found\]/],
      [["kill", "--tag", ","], 2, /names no tag/],
      [["kill", "other", "--tag", "few"], 2, /does not take "other"/],
      [["kill"], 2, /needs <session>/],
      [["kill", "nobody", "--dry-run"], 4, /\[session_not_found\]/],
      [["signal", "--tag", "few"], 2, /name a signal/],
      [["tag", "--tag", "few"], 2, /name a tag/],
    ];
    for (const [args, code, says] of refusals) {
      const refused = await server.fleetty(args);
      assert.deepEqual([refused.code, refused.stdout], [code, ""], args.join(" "));
      assert.match(refused.stderr, says);
    }
  });
});
